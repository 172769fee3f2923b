//! Reading what the numbers are made of, through the tenant's own view.

use chrono::{DateTime, TimeDelta, Utc};
use db::{TenantTx, query_error};
use domain::availability::Availability;
use domain::money::{Currency, Money};
use domain::observation::Offer;
use domain::statistics::{DayBar, Extremes, Look, Past, Series};
use futures::TryStreamExt;
use http_kit::ApiResult;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, Row};
use sea_orm::{DbErr, FromQueryResult};

use crate::error::database;
use crate::retention::{BAR_COLUMNS, bar_of};
use crate::sql::{PgQuery, fetch};
use crate::values::{offer_code, offer_of};

/// Most changes that are read. A listing that changes more often in a year is told of for a shorter time.
pub const MOST_LOOKS: i64 = 100_000;

/// How long before a window the values may have been seen that hold when it begins.
const HELD: TimeDelta = TimeDelta::days(366);

/// The looks that found another thing than the look before, the newest first.
///
/// Parameters: the listing; beginning; end; how many at most.
pub const CHANGES: &str = r#"select observed_at, offer, currency, price, in_stock, availability, stock_quantity, rank
    from catalog.product_history
    where listing_id = $1 and observed_at >= $2 and observed_at <= $3 and "full"
    order by observed_at desc limit $4"#;

/// The figures that statistics are made of, each with the condition on a row of history that its look knew it.
fn figures() -> [(Series, String); 4] {
    let (none, unasked) = (offer_code(Offer::None), offer_code(Offer::NotCollected));
    let stock =
        format!("(offer <> {unasked} or in_stock is not null or availability <> 'unknown')");
    [
        (
            Series::Price,
            format!("(price is not null or offer = {none})"),
        ),
        (Series::Rank, "rank is not null".to_owned()),
        (Series::Stock, stock),
        (
            Series::StockQuantity,
            "stock_quantity is not null".to_owned(),
        ),
    ]
}

/// Of each figure the last look that knew it: a look may have learnt one and not another.
///
/// Parameters: the listing; beginning; end, which does not belong to it.
#[must_use]
pub fn held_of_each() -> String {
    let each = figures().map(|(series, known)| {
        let number = series.number();
        format!(
            r#"(select {number}::smallint as metric, observed_at, offer, currency, price, in_stock, availability,
                       stock_quantity, rank
                from catalog.product_history
                where listing_id = $1 and observed_at >= $2 and observed_at < $3 and "full" and {known}
                order by observed_at desc limit 1)"#
        )
    });
    each.join(" union all ")
}

/// How many looks there were.
///
/// Parameters: the listing; beginning; end.
pub const LOOKS: &str = "select count(*) from catalog.product_history
    where listing_id = $1 and observed_at >= $2 and observed_at <= $3";

/// When it was first looked at, and from when on looks are there. Parameter: the listing.
pub const FIRST: &str = "select least(
        (select first_at from catalog.product_day where listing_id = $1 order by day limit 1),
        (select observed_at from catalog.product_history where listing_id = $1 order by observed_at limit 1)) as first,
    (select raw_from from catalog.product_kept) as raw_from";

/// How many looks there were on days whose looks are gone. Parameters: the listing; beginning; from when on looks are
/// there.
pub const LOOKS_OF_DAYS: &str = "select coalesce(sum(looks), 0)::bigint from catalog.product_day
    where listing_id = $1 and day >= ($2::timestamptz at time zone 'UTC')::date and first_at >= $2
      and day < ($3::timestamptz at time zone 'UTC')::date";

/// The days whose looks are gone, and of each figure the last one before them.
///
/// Parameters: the listing; beginning; from when on looks are there; the figures; how far back the last one may lie.
#[must_use]
pub fn days() -> String {
    format!(
        "select {BAR_COLUMNS} from catalog.product_bar b
         where b.listing_id = $1 and b.metric = any($4) and b.day >= ($2::timestamptz at time zone 'UTC')::date
           and b.day < ($3::timestamptz at time zone 'UTC')::date
         union all
         select p.* from unnest($4) as m (metric) cross join lateral (
             select {BAR_COLUMNS} from catalog.product_bar b
             where b.listing_id = $1 and b.metric = m.metric and b.day < ($2::timestamptz at time zone 'UTC')::date
               and b.day < ($3::timestamptz at time zone 'UTC')::date
               and b.day >= ($5::timestamptz at time zone 'UTC')::date
             order by b.day desc limit 1) p"
    )
}

/// The ends of price and rank before the changes that are read, each with its first instant in microseconds since 1970.
///
/// Parameters: the listing; beginning; when those begin; the currency of prices.
pub const EXTREMES: &str = r#"select
        min(array[h.price, h.us]) filter (where h.price is not null and h.currency = $4) as lowest,
        max(array[h.price, -h.us]) filter (where h.price is not null and h.currency = $4) as highest,
        min(array[h.rank, h.us]) filter (where h.rank is not null) as best,
        max(array[h.rank, -h.us]) filter (where h.rank is not null) as worst
    from (select price, rank::bigint as rank, currency, (extract(epoch from observed_at) * 1000000)::bigint as us
          from catalog.product_history
          where listing_id = $1 and observed_at >= $2 and observed_at < $3 and "full") h"#;

