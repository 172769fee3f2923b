//! The newest of each listing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::history::LastKnown;
use domain::money::{Currency, Money};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use super::{COLUMNS, UNNEST_VALUES, ValuesColumns};
use crate::ingest::apart::Apart;
use crate::ingest::plan::{Held, LastMove};
use crate::sql::{execute, fetch};
use crate::values::{VALUES_COLUMNS, ValuesRow};

#[derive(FromQueryResult)]
struct StateRow {
    listing_id: i64,
    version: i64,
    last_round: i64,
    last_parent_round: i64,
    observed_at: Option<DateTime<Utc>>,
    changed_at: Option<DateTime<Utc>>,
    known_price: Option<i64>,
    known_currency: Option<String>,
    known_rank: Option<i32>,
    known_rating_hundredths: Option<i32>,
    known_review_count: Option<i32>,
    price_change_bp: Option<i64>,
    price_changed_at: Option<DateTime<Utc>>,
    rank_change_bp: Option<i64>,
    rank_changed_at: Option<DateTime<Utc>>,
    apart: Option<serde_json::Value>,
    #[sea_orm(nested)]
    values: ValuesRow,
}

impl From<StateRow> for Held {
    fn from(row: StateRow) -> Self {
        let price = row
            .known_price
            .zip(row.known_currency)
            .and_then(|(minor, code)| Some(Money::from_minor(minor, Currency::parse(&code).ok()?)));
        Self {
            version: row.version,
            last_round: row.last_round,
            last_parent_round: row.last_parent_round,
            newest: row.observed_at.map(|at| (at, row.values.into())),
            changed_at: row.changed_at,
            known: LastKnown {
                price,
                rank: row.known_rank,
                rating_hundredths: row.known_rating_hundredths,
                review_count: row.known_review_count,
            },
            price_move: LastMove {
                change: row.price_change_bp,
                at: row.price_changed_at,
            },
            rank_move: LastMove {
                change: row.rank_change_bp,
                at: row.rank_changed_at,
            },
        }
    }
}

/// A listing's state, locked.
#[derive(Debug, Clone)]
pub struct Locked {
    /// Its newest.
    pub held: Held,
    /// The figures that stand apart.
    pub apart: Option<Apart>,
}

/// Reads and locks the states of listings, always in the order of their ids, so that two batches that share listings
/// wait for each other and never across.
pub async fn lock(
    connection: &mut PgConnection,
    listing_ids: Vec<i64>,
) -> Result<BTreeMap<i64, Locked>, DbErr> {
    let sql = format!(
        "select listing_id, version, last_round, last_parent_round, observed_at, changed_at, known_price,
                known_currency, known_rank, known_rating_hundredths, known_review_count, price_change_bp,
                price_changed_at, rank_change_bp, rank_changed_at, apart,
                {VALUES_COLUMNS}
         from catalog.listing_state where listing_id = any($1) order by listing_id for update"
    );
    let rows: Vec<StateRow> = fetch(
        connection,
        sqlx::query(AssertSqlSafe(sql)).bind(listing_ids),
    )
    .await?;
    Ok(rows
        .into_iter()
        .map(|mut row| {
            // Written from the same type; what cannot be read would be a defect there, and decides nothing here.
            let apart = row
                .apart
                .take()
                .and_then(|json| serde_json::from_value(json).ok());
            let (listing_id, held) = (row.listing_id, row.into());
            (listing_id, Locked { held, apart })
        })
        .collect())
}

/// Writes states back.
pub async fn write(connection: &mut PgConnection, states: Vec<(i64, Held)>) -> Result<(), DbErr> {
    if states.is_empty() {
        return Ok(());
    }
    let mut values = ValuesColumns::default();
    let mut listing_ids = Vec::new();
    let mut versions = Vec::new();
    let mut rounds = Vec::new();
    let mut parent_rounds = Vec::new();
    let mut observed = Vec::new();
    let mut changed = Vec::new();
    let mut known_prices = Vec::new();
    let mut known_currencies = Vec::new();
    let mut compared_prices = Vec::new();
    let mut known_ranks = Vec::new();
    let mut known_ratings = Vec::new();
    let mut known_review_counts = Vec::new();
    let mut price_changes = Vec::new();
    let mut price_changed = Vec::new();
    let mut rank_changes = Vec::new();
    let mut rank_changed = Vec::new();
    for (listing_id, held) in states {
        let Some((observed_at, newest)) = held.newest else {
            continue; // only refused or repeated observations: nothing to hold
        };
        listing_ids.push(listing_id);
        versions.push(held.version);
        rounds.push(held.last_round);
        parent_rounds.push(held.last_parent_round);
        observed.push(observed_at);
        changed.push(held.changed_at);
        known_prices.push(held.known.price.map(|price| price.minor));
        known_currencies.push(
            held.known
                .price
                .map(|price| price.currency.code().to_owned()),
        );
        compared_prices.push(held.known.price.map(Money::ten_thousandths));
        known_ranks.push(held.known.rank);
        known_ratings.push(held.known.rating_hundredths);
        known_review_counts.push(held.known.review_count);
        price_changes.push(held.price_move.change);
        price_changed.push(held.price_move.at);
        rank_changes.push(held.rank_move.change);
        rank_changed.push(held.rank_move.at);
        values.push(Some(newest));
    }
    let sql = format!(
        "update catalog.listing_state s
         set ({COLUMNS}, version, last_round, last_parent_round, observed_at, changed_at, known_price,
              known_currency, known_rank, price_change_bp, price_changed_at, rank_change_bp, rank_changed_at,
              known_rating_hundredths, known_review_count, compared_price)
           = ({NEW_COLUMNS}, n.version, n.last_round, n.last_parent_round, n.observed_at, n.changed_at, n.known_price,
              n.known_currency, n.known_rank, n.price_change_bp, n.price_changed_at, n.rank_change_bp, n.rank_changed_at,
              n.known_rating_hundredths, n.known_review_count, n.compared_price)
         from unnest({UNNEST_VALUES}, $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[],
                     $18::timestamptz[], $19::timestamptz[], $20::bigint[], $21::text[], $22::integer[],
                     $23::bigint[], $24::timestamptz[], $25::bigint[], $26::timestamptz[],
                     $27::integer[], $28::integer[], $29::bigint[])
              as n ({COLUMNS}, listing_id, version, last_round, last_parent_round, observed_at, changed_at,
                    known_price, known_currency, known_rank, price_change_bp, price_changed_at, rank_change_bp,
                    rank_changed_at, known_rating_hundredths, known_review_count, compared_price)
         where s.listing_id = n.listing_id"
    );
    let update = values
        .bind(sqlx::query(AssertSqlSafe(sql)))
        .bind(listing_ids)
        .bind(versions)
        .bind(rounds)
        .bind(parent_rounds)
        .bind(observed)
        .bind(changed)
        .bind(known_prices)
        .bind(known_currencies)
        .bind(known_ranks)
        .bind(price_changes)
        .bind(price_changed)
        .bind(rank_changes)
        .bind(rank_changed)
        .bind(known_ratings)
        .bind(known_review_counts)
        .bind(compared_prices);
    execute(connection, update).await?;
    Ok(())
}

/// [`COLUMNS`] of the new rows.
const NEW_COLUMNS: &str = "n.offer, n.currency, n.price, n.list_price, n.buy_box_price, n.buy_box_seller, \
                           n.availability, n.in_stock, n.stock_quantity, n.rank, n.ranks, n.rating_hundredths, \
                           n.review_count";
