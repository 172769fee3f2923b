//! Rows of a tenant as lines of JSON.

use futures::TryStreamExt;
use sea_orm::sqlx::{self, AssertSqlSafe};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use super::Parts;
use crate::outbox::Schema;
use crate::{TenantTx, query_error};

/// What never leaves: bytes, and whatever is named like a secret or what is made of one.
const SECRET: &str = "(sha256|hash|sealed|secret|password)|(^|_)token(_|$)|^marks$";

/// A table, or a view, with rows of tenants.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Relation {
    /// Its name in the schema.
    pub name: String,
    /// Columns that stay here.
    pub kept_back: Vec<String>,
}

/// The tables of a schema that have a `tenant_id` and that requests may read, and those of its views that are named, in
/// the order of their names.
///
/// # Errors
/// When the statement fails.
pub async fn relations(
    tx: &TenantTx,
    schema: Schema,
    views: &[&str],
) -> Result<Vec<Relation>, DbErr> {
    let query = sqlx::query(
        "select c.relname::text as name,
                array(select a.attname::text from pg_attribute a
                      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                        and (a.atttypid = 'bytea'::regtype or a.attname ~ $3) order by a.attnum) as kept_back
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and has_table_privilege(c.oid, 'select')
           and (c.relkind in ('r', 'p') and not c.relispartition
                and exists (select from pg_attribute a
                            where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
                or c.relkind = 'v' and c.relname = any($2))
         order by c.relname",
    )
    .bind(schema.as_str())
    .bind(views)
    .bind(SECRET);
    let rows = query.fetch_all(&mut *tx.sqlx().await).await;
    rows.map_err(query_error)?
        .into_iter()
        .map(|row| Relation::from_query_result(&QueryResult::from(row), ""))
        .collect()
}

/// Writes the tenant's rows of a relation that are `shown`, a condition of ours and never of a caller, one JSON object a
/// line, as they come from the database. Row-level security, or the view, says which are the tenant's.
///
/// # Errors
/// When the statement fails, or nobody reads any more.
pub async fn tell_rows(
    tx: &TenantTx,
    schema: Schema,
    relation: &Relation,
    shown: &str,
    parts: &mut Parts,
) -> Result<(), DbErr> {
    let sql = format!(
        "select (to_jsonb(r) - $1::text[])::text from {}.{} r where {shown}",
        schema.as_str(),
        relation.name
    );
    let mut connection = tx.sqlx().await;
    let mut rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql))
        .bind(&relation.kept_back)
        .fetch(&mut *connection);
    while let Some(mut line) = rows.try_next().await.map_err(query_error)? {
        line.push('\n');
        parts.add(&line, 1).await?;
    }
    Ok(())
}
