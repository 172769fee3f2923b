//! What a tenant uses of what this service counts.

use db::TenantTx;
use sea_orm::{ConnectionTrait, DbErr, raw_sql};

/// The tenant's people.
///
/// # Errors
/// When the database fails.
pub async fn members(tx: &TenantTx) -> Result<u64, DbErr> {
    let tenant_id = tx.tenant_id();
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select count(*) as members from identity.membership where tenant_id = {tenant_id}"
        ))
        .await?;
    let members: i64 = row.map_or(Ok(0), |row| row.try_get("", "members"))?;
    Ok(members.unsigned_abs())
}
