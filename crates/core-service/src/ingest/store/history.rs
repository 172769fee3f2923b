//! Every accepted instant.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::history::{LastKnown, RowWrite, StoredPoint};
use domain::observation::{Offer, Values};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use super::copy::Rows;
use super::{COLUMNS, UNNEST_VALUES, ValuesColumns};
use crate::ingest::plan::Neighbourhood;
use crate::sql::{execute, fetch};
use crate::values::{ValuesRow, offer_code};

/// What late observations of one listing span.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Whose.
    pub listing_id: i64,
    /// The first arrived instant.
    pub first: DateTime<Utc>,
    /// The last arrived instant.
    pub last: DateTime<Utc>,
    /// What of it was ever known.
    pub known: Metrics,
    /// That, and what arrived.
    pub told: Metrics,
}

/// Metrics that matter. A source that never tells a rank has no look that knows it: who waited for one would read all of
/// history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    price: bool,
    rank: bool,
    rating: bool,
    reviews: bool,
}

impl Metrics {
    /// Those that are known.
    pub const fn of(known: &LastKnown) -> Self {
        Self {
            price: known.price.is_some(),
            rank: known.rank.is_some(),
            rating: known.rating_hundredths.is_some(),
            reviews: known.review_count.is_some(),
        }
    }
}

/// What a row of the neighbourhood is there for.
mod role {
    /// The last row before the first arrived instant.
    pub const LAST: i16 = 0;
    /// The row that holds that one's values.
    pub const BASE: i16 = 1;
    /// The last row before it with a price.
    pub const PRICED: i16 = 2;
    /// The last row before it with a rank.
    pub const RANKED: i16 = 3;
    /// The last row before it with a rating.
    pub const RATED: i16 = 4;
    /// The last row before it with a number of reviews.
    pub const REVIEWED: i16 = 5;
    /// A row from the first arrived instant on.
    pub const AFTER: i16 = 6;
}

#[derive(FromQueryResult)]
struct NearRow {
    listing_id: i64,
    role: i16,
    observed_at: DateTime<Utc>,
    full: bool,
    #[sea_orm(nested)]
    values: ValuesRow,
}

/// Reads what stands around late observations: before each span its last values and the last known ones of each
/// metric; from its first instant on all rows up to the first later one that knows all metrics that are ever told, or to
/// the end.
pub async fn neighbourhoods(
    connection: &mut PgConnection,
    spans: &[Span],
) -> Result<BTreeMap<i64, Neighbourhood>, DbErr> {
    if spans.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = sqlx::query(NEIGHBOURHOODS)
        .bind(spans.iter().map(|span| span.listing_id).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.first).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.last).collect::<Vec<_>>())
        .bind(offer_code(Offer::Offered));
    let of = |pick: fn(&Span) -> bool| spans.iter().map(pick).collect::<Vec<bool>>();
    let query = query
        .bind(of(|span| span.known.price))
        .bind(of(|span| span.known.rank))
        .bind(of(|span| span.known.rating))
        .bind(of(|span| span.known.reviews))
        .bind(of(|span| span.told.price))
        .bind(of(|span| span.told.rank))
        .bind(of(|span| span.told.rating))
        .bind(of(|span| span.told.reviews));
    let rows: Vec<NearRow> = fetch(connection, query).await?;
    let mut rows_of: BTreeMap<i64, Vec<NearRow>> = spans
        .iter()
        .map(|span| (span.listing_id, Vec::new()))
        .collect();
    for row in rows {
        rows_of.entry(row.listing_id).or_default().push(row);
    }
    Ok(rows_of
        .into_iter()
        .map(|(id, rows)| (id, assemble(rows)))
        .collect())
}

/// What stands around late observations, by what each row is there for.
///
/// Parameters: listings; the first instants; the last ones; the number of an offer; whether price, rank, rating and
/// reviews were ever known; and whether they were or arrived now.
pub const NEIGHBOURHOODS: &str = r#"
select i.listing_id, r.role, r.observed_at, r."full", r.offer, r.currency, r.price, r.list_price, r.buy_box_price,
       r.buy_box_seller, r.availability, r.in_stock, r.stock_quantity, r.ranks, r.rating_hundredths, r.review_count
from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $5::boolean[], $6::boolean[], $7::boolean[],
            $8::boolean[], $9::boolean[], $10::boolean[], $11::boolean[], $12::boolean[])
     as i (listing_id, first_at, last_at, priced, ranked, rated, reviewed, prices, ranks, ratings, reviews)
cross join lateral (
    (select 0::smallint as role, h.* from catalog.history h
     where h.listing_id = i.listing_id and h.observed_at < i.first_at
     order by h.observed_at desc limit 1)
    union all
    (select 1::smallint, h.* from catalog.history h
     where h.listing_id = i.listing_id and h.observed_at < i.first_at and h."full"
     order by h.observed_at desc limit 1)
    union all
    (select 2::smallint, h.* from catalog.history h
     where i.priced and h.listing_id = i.listing_id and h.observed_at < i.first_at and h."full" and h.offer = $4
     order by h.observed_at desc limit 1)
    union all
    (select 3::smallint, h.* from catalog.history h
     where i.ranked and h.listing_id = i.listing_id and h.observed_at < i.first_at and h."full" and h.rank is not null
     order by h.observed_at desc limit 1)
    union all
    (select 4::smallint, h.* from catalog.history h
     where i.rated and h.listing_id = i.listing_id and h.observed_at < i.first_at and h."full" and h.rating_hundredths is not null
     order by h.observed_at desc limit 1)
    union all
    (select 5::smallint, h.* from catalog.history h
     where i.reviewed and h.listing_id = i.listing_id and h.observed_at < i.first_at and h."full" and h.review_count is not null
     order by h.observed_at desc limit 1)
    union all
    (select 6::smallint, h.* from catalog.history h
     where h.listing_id = i.listing_id and h.observed_at >= i.first_at
       and h.observed_at <= coalesce(
           (select s.observed_at from catalog.history s
            where s.listing_id = i.listing_id and s.observed_at > i.last_at and s."full"
              and (s.offer = $4 or not i.prices) and (s.rank is not null or not i.ranks)
              and (s.rating_hundredths is not null or not i.ratings) and (s.review_count is not null or not i.reviews)
            order by s.observed_at limit 1), 'infinity'))
) r
order by i.listing_id, r.role, r.observed_at"#;

