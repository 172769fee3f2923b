//! Dropping what is too old: months of looks, and days that no plan reaches any more.
//!
//! A day is reckoned once, from its looks. So it is only forgotten when those are gone: else a plan that grows, or
//! somebody with a longer one, would find the looks of days that nothing reckons again, and lose them with the month.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Days, NaiveDate, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult};
use uuid::Uuid;

use super::days;
use super::marks::{self, Kept};
use super::months::{Keeper, Month, Standing, month_of};
use crate::State;
use crate::sql::{execute, fetch};

/// Listings whose days are forgotten in one transaction.
const BATCH: i64 = 2_000;

/// Drops the months of looks and the days that are too old by configuration and plans. A month goes in two turns: in the
/// first one readers are told, in the next it is dropped, when nobody reads it any more.
///
/// # Errors
/// When the database fails, or user-service does not say what plans allow: then nothing is dropped.
pub async fn forget(state: &State, now: DateTime<Utc>) -> anyhow::Result<()> {
    let pool = &state.pools().system;
    let keeping = state.keeping();
    let plans = plans(state).await?;
    let longest = plans.values().copied().max().unwrap_or_default();
    let raw_days = keeping.raw_days.min(longest.max(keeping.unwatched_days));
    let today = now.date_naive();
    drop_months(pool, month_of(days_before(today, raw_days))).await?;
    forget_days(pool, &plans, keeping.unwatched_days, today).await?;
    Ok(())
}

/// How many days each tenant that watches anything sees.
async fn plans(state: &State) -> anyhow::Result<BTreeMap<Uuid, u32>> {
    let tx = SystemTx::begin(&state.pools().system).await?;
    let query = sqlx::query_scalar("select distinct tenant_id from catalog.watch");
    let tenants: Vec<Uuid> = query.fetch_all(&mut *tx.sqlx().await).await?;
    drop(tx);
    let mut plans = BTreeMap::new();
    for tenant in tenants {
        let limits = state.plans().of(tenant).await;
        let limits = limits.map_err(|error| anyhow::anyhow!("{error}"));
        let limits = limits.context("ask how long a tenant's plan keeps history")?;
        plans.insert(tenant, limits.retention_days);
    }
    Ok(plans)
}

/// Drops months that end by `limit`: those that readers were told of in an earlier turn. Then tells of those to come.
async fn drop_months(pool: &SystemPool, limit: NaiveDate) -> anyhow::Result<()> {
    let Some(mut keeper) = Keeper::begin(pool).await? else {
        return Ok(());
    };
    let tx = SystemTx::begin(pool).await?;
    let kept = Kept::read(&mut *tx.sqlx().await).await?;
    tx.commit().await?;
    let mut next = None;
    for month in keeper.months().await? {
        let told = kept.raw_from.is_some_and(|from| month.ends_at() <= from);
        if told || month.standing != Standing::Attached {
            drop_month(pool, &mut keeper, month).await?;
        } else if month.end() <= limit && month.end() <= kept.closed_until {
            next = Some(month.ends_at());
        }
    }
    keeper.end().await?;
    if let Some(before) = next {
        let tx = SystemTx::begin(pool).await?;
        marks::tell_gone(&mut *tx.sqlx().await, before).await?;
        tx.commit().await?;
        tracing::info!(%before, "looks before this will be dropped; their days stay");
    }
    Ok(())
}

/// Drops one month, unless there are days in it to reckon first.
async fn drop_month(pool: &SystemPool, keeper: &mut Keeper, month: Month) -> Result<(), DbErr> {
    if month.standing == Standing::Attached && marked(pool, month).await? {
        return Ok(());
    }
    keeper.detach(month).await?;
    // Nobody can add to it any more; what was added just before left its marks.
    if marked(pool, month).await? {
        return keeper.attach(month).await;
    }
    keeper.drop(month).await?;
    metrics::counter!("history_months_dropped_total").increment(1);
    tracing::info!(month = %month.first, "a month of looks is dropped; its days stay");
    Ok(())
}

async fn marked(pool: &SystemPool, month: Month) -> Result<bool, DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    marks::any(&mut connection, month.first, month.end()).await
}

