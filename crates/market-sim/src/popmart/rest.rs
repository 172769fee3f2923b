//! The signed REST calls.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    details,
    envelope::{self, Failure},
    lists::{self, Collection},
    sign::{self, Signed},
};
use crate::{
    market::{ListingKey, Source},
    server::{ExternalIds, public_base},
    world::{Look, World},
};

/// `GET /shop/v1/shop/productDetails?spuId=`.
pub(super) async fn product_details(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let params = match signed_query(&world, &headers, query.as_deref().unwrap_or_default()) {
        Ok(params) => params,
        Err(failure) => return failure.reply(&world),
    };
    let Some(id) = text(&params, "spuId") else {
        return Failure::Malformed.reply(&world);
    };
    let key = ListingKey::new(Source::Popmart, country(&headers), id.clone());
    let base = public_base(&world, &headers);
    let mut response = match world.look(&key) {
        // A sample of another generation does not fit here; anything else is served as it was given.
        Look::Sample(body) if body.get("json").is_none() => Json(body).into_response(),
        Look::Unknown => Failure::NoProduct.reply(&world),
        Look::Sample(_) => from_market(&world, &key, &base),
        Look::Seen(seen) if seen.snapshot.availability == crate::market::Availability::NotFound => {
            Failure::NoProduct.reply(&world)
        }
        Look::Seen(seen) => {
            Json(envelope::ok(&world, details::product(&seen, &base))).into_response()
        }
    };
    response.extensions_mut().insert(ExternalIds(vec![id]));
    response
}

fn from_market(world: &World, key: &ListingKey, base: &str) -> Response {
    match world.see(key) {
        Some(seen) => Json(envelope::ok(world, details::product(&seen, base))).into_response(),
        None => Failure::NoProduct.reply(world),
    }
}

/// `POST /shop/v1/search`.
pub(super) async fn search(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let params = match signed_body(&world, &headers, &body) {
        Ok(params) => params,
        Err(failure) => return failure.reply(&world),
    };
    let term = text(&params, "term").unwrap_or_default();
    let (page, page_size) = (number(&params, "page", 1), number(&params, "pageSize", 20));
    let found = lists::search(&world, &country(&headers), &term);
    let base = public_base(&world, &headers);
    let cut = lists::cut(&world, &found, page, page_size);
    let rows = cut.rows.into_iter();
    let list: Vec<Value> = rows.map(|seen| lists::search_row(seen, &base)).collect();
    let data = json!({ "total": cut.total, "page": page, "pageSize": page_size, "list": list });
    Json(envelope::ok(&world, data)).into_response()
}

/// `GET /shop/v3/shop/productOnCollection`.
pub(super) async fn collection_get(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    match signed_query(&world, &headers, query.as_deref().unwrap_or_default()) {
        Ok(params) => collection(&world, &headers, &params),
        Err(failure) => failure.reply(&world),
    }
}

/// `POST /shop/v3/shop/productOnCollection`.
pub(super) async fn collection_post(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match signed_body(&world, &headers, &body) {
        Ok(params) => collection(&world, &headers, &params),
        Err(failure) => failure.reply(&world),
    }
}

fn collection(world: &World, headers: &HeaderMap, params: &Map<String, Value>) -> Response {
    let id = text(params, "collectionId").and_then(|id| id.parse().ok());
    let Some(id) = id else {
        return Failure::Malformed.reply(world);
    };
    let (page, page_size) = (number(params, "page", 1), number(params, "pageSize", 20));
    match Collection::find(world, &country(headers), id) {
        Some(found) => {
            let data = found.page(world, &public_base(world, headers), page, page_size);
            Json(envelope::ok(world, data)).into_response()
        }
        None => Failure::NoProduct.reply(world),
    }
}

/// The shop's country: a header, not a path. Any case; the shop of the USA without one.
fn country(headers: &HeaderMap) -> String {
    let named = headers.get("country").and_then(|value| value.to_str().ok());
    named.unwrap_or("US").to_uppercase()
}

fn signed_query(
    world: &World,
    headers: &HeaderMap,
    query: &str,
) -> Result<Map<String, Value>, Failure> {
    let params = sign::query_params(query);
    let find = |wanted: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let signed = Signed {
        params: &params,
        s: find("s"),
        t: find("t"),
    };
    sign::is_valid(&world.options, headers, &signed)
        .then_some(())
        .ok_or(Failure::Signature)?;
    Ok(params)
}

fn signed_body(
    world: &World,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Map<String, Value>, Failure> {
    let mut params: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| Failure::Malformed)?;
    let (s, t) = (text(&params, "s"), text(&params, "t"));
    params.remove("s");
    params.remove("t");
    let signed = Signed {
        params: &params,
        s,
        t,
    };
    sign::is_valid(&world.options, headers, &signed)
        .then_some(())
        .ok_or(Failure::Signature)?;
    Ok(params)
}

/// A parameter as text, be it a string or a number.
fn text(params: &Map<String, Value>, name: &str) -> Option<String> {
    match params.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(params: &Map<String, Value>, name: &str, default: usize) -> usize {
    text(params, name)
        .and_then(|text| text.parse().ok())
        .filter(|n| *n > 0)
        .unwrap_or(default)
}
