//! Erasing what is a tenant's, in parts.
//!
//! What has a `tenant_id` goes by the catalog of the database; then the listings that nobody else may see, with all that
//! was ever seen of them; then the spellings of their words. Public listings stay for all.

use std::time::{Duration, Instant};

use db::outbox::Schema;
use db::tenant_data::erase_rows;
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use uuid::Uuid;

use super::store;
use crate::answers::feed;

/// How long one call goes on: well below the deadline of who asks.
const LONGEST: Duration = Duration::from_secs(4);
/// Rows that go in one transaction.
const ROWS: i32 = 5_000;
/// Listings that go in one transaction, when nothing of their history is left.
const LISTINGS: i64 = 100;

/// How far an erasing came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Rows that went.
    pub rows: u64,
    /// Nothing was left at the end.
    pub done: bool,
}

/// Erases for a while, or until nothing is left. Whoever is killed in between leaves the rest to the next call.
///
/// # Errors
/// When the database fails.
pub async fn erase(pool: &SystemPool, tenant_id: Uuid) -> Result<Erased, DbErr> {
    let began = Instant::now();
    let mut rows = 0;
    let done = loop {
        let gone = erase_part(pool, tenant_id).await?;
        rows += gone;
        if gone == 0 {
            break true;
        }
        if began.elapsed() > LONGEST {
            break false;
        }
    };
    if rows > 0 {
        tracing::info!(tenant.id = %tenant_id, rows, done, "a tenant's catalogue is being erased");
    }
    Ok(Erased { rows, done })
}

/// Erases a part in one transaction; nothing: all is gone.
///
/// # Errors
/// When the database fails.
pub async fn erase_part(pool: &SystemPool, tenant_id: Uuid) -> Result<u64, DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let mut gone = erase_rows(&tx, Schema::Catalog, tenant_id, ROWS).await?;
    if gone == 0 {
        gone = erase_listings(&tx, tenant_id).await?;
    }
    if gone == 0 {
        gone = store::forget_spellings(&mut *tx.sqlx().await, tenant_id, ROWS).await?;
    }
    tx.commit().await?;
    Ok(gone)
}

/// A part of the tenant's own listings: first what is many rows a listing, then the listings themselves.
async fn erase_listings(tx: &SystemTx, tenant_id: Uuid) -> Result<u64, DbErr> {
    let mut connection = tx.sqlx().await;
    let ids = store::own_listings(&mut connection, tenant_id, LISTINGS).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let seen = store::forget_seen(&mut connection, &ids, ROWS).await?;
    if seen > 0 {
        return Ok(seen);
    }
    // Whoever stores a look holds the state: it comes before, and goes with the rest, or finds no state any more.
    store::lock_states(&mut connection, &ids).await?;
    while store::forget_seen(&mut connection, &ids, ROWS).await? > 0 {}
    let gone = store::forget_listings(&mut connection, &ids).await?;
    feed::tell_gone(&mut connection).await?;
    Ok(gone)
}