/// The same over days whose looks are gone.
///
/// Parameters: the listing; beginning; from when on looks are there; the currency of prices; the figures price and rank.
pub const EXTREMES_OF_DAYS: &str = "select
        min(array[h.figure, h.us]) filter (where h.metric = $5 and h.currency = $4) as lowest,
        max(array[h.figure, -h.us]) filter (where h.metric = $5 and h.currency = $4) as highest,
        min(array[h.figure, h.us]) filter (where h.metric = $6) as best,
        max(array[h.figure, -h.us]) filter (where h.metric = $6) as worst
    from (select b.metric, b.currency, p.figure, (extract(epoch from p.at) * 1000000)::bigint as us
          from catalog.product_bar b cross join lateral unnest(b.times, b.figures) as p (at, figure)
          where b.listing_id = $1 and b.metric in ($5, $6) and p.figure is not null and p.at >= $2
            and b.day >= ($2::timestamptz at time zone 'UTC')::date
            and b.day < ($3::timestamptz at time zone 'UTC')::date) h";

/// What was seen of a listing.
#[derive(Debug)]
pub struct Seen {
    /// Changes of the time asked for, and what held before them.
    pub past: Past,
    /// Where they begin, when they were too many to go back that far.
    pub cut_at: Option<DateTime<Utc>>,
    /// How many looks there were in that time, unchanged ones included.
    pub count: i64,
    /// The very first look.
    pub first: DateTime<Utc>,
    /// Looks before this are gone, and days stand for them.
    pub raw_from: Option<DateTime<Utc>>,
}

