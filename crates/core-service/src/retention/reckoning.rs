//! From looks to days. What a day comes to is decided by `domain::statistics::Day` and not in SQL: whether something
//! could be bought, which currency counts and what is a gap are rules, and rules exist once. So looks travel here and
//! back as days, in sets; a day of a listing is a few dozen looks, once.

use std::collections::BTreeSet;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use db::{SystemPool, SystemTx};
use domain::statistics::Day;
use sea_orm::DbErr;
use sea_orm::sqlx::{self, PgConnection};

use super::days;
use super::marks::{self, Kept, ListingDay};
use super::months::month_of;
use crate::answers::tell_changed;

/// Listings and days reckoned in one transaction, so that none is long.
const BATCH: i64 = 2_000;
/// How long after its end a day is reckoned: by then the looks that were on their way when it ended have committed, and
/// whatever comes later leaves a mark.
const SETTLED: TimeDelta = TimeDelta::hours(1);
/// One process reckons at a time: a day read earlier must not be written later. An arbitrary constant.
const LOCK: i64 = 0x6461_7973;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reckoned {
    /// Days of listings whose looks had changed.
    pub changed: usize,
    /// Whole days that are over now.
    pub closed: usize,
}

/// Reckons every day that is marked, and every day that is over; several may call it, and one of them works.
///
/// # Errors
/// When the database fails. What is done stays done.
pub async fn reckon(pool: &SystemPool, now: DateTime<Utc>) -> Result<Reckoned, DbErr> {
    let mut done = Reckoned::default();
    loop {
        while let Some(changed) = reckon_marked(pool).await? {
            done.changed += changed;
        }
        if !close_next(pool, now).await? {
            break;
        }
        done.closed += 1;
    }
    let tx = SystemTx::begin(pool).await?;
    let waiting = marks::count(&mut *tx.sqlx().await).await?;
    metrics::gauge!("history_days_waiting").set(waiting as f64);
    Ok(done)
}

/// Takes marks and reckons their days; nothing when there are none, or another process is at it.
async fn reckon_marked(pool: &SystemPool) -> Result<Option<usize>, DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    let mut marked = BTreeSet::new();
    if alone(&mut connection).await? {
        marked = marks::take(&mut connection, BATCH).await?;
        let kept = Kept::read(&mut connection).await?;
        reckon_days(&mut connection, &marked, kept).await?;
        // A month whose dropping began meanwhile may not have been read: then nothing of this is done, and its marks
        // are what keeps it from being dropped.
        let out_of_reach = marks::months_out_of_reach(&mut connection).await?;
        let missed = |(_, day): &ListingDay| out_of_reach.contains(&month_of(*day));
        if marked.iter().any(missed) {
            return Ok(None);
        }
    }
    drop(connection);
    // Even when nothing was done: this lets others be alone.
    tx.commit().await?;
    Ok(Some(marked.len()).filter(|count| *count > 0))
}

/// Reckons the oldest day that is over and not reckoned, for all listings; false when there is none, or another process
/// is at it. Begun anew when it was broken off.
async fn close_next(pool: &SystemPool, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let began = Instant::now();
    let over = (now - SETTLED).date_naive();
    let (mut after, mut listings) = (0, 0);
    loop {
        match close_part(pool, over, after).await? {
            Part::Listings { last, count } => {
                after = last;
                listings += count;
            }
            Part::Nothing => return Ok(false),
            Part::End(day) => {
                let left = (over - day).num_days() - 1;
                metrics::gauge!("history_days_open").set(left as f64);
                if listings > 0 {
                    let duration_ms =
                        u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                    tracing::info!(%day, listings, left, duration_ms, "a day of history is reckoned");
                }
                return Ok(true);
            }
        }
    }
}

/// What became of a part of a day.
enum Part {
    /// So many listings are reckoned, up to the last.
    Listings { last: i64, count: usize },
    /// All of them are.
    End(NaiveDate),
    /// There is nothing to do here.
    Nothing,
}

/// Reckons the next listings of the oldest day that is not reckoned.
async fn close_part(pool: &SystemPool, over: NaiveDate, after: i64) -> Result<Part, DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    let kept = Kept::read(&mut connection).await?;
    let day = kept.closed_until;
    let mut part = Part::Nothing;
    if day < over && alone(&mut connection).await? {
        let due = days::seen_since(&mut connection, day, after, BATCH).await?;
        part = if let Some(last) = due.last() {
            let (last, count) = (*last, due.len());
            let due = due.into_iter().map(|listing| (listing, day)).collect();
            reckon_days(&mut connection, &due, kept).await?;
            Part::Listings { last, count }
        } else {
            marks::close(&mut connection, day).await?;
            Part::End(day)
        };
    }
    drop(connection);
    tx.commit().await?;
    Ok(part)
}

async fn reckon_days(
    connection: &mut PgConnection,
    wanted: &BTreeSet<ListingDay>,
    kept: Kept,
) -> Result<(), DbErr> {
    if wanted.is_empty() {
        return Ok(());
    }
    let seen = days::looks(connection, wanted).await?;
    let mut reckoned: Vec<(ListingDay, Day)> = seen
        .iter()
        .filter_map(|(key, looks)| Some((*key, Day::of(&looks.each())?)))
        .collect();
    // Where looks are gone, those that are there are not all there were.
    let gone = |day: NaiveDate| kept.raw_from.is_some_and(|from| day < from.date_naive());
    let old: BTreeSet<ListingDay> = reckoned
        .iter()
        .map(|(key, _)| *key)
        .filter(|(_, day)| gone(*day))
        .collect();
    if !old.is_empty() {
        let known = days::stored(connection, &old).await?;
        for (key, day) in &mut reckoned {
            if let Some(known) = known.get(key) {
                *day = day.join(known);
            }
        }
    }
    metrics::counter!("history_days_reckoned_total").increment(reckoned.len() as u64);
    days::write(connection, reckoned).await?;
    // What is read of such days are their bars, so answers that were made of them are out of date.
    let told: BTreeSet<i64> = old.iter().map(|(listing, _)| *listing).collect();
    tell_changed(connection, told).await
}

/// Whether this transaction is the only one that reckons, until it ends.
async fn alone(connection: &mut PgConnection) -> Result<bool, DbErr> {
    let query = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)");
    query
        .bind(LOCK)
        .fetch_one(connection)
        .await
        .map_err(db::query_error)
}
