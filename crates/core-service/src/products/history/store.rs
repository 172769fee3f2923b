//! Reading lines through the tenant's own view.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use db::TenantTx;
use http_kit::ApiResult;
use sea_orm::FromQueryResult;
use sea_orm::sqlx::{self, AssertSqlSafe};

use super::lines::{Line, Point};
use super::metric::Metric;
use super::select::{self, Bounds, Kind};
use crate::error::database;
use crate::sql::fetch;

/// How long before its range a line's first value may have been seen.
const HELD: TimeDelta = TimeDelta::days(366);
/// It mostly was within this: so much is looked through together with the range. The plan of a longer time is made of more
/// months, which costs more than to read one of them.
const LATELY: TimeDelta = TimeDelta::days(31);

/// Which lines.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Whose.
    pub listings: &'a [i64],
    /// Of what.
    pub metrics: &'a [Metric],
    /// The beginning; without it everything known.
    pub from: Option<DateTime<Utc>>,
    /// The end.
    pub to: DateTime<Utc>,
    /// Points a line has at most; beyond it is thinned.
    pub most: usize,
    /// Looks before this are gone, and days stand for them.
    pub raw_from: Option<DateTime<Utc>>,
}

impl Wanted<'_> {
    /// From when on there are looks, if what begins at `from` begins before.
    fn days_until(&self, from: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        self.raw_from
            .filter(|raw| from.is_none_or(|from| from < *raw))
    }

    fn numbers(&self, which: fn(Metric) -> bool) -> Vec<i16> {
        let metrics = self.metrics.iter().copied();
        metrics
            .filter(|one| which(*one))
            .map(Metric::number)
            .collect()
    }
}

/// A line in the making.
#[derive(Debug, Default)]
struct Read {
    points: Vec<Point>,
    currency: Option<String>,
    thinned: bool,
}

#[derive(FromQueryResult)]
struct PointRow {
    /// Whether it is what held when the range begins.
    held: bool,
    metric: i16,
    listing_id: i64,
    at: DateTime<Utc>,
    value: Option<i64>,
    currency: Option<String>,
}

/// The lines of each listing that is watched, with what held when the range begins.
///
/// # Errors
/// When the database fails.
pub async fn lines(
    tx: &TenantTx,
    wanted: Wanted<'_>,
) -> ApiResult<BTreeMap<i64, BTreeMap<Metric, Line>>> {
    // What held when the range begins is one more point than is read within it.
    let wanted = Wanted {
        most: wanted.most - usize::from(wanted.from.is_some() && wanted.most > 1),
        ..wanted
    };
    let (mut read, mut held) = points(tx, wanted).await?;
    for metric in wanted.metrics {
        thin(tx, wanted, *metric, &mut read).await?;
    }
    if let Some(from) = wanted.from {
        held.extend(held_long(tx, wanted, from, &held).await?);
        hold(held, from, &mut read);
    }
    let mut lines: BTreeMap<i64, BTreeMap<Metric, Line>> = BTreeMap::new();
    for listing in wanted.listings {
        let of_listing = lines.entry(*listing).or_default();
        for metric in wanted.metrics {
            let Read {
                points,
                currency,
                thinned,
            } = read.remove(&(*metric, *listing)).unwrap_or_default();
            of_listing.insert(*metric, Line::new(*metric, points, currency, thinned));
        }
    }
    Ok(lines)
}

type Lines = BTreeMap<(Metric, i64), Read>;

/// Up to one point more than wanted of each line: by that one it is seen which lines have more. And what held when the
/// range begins, where it was seen lately.
async fn points(tx: &TenantTx, wanted: Wanted<'_>) -> ApiResult<(Lines, Vec<PointRow>)> {
    let lately = wanted.from.map(|from| from - LATELY);
    let days_until = wanted.days_until(lately);
    let bounds = Bounds {
        begins: wanted.from.is_some(),
        days: days_until.is_some(),
    };
    let sql = select::points(bounds);
    let mut query = sqlx::query(AssertSqlSafe(sql))
        .bind(wanted.listings)
        .bind(wanted.from.unwrap_or_default())
        .bind(wanted.to)
        .bind(i64::try_from(wanted.most).unwrap_or(i64::MAX - 1) + 1)
        .bind(wanted.numbers(|metric| Kind::of(metric) == Kind::Money))
        .bind(wanted.numbers(|metric| Kind::of(metric) == Kind::Count))
        .bind(lately.unwrap_or_default());
    if let Some(until) = days_until {
        query = query.bind(until);
    }
    let rows: Vec<PointRow> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    let mut read = Lines::new();
    let mut held = Vec::new();
    for row in rows {
        if row.held {
            held.push(row);
            continue;
        }
        let Some(metric) = Metric::of_number(row.metric) else {
            continue;
        };
        let line = read.entry((metric, row.listing_id)).or_default();
        line.points.push((row.at, row.value));
        line.currency = row.currency;
    }
    Ok((read, held))
}

#[derive(FromQueryResult)]
struct StretchRow {
    listing_id: i64,
    currency: Option<String>,
    first: Vec<i64>,
    last: Vec<i64>,
    lowest: Option<Vec<i64>>,
    highest: Option<Vec<i64>>,
    gap: Option<i64>,
    first_back: Option<Vec<i64>>,
    last_back: Option<Vec<i64>>,
}

