//! The crawler's copy of trackings, and the targets they keep going.

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use db::SystemTx;
use domain::source::Source;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use super::cadences::{self, StoredCadence, StoredCadences};
use super::{lease, payers, progress, statement};
use crate::rules::cadence::{Cadence, Plan};
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
    /// Seconds between two looks that it asks for, on average.
    pub interval_seconds: i32,
    /// All that it asks for, unless the interval says it.
    pub cadence: Option<Cadence>,
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
    id: i64,
    round: i64,
    interval_seconds: Option<i32>,
    cadences: Option<StoredCadences>,
    own_interval: Option<i32>,
    low_stock: bool,
    next_due_at: Option<DateTime<Utc>>,
    priority: i16,
    leased: bool,
    once: bool,
    waits: bool,
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
    let locked = lock_targets(tx, vec![listing.id]).await?.pop();
    locked.ok_or_else(|| DbErr::RecordNotFound(format!("target {}", listing.id)))
}

/// Locks targets in the order of their ids.
///
/// # Errors
/// When the statement fails.
pub async fn lock_targets(tx: &SystemTx, ids: Vec<i64>) -> Result<Vec<Target>, DbErr> {
    let lock =
        "select id, round, interval_seconds, cadences, own_interval, low_stock, next_due_at, priority,
                       task_id is not null as leased, once, waits_for is not null as waits, attempts,
                       last_crawl_at
                from crawl.target where id = any ($1) order by id for update";
    let rows = TargetRow::find_by_statement(statement(lock, [ids.into()]))
        .all(tx)
        .await?;
    let target = |row: TargetRow| Target {
        id: row.id,
        round: row.round,
        plan: cadences::plan(row.interval_seconds, row.cadences),
        seen: cadences::seen(row.own_interval, row.low_stock),
        next_due_at: row.next_due_at,
        priority: priority::of_number(row.priority),
        leased: row.leased,
        once: row.once,
        waits: row.waits,
        attempts: row.attempts,
        last_crawl_at: row.last_crawl_at,
    };
    Ok(rows.into_iter().map(target).collect())
}

/// Stores the tracking unless a newer or the same version is known; says whether it did. What was deleted stays as a
/// row that is not live, so that an event that comes late does not bring it back. While its tenant is `stopped` it is
/// not live, and it stays known whether it was wanted.
///
/// # Errors
/// When the statement fails.
pub async fn store(tx: &SystemTx, tracking: &Tracking, stopped: bool) -> Result<bool, DbErr> {
    let sql = "insert into crawl.tracking as t (tenant_id, id, target_id, interval_seconds, version, asked, strategy,
                                                cadence, live)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               on conflict (tenant_id, id) do update
                   set interval_seconds = excluded.interval_seconds, version = excluded.version,
                       asked = excluded.asked, live = excluded.live,
                       strategy = excluded.strategy, cadence = excluded.cadence,
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
        json(tracking.cadence.as_ref())?,
        (tracking.live && !stopped).into(),
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
        .and_then(|askers| fair::whose_turn(askers, target.round));
    let Some(payer) = payer else {
        // Whoever has it fetched once pays for that.
        return Ok(());
    };
    let sql = "update crawl.target g set payer_id = $2
               where id = $1 and not exists (select from crawl.tracking t
                                             where t.target_id = g.id and t.tenant_id = g.payer_id and t.live)";
    tx.execute_raw(statement(sql, [target.id.into(), payer.into()]))
        .await?;
    Ok(())
}

/// What the live trackings of a target ask for together.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// When to look.
    pub plan: Plan,
    /// Seconds between two looks of the one that asks most often, on average.
    pub interval_seconds: i32,
}

#[derive(FromQueryResult)]
struct AskedRow {
    interval_seconds: i32,
    cadence: Option<StoredCadence>,
}

/// What the live trackings of the locked target ask for; `None`: there is none.
///
/// # Errors
/// When the statement fails.
pub async fn wanted(tx: &SystemTx, target_id: i64) -> Result<Option<Wanted>, DbErr> {
    let sql = "select distinct interval_seconds, cadence from crawl.tracking where target_id = $1 and live";
    let rows = AskedRow::find_by_statement(statement(sql, [target_id.into()]))
        .all(tx)
        .await?;
    let shortest = rows.iter().map(|row| row.interval_seconds).min();
    let plan = Plan::of(rows.into_iter().map(|row| match row.cadence {
        Some(StoredCadence(cadence)) => cadence,
        None => Cadence::every(row.interval_seconds.unsigned_abs()),
    }));
    Ok(plan.zip(shortest).map(|(plan, interval_seconds)| Wanted {
        plan,
        interval_seconds,
    }))
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

/// Gives the locked target what its trackings ask for and does to it what the rules say.
///
/// # Errors
/// When a statement fails.
pub async fn write_target(
    tx: &SystemTx,
    target: &Target,
    wanted: Option<&Wanted>,
    change: Change,
    traceparent: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let interval_seconds = wanted.map(|wanted| wanted.interval_seconds);
    let cadences = json(wanted.and_then(|wanted| wanted.plan.cadences()))?;
    // An interval of its own belongs to the plan that it came from.
    let own = target
        .seen
        .own_interval
        .filter(|_| wanted.is_some_and(|wanted| wanted.plan.is_adaptive()));
    let own = own.map(cadences::seconds);
    let (due_at, priority, traceparent) = match change {
        Change::Keep => {
            let sql = "update crawl.target set interval_seconds = $2, cadences = $3, own_interval = $4
                       where id = $1
                         and (interval_seconds, cadences, own_interval) is distinct from ($2, $3, $4)";
            let values = [
                target.id.into(),
                interval_seconds.into(),
                cadences,
                own.into(),
            ];
            tx.execute_raw(statement(sql, values)).await?;
            return Ok(());
        }
        Change::First => (Some(now), Priority::High, traceparent),
        Change::Due(at) => (Some(at), Priority::Low, None),
        Change::Stop => (None, Priority::Low, None),
    };
    let stopped = change == Change::Stop;
    let sql = "update crawl.target
               set interval_seconds = $2, cadences = $3, own_interval = $4,
                   next_due_at = $5, priority = $6, traceparent = $7, attempts = 0, round = round + $8::int,
                   -- It has a time of its own again, or none.
                   waits_for = null,
                   -- Whoever tracks it next was told nothing of it.
                   strikes = case when $8 = 1 then 0 else strikes end,
                   troubled_since = case when $8 = 1 then null else troubled_since end
               where id = $1";
    let values = [
        target.id.into(),
        interval_seconds.into(),
        cadences,
        own.into(),
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

/// A `jsonb` value, or null.
fn json(value: Option<&(impl Serialize + ?Sized)>) -> Result<Value, DbErr> {
    let value = value.map(serde_json::to_value).transpose();
    let value = value.map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(value.into())
}
