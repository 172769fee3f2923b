//! The log as one tenant reads it, and who watches what.

use std::collections::HashMap;

use db::{SystemTx, TenantTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::sql::statement;

/// An event of the log, as one tenant may read it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TenantEvent {
    /// Position in the log; the parts of a shared event have the same.
    pub sequence: i64,
    /// Such as `alert.raised`.
    pub kind: String,
    /// The state.
    pub data: Json,
}

/// The tenant's events after `after` and up to `until`, oldest first.
pub async fn between(tx: &TenantTx, after: i64, until: i64) -> Result<Vec<TenantEvent>, DbErr> {
    let sql = "select sequence, kind, data from catalog.tenant_log
               where sequence > $1 and sequence <= $2 order by sequence";
    TenantEvent::find_by_statement(statement(sql, [after.into(), until.into()]))
        .all(tx)
        .await
}

/// Which of the tenants watch which of the listings, by listing.
pub async fn watching(
    tx: &SystemTx,
    listing_ids: Vec<i64>,
    tenants: Vec<Uuid>,
) -> Result<HashMap<i64, Vec<Uuid>>, DbErr> {
    let mut watched: HashMap<i64, Vec<Uuid>> = HashMap::new();
    if listing_ids.is_empty() || tenants.is_empty() {
        return Ok(watched);
    }
    let sql = "select tenant_id, listing_id from catalog.watch
               where tenant_id = any ($2) and listing_id = any ($1)";
    let rows = tx
        .query_all_raw(statement(sql, [listing_ids.into(), tenants.into()]))
        .await?;
    for row in rows {
        let listing_id = row.try_get("", "listing_id")?;
        let tenants = watched.entry(listing_id).or_default();
        tenants.push(row.try_get("", "tenant_id")?);
    }
    Ok(watched)
}