/// Reads the looks from `from` to `to`; nothing when there never was one.
///
/// # Errors
/// When the database fails.
pub async fn seen(
    tx: &TenantTx,
    id: i64,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> ApiResult<Option<Seen>> {
    let mut connection = tx.sqlx().await;
    let Some((first, raw_from)) = first(&mut connection, id).await.map_err(database)? else {
        return Ok(None);
    };
    // Where looks begin that are there.
    let begins = raw_from.map_or(from, |raw| raw.max(from));
    let count = sqlx::query_scalar(LOOKS).bind(id).bind(begins).bind(to);
    let mut count: i64 = count
        .persistent(false)
        .fetch_one(&mut *connection)
        .await
        .map_err(query_error)
        .map_err(database)?;
    let looks = changes(&mut connection, id, (begins, to), MOST_LOOKS)
        .await
        .map_err(database)?;
    let full = i64::try_from(looks.len()).unwrap_or(i64::MAX) >= MOST_LOOKS;
    let cut_at = looks.last().map(|look| look.at).filter(|_| full);
    let mut days = Vec::new();
    if cut_at.is_none() && first < begins {
        let earliest = raw_from.map_or(from - HELD, |raw| raw.max(from - HELD));
        if let Some(raw) = raw_from.filter(|raw| from - HELD < *raw) {
            days = days_before(&mut connection, id, (from, raw))
                .await
                .map_err(database)?;
        }
        let held = held(&mut connection, id, (earliest, begins)).await;
        days.extend(held.map_err(database)?);
    }
    if let Some(raw) = raw_from.filter(|raw| from < *raw) {
        let of_days = sqlx::query_scalar(LOOKS_OF_DAYS)
            .bind(id)
            .bind(from)
            .bind(raw);
        let of_days: Result<i64, _> = of_days.fetch_one(&mut *connection).await;
        count += of_days.map_err(query_error).map_err(database)?;
    }
    Ok(Some(Seen {
        past: Past { looks, days },
        cut_at,
        count,
        first,
        raw_from,
    }))
}

type Beginning = (DateTime<Utc>, Option<DateTime<Utc>>);

async fn first(connection: &mut PgConnection, id: i64) -> Result<Option<Beginning>, DbErr> {
    let row = sqlx::query(FIRST).bind(id).fetch_one(connection).await;
    let row = row.map_err(query_error)?;
    let first: Option<DateTime<Utc>> = row.try_get("first").map_err(query_error)?;
    let raw_from = row.try_get("raw_from").map_err(query_error)?;
    Ok(first.map(|first| (first, raw_from)))
}

async fn days_before(
    connection: &mut PgConnection,
    id: i64,
    (from, raw): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<DayBar>, DbErr> {
    let query = sqlx::query(AssertSqlSafe(days()))
        .bind(id)
        .bind(from)
        .bind(raw)
        .bind(figures().map(|(series, _)| series.number()).to_vec())
        .bind(from - HELD);
    let rows = query.fetch_all(connection).await.map_err(query_error)?;
    let bars = rows.iter().filter_map(|row| bar_of(row).transpose());
    bars.collect::<Result<_, _>>().map_err(query_error)
}

/// Row by row, because of many rows only a little is kept.
async fn changes(
    connection: &mut PgConnection,
    id: i64,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    most: i64,
) -> Result<Vec<Look>, DbErr> {
    sqlx::query(CHANGES)
        .persistent(false)
        .bind(id)
        .bind(from)
        .bind(to)
        .bind(most)
        .fetch(connection)
        .and_then(async |row| look_of(&row))
        .try_collect()
        .await
        .map_err(query_error)
}

fn look_of(row: &PgRow) -> Result<Look, sqlx::Error> {
    let text = |column| row.try_get::<Option<&str>, _>(column);
    let currency = text("currency")?.and_then(|code| Currency::parse(code).ok());
    let price: Option<i64> = row.try_get("price")?;
    Ok(Look {
        at: row.try_get("observed_at")?,
        offer: offer_of(row.try_get::<Option<i16>, _>("offer")?.unwrap_or_default()),
        price: price
            .zip(currency)
            .map(|(minor, currency)| Money::from_minor(minor, currency)),
        in_stock: row.try_get("in_stock")?,
        availability: text("availability")?
            .and_then(Availability::parse)
            .unwrap_or_default(),
        stock_quantity: row.try_get("stock_quantity")?,
        rank: row.try_get("rank")?,
    })
}

/// What held when the looks that are read begin: of each figure the last one that a look knew.
async fn held(
    connection: &mut PgConnection,
    id: i64,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<DayBar>, DbErr> {
    let query = sqlx::query(AssertSqlSafe(held_of_each()))
        .persistent(false)
        .bind(id)
        .bind(from)
        .bind(to);
    let rows = query.fetch_all(connection).await.map_err(query_error)?;
    let bar = |row: &PgRow| {
        let series = Series::of_number(row.try_get("metric")?);
        let look = look_of(row)?;
        Ok(series.and_then(|series| DayBar::held(series, &look)))
    };
    let bars = rows.iter().filter_map(|row| bar(row).transpose());
    bars.collect::<Result<_, _>>().map_err(query_error)
}

/// The ends of price and rank before an instant.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Of the price in one currency.
    pub price: Option<Extremes>,
    /// Of the rank.
    pub rank: Option<Extremes>,
}

/// What lies before the changes that are read.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    /// The first instant that counts.
    pub from: DateTime<Utc>,
    /// Where the changes begin.
    pub to: DateTime<Utc>,
    /// Looks before this are gone, and days stand for them.
    pub raw_from: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Ends {
    lowest: Option<Vec<i64>>,
    highest: Option<Vec<i64>>,
    best: Option<Vec<i64>>,
    worst: Option<Vec<i64>>,
}

/// Reads the extremes before the changes that are read, and those of all days whose looks are gone: what is read of these
/// is enough to reckon with, and not always their ends.
///
/// # Errors
/// When the database fails.
pub async fn earlier(
    tx: &TenantTx,
    id: i64,
    before: Before,
    currency: Option<Currency>,
) -> ApiResult<Earlier> {
    let mut connection = tx.sqlx().await;
    let code = currency.map(Currency::code);
    let looks_from = before
        .raw_from
        .map_or(before.from, |raw| raw.max(before.from));
    let query = sqlx::query(EXTREMES)
        .persistent(false)
        .bind(id)
        .bind(looks_from)
        .bind(before.to)
        .bind(code);
    let of_looks = ends(&mut connection, query).await?;
    let Some(raw) = before.raw_from else {
        return Ok(of_looks);
    };
    let query = sqlx::query(EXTREMES_OF_DAYS)
        .bind(id)
        .bind(before.from)
        .bind(raw)
        .bind(code)
        .bind(Series::Price.number())
        .bind(Series::Rank.number());
    let of_days = ends(&mut connection, query).await?;
    Ok(Earlier {
        price: Extremes::of_both(of_days.price, of_looks.price),
        rank: Extremes::of_both(of_days.rank, of_looks.rank),
    })
}

async fn ends(connection: &mut PgConnection, query: PgQuery<'_>) -> ApiResult<Earlier> {
    let rows: Vec<Ends> = fetch(connection, query).await.map_err(database)?;
    let Some(ends) = rows.into_iter().next() else {
        return Ok(Earlier::default());
    };
    let end = |pair: Option<Vec<i64>>| {
        let pair = pair?;
        let at = DateTime::from_timestamp_micros(pair.get(1)?.abs())?;
        Some((*pair.first()?, at))
    };
    let both = |lowest, highest| {
        Some(Extremes {
            lowest: end(lowest)?,
            highest: end(highest)?,
        })
    };
    Ok(Earlier {
        price: both(ends.lowest, ends.highest),
        rank: both(ends.best, ends.worst),
    })
}