/// Reads the lines of a metric again that have too many points, thinned.
async fn thin(
    tx: &TenantTx,
    wanted: Wanted<'_>,
    metric: Metric,
    read: &mut Lines,
) -> ApiResult<()> {
    let long = |listing: &i64| {
        read.get(&(metric, *listing))
            .filter(|line| line.points.len() > wanted.most)
    };
    let listings: Vec<i64> = wanted
        .listings
        .iter()
        .copied()
        .filter(|listing| long(listing).is_some())
        .collect();
    // All by the same stretches, from the first point on: so lines that are compared bend at the same places.
    let Some(start) = listings
        .iter()
        .filter_map(|listing| Some(long(listing)?.points.first()?.0))
        .min()
    else {
        return Ok(());
    };
    let start = start.trunc_subsecs(6);
    let stretches = i64::try_from(wanted.most / metric.points_of_a_stretch()).unwrap_or(i64::MAX);
    let width = (wanted.to - start).num_microseconds().unwrap_or(i64::MAX) / stretches.max(1) + 1;
    let days_until = wanted.days_until(Some(start));
    let sql = select::stretches(Kind::of(metric), days_until.is_some());
    let mut query = sqlx::query(AssertSqlSafe(sql))
        .bind(&listings)
        .bind(start)
        .bind(wanted.to)
        .bind(width)
        .bind(metric.number());
    if let Some(until) = days_until {
        query = query.bind(until);
    }
    let rows: Vec<StretchRow> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    for listing in listings {
        read.insert((metric, listing), Read::default());
    }
    for row in rows {
        let line = read.entry((metric, row.listing_id)).or_default();
        line.thinned = true;
        line.points.extend(row.points(start));
        line.currency = row.currency;
    }
    Ok(())
}

impl StretchRow {
    /// The points of a stretch in order of time, each once.
    fn points(&self, start: DateTime<Utc>) -> Vec<Point> {
        let pair = |pair: &Vec<i64>| Some((*pair.first()?, *pair.get(1)?));
        let by_time = |of: Option<&Vec<i64>>| of.and_then(pair);
        let by_value = |of: Option<&Vec<i64>>| of.and_then(pair).map(|(value, us)| (us, value));
        let mut points: Vec<(i64, i64)> = [
            by_time(Some(&self.first)),
            by_value(self.lowest.as_ref()),
            by_value(self.highest.as_ref()).map(|(us, value)| (-us, value)),
            self.gap.map(|us| (us, -1)),
            by_time(self.first_back.as_ref()),
            by_time(self.last_back.as_ref()),
            by_time(Some(&self.last)),
        ]
        .into_iter()
        .flatten()
        .collect();
        points.sort_unstable();
        points.dedup();
        points
            .into_iter()
            .map(|(us, value)| {
                let at = start + TimeDelta::microseconds(us);
                (at, (value >= 0).then_some(value))
            })
            .collect()
    }
}

/// What held when the range begins where that was not seen lately.
async fn held_long(
    tx: &TenantTx,
    wanted: Wanted<'_>,
    from: DateTime<Utc>,
    lately: &[PointRow],
) -> ApiResult<Vec<PointRow>> {
    let is_known = |listing: i64, metric: i16| {
        let mut rows = lately.iter();
        rows.any(|row| row.listing_id == listing && row.metric == metric)
    };
    let metrics = wanted.numbers(|_| true);
    let listings = wanted.listings.iter().copied().filter(|listing| {
        let mut metrics = metrics.iter();
        metrics.any(|metric| !is_known(*listing, *metric))
    });
    let listings: Vec<i64> = listings.collect();
    if listings.is_empty() {
        return Ok(Vec::new());
    }
    let days_until = wanted.days_until(Some(from - HELD));
    let sql = select::held(days_until.is_some());
    let mut query = sqlx::query(AssertSqlSafe(sql))
        .bind(listings)
        .bind(from - LATELY)
        .bind(from - HELD)
        .bind(&metrics);
    if let Some(until) = days_until {
        query = query.bind(until);
    }
    let rows: Vec<PointRow> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    let rows = rows.into_iter();
    Ok(rows
        .filter(|row| !is_known(row.listing_id, row.metric))
        .collect())
}

/// Puts what held when the range begins before each line, unless something was seen at that very instant.
fn hold(held: Vec<PointRow>, from: DateTime<Utc>, read: &mut Lines) {
    for row in held {
        let Some(metric) = Metric::of_number(row.metric) else {
            continue;
        };
        let line = read.entry((metric, row.listing_id)).or_default();
        if metric.is_money() && line.currency.is_none() {
            line.currency.clone_from(&row.currency);
        }
        let comparable = !metric.is_money() || line.currency == row.currency;
        let value = row.value.filter(|_| comparable);
        match line.points.first() {
            Some((at, _)) if *at <= from => {}
            // The first point of the range is none when it only repeats what held.
            Some((_, first)) if *first == value => line.points[0].0 = from,
            _ => line.points.insert(0, (from, value)),
        }
    }
}
