//! Ordering faults of the mail server.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::Unusable, input::Input};
use crate::{mail::MailFault, world::World};

/// Most faults that one order may be for.
const MOST: usize = 100_000;

/// How to treat whom the next conversations name, and how many of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    kind: MailFault,
    count: usize,
}

/// `POST /_control/mail`: the next `count` recipients are refused for now (`4xx`), for ever (`5xx`), or the server falls
/// silent after the mail (`hang`). A count of 0 takes back what still waits.
pub(super) async fn fault(
    State(world): State<Arc<World>>,
    Input(order): Input<Order>,
) -> Result<Json<Value>, Unusable> {
    if order.count > MOST {
        return Err(Unusable::new("count", format!("must not be over {MOST}")));
    }
    let waiting = world.inbox.order(order.kind, order.count);
    Ok(Json(json!({ "waiting": waiting })))
}