/// Puts one listing's rows together, giving rows without values those of the row before.
fn assemble(rows: Vec<NearRow>) -> Neighbourhood {
    let mut near = Neighbourhood::default();
    let mut last_at = None;
    let mut held: Option<Values> = None;
    for row in rows {
        let (at, full) = (row.observed_at, row.full);
        let values = Values::from(row.values);
        match row.role {
            role::LAST => last_at = Some(at),
            role::BASE => {
                held = Some(values);
                near.before.last = last_at.zip(held.clone());
            }
            role::PRICED => near.before.known.price = values.money(values.price),
            role::RANKED => near.before.known.rank = values.rank(),
            role::RATED => near.before.known.rating_hundredths = values.rating_hundredths,
            role::REVIEWED => near.before.known.review_count = values.review_count,
            role::AFTER => {
                if full {
                    held = Some(values);
                }
                if let Some(values) = held.clone() {
                    near.existing.push(StoredPoint { at, values, full });
                }
            }
            _ => {}
        }
    }
    near
}

/// A row to write: whose, where it comes from, and what.
pub type NewRow = (i64, i16, RowWrite);

/// Adds rows where there are none: of listings whose locked state says that nothing is as new. At the speed of COPY.
pub async fn append(connection: &mut PgConnection, rows: &[NewRow]) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut copied = Rows::new(APPENDED_COLUMNS, rows.len());
    for (listing_id, origin, row) in rows {
        let values = row.values.as_ref();
        let ranks = values.map(|values| serde_json::json!(values.ranks).to_string());
        copied
            .row()
            .big(Some(*listing_id))
            .instant(row.at)
            .boolean(Some(values.is_some()))
            .small(Some(*origin))
            .small(values.map(|values| offer_code(values.offer)))
            .text(values.and_then(|values| values.currency.as_deref()))
            .big(values.and_then(|values| values.price))
            .big(values.and_then(|values| values.list_price))
            .big(values.and_then(|values| values.buy_box_price))
            .text(values.and_then(|values| values.buy_box_seller.as_deref()))
            .text(values.map(|values| values.availability.as_str()))
            .boolean(values.and_then(|values| values.in_stock))
            .integer(values.and_then(|values| values.stock_quantity))
            .integer(values.and_then(Values::rank))
            .json(ranks.as_deref())
            .integer(values.and_then(|values| values.rating_hundredths))
            .integer(values.and_then(|values| values.review_count));
    }
    copied.send(connection, APPEND).await?;
    Ok(())
}

const APPENDED_COLUMNS: i16 = 17;
const APPEND: &str = "copy catalog.history (listing_id, observed_at, \"full\", origin, offer, currency, price, list_price, \
                      buy_box_price, buy_box_seller, availability, in_stock, stock_quantity, rank, ranks, \
                      rating_hundredths, review_count) from stdin (format binary)";

/// Writes rows among others, replacing those at the same instants.
pub async fn fit(connection: &mut PgConnection, rows: Vec<NewRow>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut values = ValuesColumns::default();
    let mut listing_ids = Vec::with_capacity(rows.len());
    let mut instants = Vec::with_capacity(rows.len());
    let mut fulls = Vec::with_capacity(rows.len());
    let mut origins = Vec::with_capacity(rows.len());
    for (listing_id, origin, row) in rows {
        listing_ids.push(listing_id);
        origins.push(origin);
        instants.push(row.at);
        fulls.push(row.values.is_some());
        values.push(row.values);
    }
    let sql = format!(
        r#"insert into catalog.history ({COLUMNS}, listing_id, observed_at, "full", origin)
           select * from unnest({UNNEST_VALUES}, $14::bigint[], $15::timestamptz[], $16::boolean[], $17::smallint[])
           on conflict (listing_id, observed_at) do update
           set ({COLUMNS}, "full") = ({EXCLUDED}, excluded."full")"#
    );
    let insert = values
        .bind(sqlx::query(AssertSqlSafe(sql)))
        .bind(listing_ids)
        .bind(instants)
        .bind(fulls)
        .bind(origins);
    execute(connection, insert).await?;
    Ok(())
}

/// [`COLUMNS`] of the row that met one at its instant.
const EXCLUDED: &str = "excluded.offer, excluded.currency, excluded.price, excluded.list_price, \
                        excluded.buy_box_price, excluded.buy_box_seller, excluded.availability, excluded.in_stock, \
                        excluded.stock_quantity, excluded.rank, excluded.ranks, excluded.rating_hundredths, \
                        excluded.review_count";
