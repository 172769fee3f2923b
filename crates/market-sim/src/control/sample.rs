//! Serving a recorded answer verbatim.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    error::Unusable,
    input::{Input, key},
};
use crate::{market::Source, world::World};

/// A recorded answer and the listing to serve it for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    source: Source,
    marketplace: String,
    external_id: String,
    /// Amazon: a dataset item, or an array of them. PopMart: the whole reply, envelope included. Haier: an object
    /// with the `product` and the `price` row. 1688: the whole reply to the question for a product's detail.
    body: Value,
}

/// `POST /_control/sample`.
pub(super) async fn sample(
    State(world): State<Arc<World>>,
    Input(sample): Input<Sample>,
) -> Result<Json<Value>, Unusable> {
    let key = key(sample.source, &sample.marketplace, &sample.external_id)?;
    let told = json!({
        "source": key.source,
        "marketplace": key.marketplace,
        "external_id": key.external_id,
        "url": key.url(),
        "sample": true,
    });
    world.set_sample(key, sample.body);
    Ok(Json(told))
}