/// Forgets each listing's days that lie before what the longest plan watching it sees, and before all looks.
async fn forget_days(
    pool: &SystemPool,
    plans: &BTreeMap<Uuid, u32>,
    unwatched_days: u32,
    today: NaiveDate,
) -> Result<(), DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let kept = Kept::read(&mut *tx.sqlx().await).await?;
    drop(tx);
    let Some(raw_from) = kept.raw_from.map(|from| from.date_naive()) else {
        return Ok(());
    };
    let whole = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
    let tenants: Vec<Uuid> = plans.keys().copied().collect();
    let days: Vec<i32> = plans.values().map(|days| whole(*days)).collect();
    let (mut after, mut forgotten) = (0, 0);
    loop {
        let tx = SystemTx::begin(pool).await?;
        let mut connection = tx.sqlx().await;
        let query = sqlx::query(KEEP)
            .bind(after)
            .bind(BATCH)
            .bind(&tenants)
            .bind(&days)
            .bind(whole(unwatched_days));
        let keep: Vec<Keep> = fetch(&mut connection, query).await?;
        let Some(last) = keep.last() else { break };
        after = last.listing_id;
        let before = keep.iter().map(|keep| {
            let days = u32::try_from(keep.days).unwrap_or_default();
            (keep.listing_id, days_before(today, days).min(raw_from))
        });
        forgotten += delete(&mut connection, before.collect()).await?;
        drop(connection);
        tx.commit().await?;
    }
    if forgotten > 0 {
        metrics::counter!("history_days_forgotten_total").increment(forgotten);
        tracing::info!(days = forgotten, "days that no plan reaches are forgotten");
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Keep {
    listing_id: i64,
    days: i32,
}

/// How many days are kept of the next listings. What is public is nobody's to lose: that somebody on a small plan begins
/// to watch it must not shorten what an operator imported, or others had watched.
///
/// Parameters: the listing before; how many; tenants; what each one's plan sees; of listings nobody watches.
const KEEP: &str = "
    select s.listing_id,
           coalesce(greatest(max(p.days), case when l.owner_tenant_id is null then $5 end), $5) as days
    from (select listing_id from catalog.listing_state where listing_id > $1 order by listing_id limit $2) s
    join catalog.listing l on l.id = s.listing_id
    left join catalog.watch w on w.listing_id = s.listing_id
    left join unnest($3::uuid[], $4::integer[]) as p (tenant_id, days) on p.tenant_id = w.tenant_id
    group by s.listing_id, l.owner_tenant_id order by s.listing_id";

/// Forgets the days of each listing before a day, and tells how many went.
async fn delete(
    connection: &mut PgConnection,
    before: Vec<(i64, NaiveDate)>,
) -> Result<u64, DbErr> {
    let (listings, before): (Vec<i64>, Vec<NaiveDate>) = before.into_iter().unzip();
    let bars = sqlx::query(FORGET_BARS)
        .bind(&listings)
        .bind(&before)
        .bind(days::metrics());
    execute(connection, bars).await?;
    let days = sqlx::query(FORGET_DAYS).bind(listings).bind(before);
    execute(connection, days).await
}

/// Names the metrics, too: the key has them before the day, and without them all days of a listing are read.
///
/// Parameters: listings; the first days to keep; every metric.
pub const FORGET_BARS: &str = "
delete from catalog.history_bar d
using unnest($1::bigint[], $2::date[]) as k (listing_id, before) cross join unnest($3::smallint[]) as m (metric)
where d.listing_id = k.listing_id and d.metric = m.metric and d.day < k.before";

/// Parameters: listings; the first days to keep.
pub const FORGET_DAYS: &str = "
delete from catalog.history_day d using unnest($1::bigint[], $2::date[]) as k (listing_id, before)
where d.listing_id = k.listing_id and d.day < k.before";

fn days_before(today: NaiveDate, days: u32) -> NaiveDate {
    let day = today.checked_sub_days(Days::new(days.into()));
    // There is no history before this.
    day.unwrap_or(DateTime::UNIX_EPOCH.date_naive())
}
