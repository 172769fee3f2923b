//! Ordering faults.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::Unusable, input::Input};
use crate::{
    market::Source,
    server::{Fault, FaultKind},
    world::World,
};

/// Most faults that one order may be for.
const MOST: usize = 100_000;

/// What to break, how, and how often.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    source: Source,
    /// `429` may also come as a number.
    kind: Value,
    count: usize,
    /// Seconds for a `Retry-After` header.
    retry_after: Option<u64>,
}

/// `POST /_control/fault`: the next `count` upstream requests of the source fail so. A count of 0 takes back
/// what is still waiting.
pub(super) async fn fault(
    State(world): State<Arc<World>>,
    Input(order): Input<Order>,
) -> Result<Json<Value>, Unusable> {
    let text = match &order.kind {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return Err(Unusable::new("kind", "must be a string")),
    };
    let kind: FaultKind = serde_json::from_value(Value::String(text.clone())).map_err(|_| {
        let known = "401, 402, 403, 429, 500, timeout, malformed, truncated, html, error_body, reset, run_failed, \
                     run_timed_out, run_aborted, run_hangs, expired_token, zero_price, word_price, duplicate_rows, \
                     many_skus, endless_pages, empty_list, no_currency, 471, 432";
        Unusable::new("kind", format!("`{text}` is none of {known}"))
    })?;
    if order.count > MOST {
        return Err(Unusable::new("count", format!("must not be over {MOST}")));
    }
    if order.source != Source::Amazon && (kind.is_of_runs() || kind == FaultKind::Unpaid) {
        return Err(Unusable::new(
            "kind",
            format!("`{text}` is a fault of amazon only"),
        ));
    }
    if kind.is_of_content() && !told_by(order.source, kind) {
        return Err(Unusable::new(
            "kind",
            format!("`{text}` is no fault of {}", order.source),
        ));
    }
    if order.source != Source::Popmart
        && matches!(kind, FaultKind::Firewall | FaultKind::HeaderMissing)
    {
        return Err(Unusable::new(
            "kind",
            format!("`{text}` is a fault of popmart only"),
        ));
    }
    if order.count == 0 {
        world.faults.take_back(order.source, kind);
    } else {
        let fault = Fault {
            kind,
            retry_after: order.retry_after,
        };
        world.faults.order(order.source, fault, order.count);
    }
    Ok(Json(
        json!({ "source": order.source, "waiting": world.faults.waiting(order.source) }),
    ))
}

/// Whether a source's answers can be spoiled so.
fn told_by(source: Source, kind: FaultKind) -> bool {
    use FaultKind::{DuplicateRows, EmptyList, ExpiredToken, NoCurrency, WordPrice, ZeroPrice};
    match source {
        Source::Web => matches!(
            kind,
            FaultKind::ZeroPrice | FaultKind::WordPrice | FaultKind::ManySkus
        ),
        Source::Haier => matches!(kind, ExpiredToken | ZeroPrice | WordPrice | DuplicateRows),
        Source::Alibaba1688 => !matches!(kind, EmptyList | NoCurrency),
        Source::Popmart => kind != ExpiredToken,
        Source::Amazon => false,
    }
}
