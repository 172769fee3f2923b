//! What is listed, and how it looks now.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    http::HeaderMap,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::Unusable, requests::source};
use crate::{
    market::{Money, Source},
    server::public_base,
    world::{Seen, World},
};

/// Which listings to tell.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    source: Option<String>,
    marketplace: Option<String>,
    external_id: Option<String>,
}

/// `GET /_control/listings?source=&marketplace=&external_id=`.
pub(super) async fn list(
    State(world): State<Arc<World>>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Json<Vec<Value>>, Unusable> {
    let sources = match which.source {
        Some(name) => vec![source(&name)?],
        None => vec![
            Source::Amazon,
            Source::Popmart,
            Source::Haier,
            Source::Alibaba1688,
            Source::Web,
        ],
    };
    let marketplace = which.marketplace.map(|name| name.to_uppercase());
    let all = sources
        .into_iter()
        .flat_map(|source| world.all(source, marketplace.as_deref()))
        .filter(|seen| {
            which
                .external_id
                .as_ref()
                .is_none_or(|id| *id == seen.listing.key.external_id)
        });
    let base = public_base(&world, &headers);
    Ok(Json(all.map(|seen| to_json(&seen, &base)).collect()))
}

/// A listing as control tells it. `base` is the simulator's own address, below which the web shop is.
pub(super) fn to_json(seen: &Seen, base: &str) -> Value {
    let (listing, snapshot) = (&seen.listing, &seen.snapshot);
    let money = |amount: Option<Money>| {
        amount.map(
            |amount| json!({ "amount": amount.to_string(), "currency": amount.currency.code() }),
        )
    };
    let ranks: Vec<Value> = snapshot
        .ranks
        .iter()
        .map(|entry| json!({ "category": entry.category, "rank": entry.rank }))
        .collect();
    let url = listing.key.url();
    let url = match url.starts_with('/') {
        true => format!("{base}{url}"),
        false => url,
    };
    json!({
        "source": listing.key.source,
        "marketplace": listing.key.marketplace,
        "external_id": listing.key.external_id,
        "url": url,
        "title": listing.title,
        "brand": listing.brand,
        "price": money(snapshot.price),
        "list_price": money(snapshot.list_price),
        "availability": snapshot.availability.name(),
        "available": snapshot.in_stock(),
        "stock": snapshot.stock,
        "rank": snapshot.ranks.first().map(|entry| entry.rank),
        "ranks": ranks,
        "rating": snapshot.rating,
        "reviews": snapshot.review_count,
    })
}
