//! What may be ordered, and at what price.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    Refusal,
    auth::{call, text},
};
use crate::{
    images,
    market::{Availability, ListingKey, Money, Source},
    server::{ExternalIds, FaultKind, public_base},
    world::{Look, Seen, World},
};

/// Most product codes in one call.
const MOST: usize = 20;

/// `…/check-procurable-products`: bare rows. Without codes, all that may be ordered now.
pub(super) async fn products(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = call(&world, &headers, &body, "customerCode", "passWord").and_then(|fields| {
        text(&fields, "sendToCode")?;
        text(&fields, "supplierCode")?;
        expect(&fields, "searchType", "PTJSH")?;
        codes(&fields)
    });
    let asked = match asked {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let base = public_base(&world, &headers);
    let rows = match &asked {
        Some(codes) => rows(&world, codes, "product", |seen| product(seen, &base)),
        None => world
            .all(Source::Haier, None)
            .iter()
            .filter(|seen| seen.snapshot.sellable)
            .map(|seen| product(seen, &base))
            .collect(),
    };
    answer(&world, rows, asked.unwrap_or_default())
}

/// `…/pt-out-list-price`: bare rows.
pub(super) async fn prices(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = call(&world, &headers, &body, "customerCode", "passWord").and_then(|fields| {
        text(&fields, "sendToCode")?;
        expect(&fields, "priceType", "PT")?;
        codes(&fields)?.ok_or(Refusal::Field("productCodes"))
    });
    let asked = match asked {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let mut rows = rows(&world, &asked, "price", price);
    for (kind, spoiled) in [
        (FaultKind::ZeroPrice, json!("0")),
        (FaultKind::WordPrice, json!("面议")),
    ] {
        if world.faults.next_content(Source::Haier, kind) {
            for row in &mut rows {
                row["supplyPrice"] = spoiled.clone();
                row["invoicePrice"] = spoiled.clone();
                row["marketPrice"] = Value::Null;
                row["isSales"] = json!("1");
            }
        }
    }
    answer(&world, rows, asked)
}

fn answer(world: &World, mut rows: Vec<Value>, asked: Vec<String>) -> Response {
    if world
        .faults
        .next_content(Source::Haier, FaultKind::DuplicateRows)
    {
        rows = rows
            .into_iter()
            .flat_map(|row| [row.clone(), row])
            .collect();
    }
    let mut response = Json(rows).into_response();
    response.extensions_mut().insert(ExternalIds(asked));
    response
}

fn expect(fields: &Map<String, Value>, name: &'static str, value: &str) -> Result<(), Refusal> {
    match text(fields, name)? == value {
        true => Ok(()),
        false => Err(Refusal::Field(name)),
    }
}

/// The product codes of a call; `None` when it names none.
fn codes(fields: &Map<String, Value>) -> Result<Option<Vec<String>>, Refusal> {
    const FIELD: Refusal = Refusal::Field("productCodes");
    let Some(named) = fields.get("productCodes") else {
        return Ok(None);
    };
    let codes: Option<Vec<String>> = named
        .as_array()
        .ok_or(FIELD)?
        .iter()
        .map(|code| code.as_str().map(str::to_owned))
        .collect();
    let codes = codes.ok_or(FIELD)?;
    match codes.len() {
        0 => Ok(None),
        1..=MOST => Ok(Some(codes)),
        _ => Err(FIELD),
    }
}

/// One row a code that is listed. A recorded answer is an object with the rows of both calls: `product`, `price`.
fn rows(world: &World, codes: &[String], part: &str, row: impl Fn(&Seen) -> Value) -> Vec<Value> {
    let look = |code: &String| match world.look(&ListingKey::new(Source::Haier, "CN", code.clone()))
    {
        Look::Sample(sample) => sample.get(part).cloned(),
        Look::Seen(seen) if seen.snapshot.availability != Availability::NotFound => {
            Some(row(&seen))
        }
        Look::Seen(_) | Look::Unknown => None,
    };
    codes.iter().filter_map(look).collect()
}

fn product(seen: &Seen, base: &str) -> Value {
    let (listing, snapshot) = (&seen.listing, &seen.snapshot);
    let picture = |view| images::url(base, &listing.key, view);
    json!({
        "productCode": listing.key.external_id,
        "productModel": listing.title,
        "productGroupNamd": listing.appliance().map(|appliance| appliance.group.as_str()),
        "productBrandName": listing.brand,
        "productImageUrl": picture(1),
        "productLageUrls": [picture(1), picture(2)],
        "isSales": flag(snapshot.sellable),
        "noSalesReason": if snapshot.sellable { "" } else { "产品未投放" },
    })
}

fn price(seen: &Seen) -> Value {
    let snapshot = &seen.snapshot;
    let appliance = seen.listing.appliance();
    let (direct, unit) = appliance.map_or((0, 0), |appliance| {
        (appliance.direct_rebate, appliance.unit_rebate.minor)
    });
    let invoice = snapshot
        .price
        .map(|supply| {
            Money::new(
                supply.minor * (10_000 - direct) / 10_000 - unit,
                supply.currency,
            )
        })
        .filter(|invoice| invoice.minor > 0);
    let money = |amount: Option<Money>| amount.map_or(Value::Null, Money::to_json);
    json!({
        "productCode": seen.listing.key.external_id,
        "supplyPrice": money(snapshot.price),
        "invoicePrice": money(invoice),
        "marketPrice": money(snapshot.list_price),
        // The share as a decimal, as text now and then: both are seen there.
        "stockRebatePolicy": format!("0.{direct:04}"),
        "rebateMoney": money(appliance.map(|appliance| appliance.unit_rebate)),
        "isSales": flag(snapshot.sellable),
        "reason": if snapshot.sellable { "" } else { "商品暂不可采" },
    })
}

fn flag(yes: bool) -> &'static str {
    if yes { "1" } else { "0" }
}
