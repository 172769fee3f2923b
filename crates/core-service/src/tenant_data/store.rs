//! Statements over a tenant's own listings.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use sea_orm::{DbErr, FromQueryResult};
use uuid::Uuid;

use crate::sql::{execute, fetch};

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Some of the tenant's own listings, variants before their parents.
pub async fn own_listings(
    connection: &mut PgConnection,
    tenant_id: Uuid,
    most: i64,
) -> Result<Vec<i64>, DbErr> {
    let query = sqlx::query(
        "select id from catalog.listing where owner_tenant_id = $1 order by parent_id is null, id limit $2",
    );
    let rows: Vec<IdRow> = fetch(connection, query.bind(tenant_id).bind(most)).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What is kept of each look and day, without a key that leads to the listing: (table, its key).
const SEEN: [(&str, &str); 5] = [
    ("history", "listing_id, observed_at"),
    ("history_bar", "listing_id, metric, day"),
    ("history_day", "listing_id, day"),
    ("history_mark", "id"),
    ("shelf_behind", "listing_id"),
];

/// Forgets at most so many looks, days and notes of listings; says how many.
pub async fn forget_seen(
    connection: &mut PgConnection,
    ids: &[i64],
    most: i32,
) -> Result<u64, DbErr> {
    for (table, key) in SEEN {
        let sql = format!(
            "delete from catalog.{table} where ({key}) in (
                 select {key} from catalog.{table} where listing_id = any($1) limit $2)"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(ids).bind(most);
        let gone = execute(connection, query).await?;
        if gone > 0 {
            return Ok(gone);
        }
    }
    Ok(0)
}

/// Locks the listings' states, in the order in which everybody does.
pub async fn lock_states(connection: &mut PgConnection, ids: &[i64]) -> Result<(), DbErr> {
    let query = sqlx::query(
        "select from catalog.listing_state where listing_id = any($1) order by listing_id for update",
    );
    execute(connection, query.bind(ids)).await?;
    Ok(())
}

/// Forgets listings with all that refers to them by a key; says how many.
pub async fn forget_listings(connection: &mut PgConnection, ids: &[i64]) -> Result<u64, DbErr> {
    // Whose watch it may be shows nothing to anybody but the owner, and must not keep the listing.
    let watches = sqlx::query("delete from catalog.watch where listing_id = any($1)").bind(ids);
    execute(connection, watches).await?;
    let query = sqlx::query("delete from catalog.listing where id = any($1)").bind(ids);
    execute(connection, query).await
}

/// Forgets how the words of the tenant's own listings are spelled; says how many.
pub async fn forget_spellings(
    connection: &mut PgConnection,
    tenant_id: Uuid,
    most: i32,
) -> Result<u64, DbErr> {
    let query = sqlx::query(
        "delete from catalog.spelling where owner_tenant_id = $1 and (source, kind, folded) in (
             select source, kind, folded from catalog.spelling where owner_tenant_id = $1 limit $2)",
    );
    execute(connection, query.bind(tenant_id).bind(most)).await
}
