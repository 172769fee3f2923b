//! Answers that travel well and say nonsense: what faults of content make of a good one.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use serde_json::{Value, json};

use crate::{market::Source, server::FaultKind, world::World};

/// Largest answer that is spoiled; ours are far smaller.
const LARGEST: usize = 16 << 20;
/// SKUs of a product that has too many.
const MANY: usize = 10_000;

/// Faults of content that PopMart knows. Pages without end are made where lists are cut.
const KINDS: &[FaultKind] = &[
    FaultKind::ZeroPrice,
    FaultKind::WordPrice,
    FaultKind::NoCurrency,
    FaultKind::DuplicateRows,
    FaultKind::EmptyList,
    FaultKind::ManySkus,
];

/// Lets the request through and spoils its answer, if a fault is due.
pub(super) async fn pass(
    State(world): State<Arc<World>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let due = |kind: &&FaultKind| world.faults.next_content(Source::Popmart, **kind);
    let Some(kind) = response
        .status()
        .is_success()
        .then(|| KINDS.iter().find(due))
        .flatten()
    else {
        return response;
    };
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, LARGEST).await.unwrap_or_default();
    let Ok(mut answer) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    spoil(&mut answer, *kind);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(answer.to_string()))
}

fn spoil(value: &mut Value, kind: FaultKind) {
    match value {
        Value::Object(fields) => {
            if kind == FaultKind::NoCurrency {
                fields.remove("currency");
            }
            for (name, field) in fields {
                let rows = matches!(name.as_str(), "list" | "productData" | "items");
                match (kind, name.as_str(), &mut *field) {
                    (FaultKind::ZeroPrice, "price" | "discountPrice", price) => *price = json!(0),
                    (FaultKind::WordPrice, "price" | "discountPrice", price) => {
                        *price = json!(price.to_string());
                    }
                    (FaultKind::EmptyList, _, Value::Array(all)) if rows => all.clear(),
                    (FaultKind::DuplicateRows, name, Value::Array(all))
                        if rows || name == "skus" =>
                    {
                        *all = all
                            .iter()
                            .flat_map(|row| [row.clone(), row.clone()])
                            .collect();
                    }
                    (FaultKind::ManySkus, "skus", Value::Array(skus)) => many(skus),
                    (_, _, field) => spoil(field, kind),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                spoil(item, kind);
            }
        }
        _ => {}
    }
}

/// The first SKU again and again, under ids of its own form.
fn many(skus: &mut Vec<Value>) {
    let Some(first) = skus.first().cloned() else {
        return;
    };
    let uuid = first["id"].as_str().is_some_and(|id| id.contains('-'));
    *skus = (0..MANY)
        .map(|number| {
            let mut sku = first.clone();
            sku["id"] = if uuid {
                json!(format!("{number:08x}-0000-4000-8000-{number:012x}"))
            } else {
                json!((1_000_000 + number).to_string())
            };
            sku
        })
        .collect();
}
