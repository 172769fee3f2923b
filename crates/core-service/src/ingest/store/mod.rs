//! Sets of rows in and out of the catalog. Every function is one statement, whatever the number of rows.

pub mod alerts;
pub mod anchors;
pub mod apart;
pub mod backwards;
pub mod content;
mod copy;
pub mod history;
pub mod looks;
pub mod names;
pub mod refusals;
pub mod rules;
pub mod spelling;
pub mod state;

use domain::observation::Values;
use serde_json::Value as Json;

use crate::sql::PgQuery;
use crate::values::offer_code;

/// [`Values`] by column, as UNNEST wants them; a row without values is null in every column.
#[derive(Debug, Default)]
struct ValuesColumns {
    offers: Vec<Option<i16>>,
    currencies: Vec<Option<String>>,
    prices: Vec<Option<i64>>,
    list_prices: Vec<Option<i64>>,
    buy_box_prices: Vec<Option<i64>>,
    buy_box_sellers: Vec<Option<String>>,
    availabilities: Vec<Option<String>>,
    in_stocks: Vec<Option<bool>>,
    stock_quantities: Vec<Option<i32>>,
    first_ranks: Vec<Option<i32>>,
    ranks: Vec<Option<Json>>,
    ratings: Vec<Option<i32>>,
    review_counts: Vec<Option<i32>>,
}

impl ValuesColumns {
    fn push(&mut self, values: Option<Values>) {
        let first_rank = values.as_ref().and_then(Values::rank);
        let Some(values) = values else {
            self.offers.push(None);
            self.currencies.push(None);
            self.prices.push(None);
            self.list_prices.push(None);
            self.buy_box_prices.push(None);
            self.buy_box_sellers.push(None);
            self.availabilities.push(None);
            self.in_stocks.push(None);
            self.stock_quantities.push(None);
            self.first_ranks.push(None);
            self.ranks.push(None);
            self.ratings.push(None);
            self.review_counts.push(None);
            return;
        };
        self.offers.push(Some(offer_code(values.offer)));
        self.currencies.push(values.currency);
        self.prices.push(values.price);
        self.list_prices.push(values.list_price);
        self.buy_box_prices.push(values.buy_box_price);
        self.buy_box_sellers.push(values.buy_box_seller);
        self.availabilities
            .push(Some(values.availability.as_str().to_owned()));
        self.in_stocks.push(values.in_stock);
        self.stock_quantities.push(values.stock_quantity);
        self.first_ranks.push(first_rank);
        self.ranks.push(Some(serde_json::json!(values.ranks)));
        self.ratings.push(values.rating_hundredths);
        self.review_counts.push(values.review_count);
    }

    /// Binds the parameters of [`UNNEST_VALUES`]; they come first in a statement.
    fn bind(self, query: PgQuery<'_>) -> PgQuery<'_> {
        query
            .bind(self.offers)
            .bind(self.currencies)
            .bind(self.prices)
            .bind(self.list_prices)
            .bind(self.buy_box_prices)
            .bind(self.buy_box_sellers)
            .bind(self.availabilities)
            .bind(self.in_stocks)
            .bind(self.stock_quantities)
            .bind(self.first_ranks)
            .bind(self.ranks)
            .bind(self.ratings)
            .bind(self.review_counts)
    }
}

/// The columns of [`ValuesColumns`] in order.
const COLUMNS: &str = "offer, currency, price, list_price, buy_box_price, buy_box_seller, availability, in_stock, \
                       stock_quantity, rank, ranks, rating_hundredths, review_count";

/// Their parameters, `$1` to `$13`.
const UNNEST_VALUES: &str = "$1::smallint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], \
                             $7::text[], $8::boolean[], $9::integer[], $10::integer[], $11::jsonb[], $12::integer[], \
                             $13::integer[]";
