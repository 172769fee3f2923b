//! How the domain's [`Values`] stand in history and state.

use domain::observation::{Offer, Values};
use sea_orm::FromQueryResult;
use serde_json::Value as Json;

/// The number of an [`Offer`] in the tables.
pub const fn offer_code(offer: Offer) -> i16 {
    match offer {
        Offer::NotCollected => 0,
        Offer::Offered => 1,
        Offer::None => 2,
    }
}

/// Reads [`offer_code`] back.
pub const fn offer_of(code: i16) -> Offer {
    match code {
        1 => Offer::Offered,
        2 => Offer::None,
        _ => Offer::NotCollected,
    }
}

/// The columns that hold [`Values`], as history and state name them.
#[derive(Debug, FromQueryResult)]
pub struct ValuesRow {
    offer: Option<i16>,
    currency: Option<String>,
    price: Option<i64>,
    list_price: Option<i64>,
    buy_box_price: Option<i64>,
    buy_box_seller: Option<String>,
    availability: Option<String>,
    in_stock: Option<bool>,
    stock_quantity: Option<i32>,
    ranks: Option<Json>,
    rating_hundredths: Option<i32>,
    review_count: Option<i32>,
}

/// The names of [`ValuesRow`]'s columns.
pub const VALUES_COLUMNS: &str = "offer, currency, price, list_price, buy_box_price, buy_box_seller, availability, \
                                  in_stock, stock_quantity, ranks, rating_hundredths, review_count";

impl From<ValuesRow> for Values {
    fn from(row: ValuesRow) -> Self {
        Self {
            offer: offer_of(row.offer.unwrap_or_default()),
            currency: row.currency,
            price: row.price,
            list_price: row.list_price,
            buy_box_price: row.buy_box_price,
            buy_box_seller: row.buy_box_seller,
            // Both were written from the domain's own types.
            availability: row
                .availability
                .and_then(|text| domain::availability::Availability::parse(&text))
                .unwrap_or_default(),
            in_stock: row.in_stock,
            stock_quantity: row.stock_quantity,
            ranks: row
                .ranks
                .and_then(|ranks| serde_json::from_value(ranks).ok())
                .unwrap_or_default(),
            rating_hundredths: row.rating_hundredths,
            review_count: row.review_count,
        }
    }
}
