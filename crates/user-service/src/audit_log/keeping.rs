//! Months are made before they begin and dropped when nobody may ask for them any more.

use chrono::{DateTime, TimeDelta, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;

use crate::storage::audit_log;

/// How long before now a line may have happened that comes only now: an event waits in an outbox for three days at most.
const LATE: TimeDelta = TimeDelta::days(7);
/// How long before it begins a month is made: longer than any process is likely to be away.
const AHEAD: TimeDelta = TimeDelta::days(62);

/// Makes sure that whatever is told now has its month.
///
/// # Errors
/// When the database fails.
pub(crate) async fn ensure(pool: &SystemPool, now: DateTime<Utc>) -> Result<(), DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let (first, last) = ((now - LATE).date_naive(), (now + AHEAD).date_naive());
    audit_log::ensure_months(&tx, first, last).await?;
    tx.commit().await
}

/// Makes the months to come and drops those that ended more than `kept` ago.
///
/// # Errors
/// When the database fails.
pub(crate) async fn keep(
    pool: &SystemPool,
    kept: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    ensure(pool, now).await?;
    let tx = SystemTx::begin(pool).await?;
    let dropped = audit_log::drop_months(&tx, (now - kept).date_naive()).await?;
    tx.commit().await?;
    if dropped > 0 {
        tracing::info!(months = dropped, "old months of the audit log dropped");
    }
    Ok(())
}
