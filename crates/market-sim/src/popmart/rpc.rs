//! The RPC of the newest generation: one POST route, procedures by path, no signature.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    lists::{self, Collection},
    rpc_view as view,
};
use crate::{
    market::{ListingKey, Source},
    server::{ExternalIds, public_base},
    world::{Look, Seen, World},
};

/// Most rows of a search page, and of a collection page.
const SEARCH_PAGE: usize = 100;
const COLLECTION_PAGE: usize = 50;

/// What a procedure answers with: a reply, and the listings it was about.
type Answer = Result<(Value, Vec<String>), Refusal>;

/// Why a procedure does not answer.
#[derive(Debug)]
enum Refusal {
    Malformed(&'static str),
    NotFound(&'static str),
}

/// `POST /rpc/{procedure}`.
pub(super) async fn call(
    State(world): State<Arc<World>>,
    Path(procedure): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if !matches!(header("x-device-type"), "pc" | "web-pc") {
        let status = StatusCode::from_u16(432).unwrap_or(StatusCode::BAD_REQUEST);
        let body =
            json!({ "code": "DEVICE_TYPE_REQUIRED", "message": "x-device-type is required" });
        return (status, Json(body)).into_response();
    }
    let base = public_base(&world, &headers);
    let call = Call {
        world: &world,
        base,
        area: header("x-area").to_owned(),
        input: Map::new(),
    };
    match call
        .with_input(&body)
        .and_then(|call| call.answer(&procedure))
    {
        Ok((reply, ids)) => {
            let mut response = Json(reply).into_response();
            response.extensions_mut().insert(ExternalIds(ids));
            response
        }
        Err(refusal) => {
            let (status, code, message) = match refusal {
                Refusal::Malformed(text) => (StatusCode::BAD_REQUEST, "BAD_REQUEST", text),
                Refusal::NotFound(text) => (StatusCode::NOT_FOUND, "NOT_FOUND", text),
            };
            (status, Json(json!({ "code": code, "message": message }))).into_response()
        }
    }
}

struct Call<'a> {
    world: &'a World,
    base: String,
    /// As it came: a lower-case area knows no products, and says so with an empty list.
    area: String,
    input: Map<String, Value>,
}

impl Call<'_> {
    fn with_input(mut self, body: &Bytes) -> Result<Self, Refusal> {
        let mut body: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|_| Refusal::Malformed("Input must be a JSON object"))?;
        match body.remove("json") {
            Some(Value::Object(input)) => self.input = input,
            _ => return Err(Refusal::Malformed("Input must be wrapped in \"json\"")),
        }
        Ok(self)
    }

    fn answer(&self, procedure: &str) -> Answer {
        match procedure {
            "search/public_search" => Ok((self.search(), Vec::new())),
            "ec/spu/public_FindSummariesByCollectionId" => Ok((self.collection(), Vec::new())),
            "ec/spu/public_FindOne" => self.find_one(),
            "ec/spu/getStock" => self.stock(),
            "ec/spu/findNewProductCalendar" => {
                let items: Vec<Value> = Collection::new_arrivals(self.world, &self.area)
                    .map(|found| found.products)
                    .unwrap_or_default()
                    .iter()
                    .take(self.number("limit", usize::MAX))
                    .map(|seen| view::summary(seen, &self.base))
                    .collect();
                Ok((json!({ "json": { "items": items } }), Vec::new()))
            }
            "ip/public_findAllBasicInfo" => Ok((self.series(), Vec::new())),
            _ => Err(Refusal::NotFound("Procedure not found")),
        }
    }

    fn search(&self) -> Value {
        let term = self
            .input
            .get("q")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let found = lists::search(self.world, &self.area, term);
        let size = self.number("pageSize", 20).min(SEARCH_PAGE);
        let cut = lists::cut(self.world, &found, self.number("page", 1), size);
        let rows = cut.rows.into_iter();
        let items: Vec<Value> = rows.map(|seen| view::hit(seen, &self.base)).collect();
        json!({ "json": { "total": cut.total, "items": items } })
    }

    fn collection(&self) -> Value {
        let id = match self.input.get("collectionId") {
            Some(Value::String(text)) => text.parse().ok(),
            Some(Value::Number(number)) => number.as_i64(),
            _ => None,
        };
        let products = id
            .and_then(|id| Collection::find(self.world, &self.area, id))
            .map(|found| found.products)
            .unwrap_or_default();
        let size = self
            .number("pageSize", COLLECTION_PAGE)
            .min(COLLECTION_PAGE);
        // Each product sits in a group of its own.
        let cut = lists::cut(self.world, &products, self.number("page", 1), size);
        let items: Vec<Value> = cut
            .rows
            .into_iter()
            .map(|seen| json!({ "items": [view::summary(seen, &self.base)] }))
            .collect();
        let pages = cut.total.div_ceil(size);
        json!({ "json": { "total": cut.total, "totalPages": pages, "items": items } })
    }

    fn find_one(&self) -> Answer {
        let id = self.text("id")?;
        let key = ListingKey::new(Source::Popmart, self.area.clone(), id.clone());
        if let Look::Sample(body) = self.world.look(&key)
            && body.get("json").is_some()
        {
            return Ok((body, vec![id]));
        }
        let seen = self.resolve(&id)?;
        let number = seen.listing.key.external_id.clone();
        Ok((view::one(&seen, self.world.now()), vec![number]))
    }

    fn stock(&self) -> Answer {
        let seen = self.resolve(&self.text("spuId")?)?;
        let wanted: Option<Vec<&str>> = self
            .input
            .get("skuIds")
            .and_then(Value::as_array)
            .map(|ids| ids.iter().filter_map(Value::as_str).collect());
        let stock = view::stock(&seen, wanted.as_deref());
        let number = seen.listing.key.external_id.clone();
        Ok((json!({ "json": { "stock": stock } }), vec![number]))
    }

    fn series(&self) -> Value {
        let mut series: Vec<(i64, String)> = self
            .world
            .all(Source::Popmart, Some(&self.area))
            .iter()
            .filter_map(|seen| {
                Some((
                    seen.listing.release()?.collection,
                    seen.listing.brand.clone(),
                ))
            })
            .collect();
        series.sort();
        series.dedup();
        let items: Vec<Value> = series
            .iter()
            .map(|(id, name)| json!({ "id": id.to_string(), "name": name }))
            .collect();
        json!({ "json": items })
    }

    /// A product by this generation's id, or by the number of the one before, which control uses.
    fn resolve(&self, id: &str) -> Result<Seen, Refusal> {
        let all = self.world.all(Source::Popmart, Some(&self.area));
        all.into_iter()
            .find(|seen| {
                seen.listing.key.external_id == id || view::uuid_of(&seen.listing.key, "") == id
            })
            .ok_or(Refusal::NotFound("Product not found"))
    }

    fn text(&self, name: &str) -> Result<String, Refusal> {
        match self.input.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(Refusal::Malformed("An id is required")),
        }
    }

    fn number(&self, name: &str, default: usize) -> usize {
        let given = self
            .input
            .get(name)
            .and_then(Value::as_u64)
            .filter(|n| *n > 0);
        given.map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX))
    }
}
