//! Live reads on a tenant's behalf.

use std::collections::BTreeMap;

use domain::observation::Observation;

/// One live read, by its name and parameters as the API has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// `products`, `prices`, `stock`, `balance`, `logistics`.
    pub name: String,
    /// Checked by whoever took them from the outside; a list is joined with commas.
    pub parameters: BTreeMap<String, String>,
}

/// What it answered.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveAnswer {
    /// For the caller, in the shape that the API documents.
    pub body: serde_json::Value,
    /// The same rows for the catalogue; empty where it is about no product.
    pub observations: Vec<Observation>,
}
