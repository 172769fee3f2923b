//! Setting a listing's values.

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use serde::Deserialize;
use serde_json::Value;

use super::{
    error::Unusable,
    input::{Input, key, nullable},
    listings::to_json,
};
use crate::{
    market::{
        Money, Source, alibaba1688_currency, amazon_place, haier_currency, popmart_currency,
        web_currency,
    },
    server::public_base,
    world::{Overrides, World},
};

/// What to set. Absent fields stay with the market; null makes the source say nothing about the value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    source: Source,
    marketplace: String,
    external_id: String,
    /// Major units, a decimal string or a number: "19.99".
    #[serde(default, deserialize_with = "nullable")]
    price: Option<Option<Value>>,
    /// Struck-through price, likewise.
    #[serde(default, deserialize_with = "nullable")]
    list_price: Option<Option<Value>>,
    stock: Option<i64>,
    /// Rank in the root category.
    #[serde(default, deserialize_with = "nullable")]
    rank: Option<Option<i64>>,
    #[serde(default, deserialize_with = "nullable")]
    rating: Option<Option<f64>>,
    #[serde(default, deserialize_with = "nullable")]
    reviews: Option<Option<i64>>,
    available: Option<bool>,
    /// The source does not know the listing any more.
    gone: Option<bool>,
    title: Option<String>,
}

/// `POST /_control/set`.
pub(super) async fn set(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Input(change): Input<Change>,
) -> Result<Json<Value>, Unusable> {
    let key = key(change.source, &change.marketplace, &change.external_id)?;
    let currency = match key.source {
        Source::Amazon => amazon_place(&key.marketplace).map(|place| place.currency),
        Source::Popmart => popmart_currency(&key.marketplace),
        Source::Haier => haier_currency(&key.marketplace),
        Source::Alibaba1688 => alibaba1688_currency(&key.marketplace),
        Source::Web => web_currency(&key.marketplace),
    };
    let currency = currency.ok_or_else(|| Unusable::new("marketplace", "has no currency"))?;
    let money = |field, value: Option<Option<Value>>| {
        let read = |value: Value| {
            let text = match &value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return Err(Unusable::new(field, "must be a decimal string or a number")),
            };
            Money::parse(&text, currency).map_err(|error| Unusable::new(field, error.to_string()))
        };
        value.map(|value| value.map(read).transpose()).transpose()
    };
    check(&change)?;
    let overrides = Overrides {
        price: money("price", change.price)?,
        list_price: money("list_price", change.list_price)?,
        stock: change.stock,
        rank: change
            .rank
            .map(|rank| rank.and_then(|rank| u32::try_from(rank).ok())),
        rating: change.rating,
        reviews: change.reviews,
        available: change.available,
        gone: change.gone,
    };
    let known = world.market.find(&key).is_some();
    let seen = world
        .set(&key, change.title, overrides)
        .ok_or_else(|| Unusable::new("marketplace", "is not served"))?;
    let mut state = to_json(&seen, &public_base(&world, &headers));
    state["in_catalogue"] = known.into();
    Ok(Json(state))
}

fn check(change: &Change) -> Result<(), Unusable> {
    let told = [
        ("rank", matches!(change.rank, Some(Some(_)))),
        ("rating", matches!(change.rating, Some(Some(_)))),
        ("reviews", matches!(change.reviews, Some(Some(_)))),
    ];
    let rated = ["rating", "reviews"];
    if change.source != Source::Amazon
        && let Some((field, _)) = told
            .iter()
            .find(|(field, told)| *told && !(change.source == Source::Web && rated.contains(field)))
    {
        return Err(Unusable::new(
            field,
            format!("{}'s wire format has no such field", change.source),
        ));
    }
    let range = |field, value: Option<f64>, low: f64, high: f64| match value {
        Some(value) if !(low..=high).contains(&value) => Err(Unusable::new(
            field,
            format!("{value} is not between {low} and {high}"),
        )),
        _ => Ok(()),
    };
    let whole = |value: Option<i64>| value.map(|value| value as f64);
    range("stock", whole(change.stock), 0.0, 1e9)?;
    range("rank", whole(change.rank.flatten()), 1.0, 4e9)?;
    range("reviews", whole(change.reviews.flatten()), 0.0, 1e12)?;
    range("rating", change.rating.flatten(), 0.0, 5.0)?;
    match &change.title {
        Some(title) if title.trim().is_empty() => Err(Unusable::new("title", "must not be empty")),
        _ => Ok(()),
    }
}
