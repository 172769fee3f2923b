//! What the warehouses hold for one county.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Refusal,
    auth::{call, text},
};
use crate::{
    market::{ListingKey, Noise, Source},
    server::ExternalIds,
    world::World,
};

/// `…/get-available-stock-open`: an enveloped list with one entry a warehouse; stock is text.
pub(super) async fn stock(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = call(&world, &headers, &body, "salesCode", "sellerPassword").and_then(|fields| {
        text(&fields, "senderCode")?;
        if text(&fields, "source")? != "JSH-B" {
            return Err(Refusal::Field("source"));
        }
        let county = text(&fields, "countyCode")?.to_owned();
        if county.len() != 6 || !county.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::Field("countyCode"));
        }
        Ok((text(&fields, "productCode")?.to_owned(), county))
    });
    let (code, county) = match asked {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let key = ListingKey::new(Source::Haier, "CN", code.clone());
    let units = world.see(&key).and_then(|seen| seen.snapshot.stock);
    let data = units.map_or_else(Vec::new, |units| warehouses(&world, &code, &county, units));
    let mut response = Json(json!({ "success": true, "data": data })).into_response();
    response.extensions_mut().insert(ExternalIds(vec![code]));
    response
}

/// The distributor's own warehouse first; the rest lies one level up.
fn warehouses(world: &World, code: &str, county: &str, units: i64) -> Vec<Value> {
    let noise = Noise::new(7).of(county).of(code);
    let own = (units as f64 * noise.of("own").between(0.5, 0.9)) as i64;
    let tomorrow = world.now() + TimeDelta::hours(30);
    let entry = |name: &str, stock: i64, upper: bool| {
        json!({
            "secCode": format!("{name}{:02}", noise.of(name).below(90) + 10),
            "stock": stock.to_string(),
            "warehouseGrade": if upper { "1" } else { "0" },
            "timelinessData": {
                "cutTime": "16:00",
                "achieveUserOrderCut": tomorrow.format("%Y-%m-%d 18:00:00").to_string(),
                "hour": if upper { "72" } else { "48" },
                "isTranfer": if upper { "1" } else { "0" },
            },
        })
    };
    vec![entry("CK", own, false), entry("RDC", units - own, true)]
}
