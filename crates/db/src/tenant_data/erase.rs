//! Rows of a tenant, gone.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use uuid::Uuid;

use crate::SystemTx;
use crate::outbox::Schema;

/// Deletes at most so many rows of a tenant from every table of the schema that has a `tenant_id`, those that refer to
/// others first; says how many went. Fewer than `most`: none is left.
///
/// # Errors
/// When the statement fails.
pub async fn erase_rows(
    tx: &SystemTx,
    schema: Schema,
    tenant_id: Uuid,
    most: i32,
) -> Result<u64, DbErr> {
    let sql = format!(
        "select {}.erase_tenant_rows($1, $2) as gone",
        schema.as_str()
    );
    let values = [tenant_id.into(), most.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let row = tx.query_one_raw(statement).await?;
    let gone: i64 = row.map_or(Ok(0), |row| row.try_get("", "gone"))?;
    Ok(gone.unsigned_abs())
}
