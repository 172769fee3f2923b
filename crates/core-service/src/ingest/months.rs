//! Partitions of history, made before rows need them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Datelike, Months as MonthCount, NaiveDate, TimeDelta, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::{DbErr, sqlx};

use crate::sql::execute;

/// How many months beyond the current one always exist.
const AHEAD: u32 = 3;
/// Months that end later than this ago are never dropped: `history.raw_days` is 395 at least.
const LASTING: TimeDelta = TimeDelta::days(31);

/// Remembers which months have their partition, so that the database is asked once a month and process.
#[derive(Debug, Default)]
pub struct Months {
    made: Mutex<BTreeSet<NaiveDate>>,
}

impl Months {
    /// Makes the months of `instants` that this process has not seen yet. In a transaction of its own: attaching a
    /// partition must not wait behind, or in front of, the rows of a batch. Only months about `now` are remembered:
    /// older ones are dropped in time, and may have to be made again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure(
        &self,
        pool: &SystemPool,
        instants: impl Iterator<Item = DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        let wanted: BTreeSet<NaiveDate> = instants.map(month_of).collect();
        let missing: Vec<NaiveDate> = {
            let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            wanted.difference(&made).copied().collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let tx = SystemTx::begin(pool).await?;
        let ensure = sqlx::query(
            "select catalog.ensure_history_months(month, month) from unnest($1::date[]) as month",
        );
        execute(&mut *tx.sqlx().await, ensure.bind(&missing)).await?;
        tx.commit().await?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = month_of(now - LASTING);
        made.extend(missing.into_iter().filter(|month| *month >= recent));
        Ok(())
    }

    /// Makes the current month and those ahead.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_ahead(&self, pool: &SystemPool, now: DateTime<Utc>) -> Result<(), DbErr> {
        let ahead = (0..=AHEAD).filter_map(|count| now.checked_add_months(MonthCount::new(count)));
        self.ensure(pool, ahead, now).await
    }
}

fn month_of(at: DateTime<Utc>) -> NaiveDate {
    let day = at.date_naive();
    day.with_day(1).unwrap_or(day)
}
