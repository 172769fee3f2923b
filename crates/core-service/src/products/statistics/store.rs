//! Reading what the numbers are made of, through the tenant's own view.

use chrono::{DateTime, TimeDelta, Utc};
use db::{TenantTx, query_error};
use domain::availability::Availability;
use domain::money::{Currency, Money};
use domain::statistics::{Extremes, Look};
use futures::TryStreamExt;
use http_kit::ApiResult;
use sea_orm::sqlx::{self, PgConnection, Row};
use sea_orm::{DbErr, FromQueryResult};

use crate::error::database;
use crate::sql::fetch;
use crate::values::offer_of;

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

/// How many looks there were.
///
/// Parameters: the listing; beginning; end.
pub const LOOKS: &str = "select count(*) from catalog.product_history
    where listing_id = $1 and observed_at >= $2 and observed_at <= $3";

/// When it was first looked at. Parameter: the listing.
pub const FIRST: &str = "select observed_at from catalog.product_history where listing_id = $1
    order by observed_at limit 1";

/// The ends of price and rank before the changes that are read, each with its first instant in microseconds since 1970.
///
/// Parameters: the listing; when those begin; the currency of prices.
pub const EXTREMES: &str = r#"select
        min(array[h.price, h.us]) filter (where h.price is not null and h.currency = $3) as lowest,
        max(array[h.price, -h.us]) filter (where h.price is not null and h.currency = $3) as highest,
        min(array[h.rank, h.us]) filter (where h.rank is not null) as best,
        max(array[h.rank, -h.us]) filter (where h.rank is not null) as worst
    from (select price, rank::bigint as rank, currency, (extract(epoch from observed_at) * 1000000)::bigint as us
          from catalog.product_history where listing_id = $1 and observed_at < $2 and "full") h"#;

/// What was seen of a listing.
#[derive(Debug)]
pub struct Seen {
    /// Changes of the last year, and what held before them.
    pub looks: Vec<Look>,
    /// Where they begin, when they were too many to go back a year.
    pub cut_at: Option<DateTime<Utc>>,
    /// How many looks there were in that year, unchanged ones included.
    pub count: i64,
    /// The very first look.
    pub first: DateTime<Utc>,
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
    let first = sqlx::query_scalar(FIRST)
        .bind(id)
        .fetch_optional(&mut *connection);
    let first: Option<DateTime<Utc>> = first.await.map_err(query_error).map_err(database)?;
    let Some(first) = first else {
        return Ok(None);
    };
    let count = sqlx::query_scalar(LOOKS).bind(id).bind(from).bind(to);
    let count: i64 = count
        .persistent(false)
        .fetch_one(&mut *connection)
        .await
        .map_err(query_error)
        .map_err(database)?;
    let mut looks = changes(&mut connection, id, (from, to), MOST_LOOKS)
        .await
        .map_err(database)?;
    let full = i64::try_from(looks.len()).unwrap_or(i64::MAX) >= MOST_LOOKS;
    let cut_at = looks.last().map(|look| look.at).filter(|_| full);
    if cut_at.is_none() && first < from {
        let before = (from - HELD, from - TimeDelta::microseconds(1));
        let held = changes(&mut connection, id, before, 1).await;
        looks.extend(held.map_err(database)?);
    }
    Ok(Some(Seen {
        looks,
        cut_at,
        count,
        first,
    }))
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
        .and_then(async |row| {
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
        })
        .try_collect()
        .await
        .map_err(query_error)
}

/// The ends of price and rank before an instant.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Of the price in one currency.
    pub price: Option<Extremes>,
    /// Of the rank.
    pub rank: Option<Extremes>,
}

/// Reads the extremes before `before`.
///
/// # Errors
/// When the database fails.
pub async fn earlier(
    tx: &TenantTx,
    id: i64,
    before: DateTime<Utc>,
    currency: Option<Currency>,
) -> ApiResult<Earlier> {
    #[derive(FromQueryResult)]
    struct Ends {
        lowest: Option<Vec<i64>>,
        highest: Option<Vec<i64>>,
        best: Option<Vec<i64>>,
        worst: Option<Vec<i64>>,
    }
    let query = sqlx::query(EXTREMES)
        .persistent(false)
        .bind(id)
        .bind(before)
        .bind(currency.map(Currency::code));
    let rows: Vec<Ends> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
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
