//! The crawler's copy of trackings, and the targets they keep going.

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use db::SystemTx;
use domain::source::Source;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{lease, payers, progress, statement};
use crate::rules::tracked::{Change, Target};
use crate::rules::{fair, priority};

/// A tracking as its newest event tells it.
#[derive(Debug, Clone)]
pub struct Tracking {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its id.
    pub id: Uuid,
    /// Grows with every change.
    pub version: i64,
    /// False: paused or deleted.
    pub live: bool,
    /// The interval it asks for.
    pub interval_seconds: i32,
    /// What the person chose about reading it.
    pub strategy: Option<String>,
    /// What it tracks.
    pub listing: Listing,
}

/// A listing, as a target needs it.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Its id, allocated by core.
    pub id: i64,
    /// Where it is listed.
    pub source: Source,
    /// Upper-case country code.
    pub marketplace: String,
    /// The source's own id.
    pub external_id: String,
    /// Its page.
    pub url: String,
    /// Set when it is read with a tenant's own credentials.
    pub owner_tenant_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct TargetRow {
    round: i64,
    interval_seconds: Option<i32>,
    priority: i16,
    leased: bool,
    attempts: i16,
    last_crawl_at: Option<DateTime<Utc>>,
}

/// Makes sure that the listing has a target, stopped at first, and locks it.
///
/// # Errors
/// When a statement fails.
pub async fn lock_target(tx: &SystemTx, listing: &Listing) -> Result<Target, DbErr> {
    let insert =
        "insert into crawl.target (id, source, marketplace, external_id, url, owner_tenant_id)
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing";
    let values = [
        listing.id.into(),
        listing.source.as_str().into(),
        listing.marketplace.as_str().into(),
        listing.external_id.as_str().into(),
        listing.url.as_str().into(),
        listing.owner_tenant_id.into(),
    ];
    tx.execute_raw(statement(insert, values)).await?;
    let lock = "select round, interval_seconds, priority, task_id is not null as leased,
                       attempts, last_crawl_at
                from crawl.target where id = $1 for update";
    let row = TargetRow::find_by_statement(statement(lock, [listing.id.into()]))
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(format!("target {}", listing.id)))?;
    Ok(Target {
        id: listing.id,
        round: row.round,
        interval_seconds: row.interval_seconds,
        priority: priority::of_number(row.priority),
        leased: row.leased,
        attempts: row.attempts,
        last_crawl_at: row.last_crawl_at,
    })
}

/// Stores the tracking unless a newer or the same version is known; says whether it did. What was deleted stays as a
/// row that is not live, so that an event that comes late does not bring it back.
///
/// # Errors
/// When the statement fails.
pub async fn store(tx: &SystemTx, tracking: &Tracking) -> Result<bool, DbErr> {
    let sql = "insert into crawl.tracking as t (tenant_id, id, target_id, interval_seconds, version, live, strategy)
               values ($1, $2, $3, $4, $5, $6, $7)
               on conflict (tenant_id, id) do update
                   set interval_seconds = excluded.interval_seconds, version = excluded.version, live = excluded.live,
                       strategy = excluded.strategy,
                       changed_at = case when t.strategy is distinct from excluded.strategy then now()
                                         else t.changed_at end
                   where t.version < excluded.version";
    let values = [
        tracking.tenant_id.into(),
        tracking.id.into(),
        tracking.listing.id.into(),
        tracking.interval_seconds.into(),
        tracking.version.into(),
        tracking.live.into(),
        tracking.strategy.as_deref().into(),
    ];
    Ok(tx
        .execute_raw(statement(sql, values))
        .await?
        .rows_affected()
        == 1)
}

/// Lets somebody who still tracks the locked target pay for its next fetch.
///
/// # Errors
/// When a statement fails.
pub async fn choose_payer(tx: &SystemTx, target: &Target) -> Result<(), DbErr> {
    let askers = payers::askers(tx, vec![target.id]).await?;
    let payer = askers
        .get(&target.id)
        .and_then(|askers| fair::whose_turn(askers, target.round))
        .unwrap_or_default();
    let sql = "update crawl.target g set payer_id = $2
               where id = $1 and not exists (select from crawl.tracking t
                                             where t.target_id = g.id and t.tenant_id = g.payer_id and t.live)";
    tx.execute_raw(statement(sql, [target.id.into(), payer.into()]))
        .await?;
    Ok(())
}

/// The shortest interval that a live tracking of the target asks for.
///
/// # Errors
/// When the statement fails.
pub async fn shortest_interval(tx: &SystemTx, target_id: i64) -> Result<Option<i32>, DbErr> {
    let sql = "select min(interval_seconds) as shortest from crawl.tracking where target_id = $1 and live";
    let row = tx.query_one_raw(statement(sql, [target_id.into()])).await?;
    row.map_or(Ok(None), |row| row.try_get("", "shortest"))
}

/// Reads the locked target by the newest choice of its live trackings. With another strategy the memo goes: what was
/// remembered of the page as one strategy read it says nothing of how another does.
///
/// # Errors
/// When the statement fails.
pub async fn choose_strategy(tx: &SystemTx, target_id: i64) -> Result<(), DbErr> {
    let sql = "with chosen as (
                   select (select strategy from crawl.tracking
                           where target_id = $1 and live and strategy is not null
                           order by changed_at desc, id desc limit 1) as strategy
               )
               update crawl.target t set strategy = chosen.strategy, memo = ''
               from chosen where t.id = $1 and t.strategy is distinct from chosen.strategy";
    tx.execute_raw(statement(sql, [target_id.into()])).await?;
    Ok(())
}

/// Gives the locked target its interval and does to it what the rules say.
///
/// # Errors
/// When a statement fails.
pub async fn write_target(
    tx: &SystemTx,
    target: Target,
    interval_seconds: Option<i32>,
    change: Change,
    traceparent: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let (due_at, priority, traceparent) = match change {
        Change::Keep => {
            let sql = "update crawl.target set interval_seconds = $2
                       where id = $1 and interval_seconds is distinct from $2";
            tx.execute_raw(statement(sql, [target.id.into(), interval_seconds.into()]))
                .await?;
            return Ok(());
        }
        Change::First => (Some(now), Priority::High, traceparent),
        Change::Due(at) => (Some(at), Priority::Low, None),
        Change::Stop => (None, Priority::Low, None),
    };
    let stopped = change == Change::Stop;
    let sql = "update crawl.target
               set interval_seconds = $2, next_due_at = $3, priority = $4, traceparent = $5,
                   attempts = 0, round = round + $6::int,
                   -- Whoever tracks it next was told nothing of it.
                   strikes = case when $6 = 1 then 0 else strikes end,
                   troubled_since = case when $6 = 1 then null else troubled_since end
               where id = $1";
    let values = [
        target.id.into(),
        interval_seconds.into(),
        due_at.into(),
        priority::number(priority).into(),
        traceparent.into(),
        i32::from(stopped).into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    if stopped {
        let waiting_in_vain = vec![lease::untracked(target.id, target.round)];
        progress::record(tx, waiting_in_vain, now).await?;
    }
    if change == Change::First {
        // Dispatchers in other processes hear of it when this commits.
        tx.execute_unprepared(crate::wake::NOTIFY).await?;
    }
    Ok(())
}
