//! Dataset items: a bare array, a page at a time, the paging in headers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::Value;

use super::{auth::Account, error::ApifyError};
use crate::world::World;

/// The `Limit` header of a request without a limit, as Apify writes it.
const NO_LIMIT: usize = 999_999_999_999;

/// Query parameters of a page of items.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageQuery {
    offset: Option<usize>,
    limit: Option<usize>,
    desc: Option<String>,
    clean: Option<String>,
    skip_empty: Option<String>,
    skip_hidden: Option<String>,
    /// Names joined by commas; a row then has these and no others.
    fields: Option<String>,
    /// Names joined by commas that a row does not have then.
    omit: Option<String>,
    format: Option<String>,
}

/// `GET /v2/datasets/{dataset}/items`.
pub(crate) async fn items(
    _account: Account,
    State(world): State<Arc<World>>,
    Path(dataset): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, ApifyError> {
    let run = world.runs.find_by(|run| run.dataset_id == dataset);
    let run = run.ok_or(ApifyError::NotFound("Dataset"))?;
    page(&run.progress().items, &query)
}

/// `GET /v2/actor-runs/{run}/dataset/items`.
pub(crate) async fn run_items(
    _account: Account,
    State(world): State<Arc<World>>,
    Path(run): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, ApifyError> {
    let run = world
        .runs
        .find(&run)
        .ok_or(ApifyError::NotFound("Actor run"))?;
    page(&run.progress().items, &query)
}

/// One page of items.
pub(crate) fn page(items: &[Value], query: &PageQuery) -> Result<Response, ApifyError> {
    if query
        .format
        .as_deref()
        .is_some_and(|format| format != "json")
    {
        let text = "market-sim serves dataset items as format=json only";
        return Err(ApifyError::InvalidValue(text.to_owned()));
    }
    let on = |flag: &Option<String>| matches!(flag.as_deref(), Some("1" | "true"));
    let (clean, desc) = (on(&query.clean), on(&query.desc));
    let (offset, limit) = (query.offset.unwrap_or(0), query.limit.unwrap_or(NO_LIMIT));
    let count = items.len().saturating_sub(offset).min(limit);
    let chosen: Vec<Value> = (offset..offset + count)
        .map(|place| {
            if desc {
                &items[items.len() - 1 - place]
            } else {
                &items[place]
            }
        })
        .map(|item| shape(item, query, clean || on(&query.skip_hidden)))
        // Empty rows fall out after the page is cut: a short page need not be the last.
        .filter(|item| {
            !(clean || on(&query.skip_empty)) || item.as_object().is_none_or(|row| !row.is_empty())
        })
        .collect();
    let returned = chosen.len();
    let mut response = Json(chosen).into_response();
    for (name, number) in [
        ("x-apify-pagination-offset", offset),
        ("x-apify-pagination-limit", limit),
        ("x-apify-pagination-count", returned),
        ("x-apify-pagination-total", items.len()),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from(number));
    }
    response.headers_mut().insert(
        "x-apify-pagination-desc",
        HeaderValue::from_static(if desc { "true" } else { "false" }),
    );
    Ok(response)
}

fn shape(item: &Value, query: &PageQuery, skip_hidden: bool) -> Value {
    let Value::Object(row) = item else {
        return item.clone();
    };
    let listed = |names: &Option<String>, name: &str| {
        names
            .as_deref()
            .is_some_and(|names| names.split(',').any(|n| n.trim() == name))
    };
    let kept = |name: &&String| {
        (query.fields.is_none() || listed(&query.fields, name))
            && !listed(&query.omit, name)
            && !(skip_hidden && name.starts_with('#'))
    };
    let row = row.iter().filter(|(name, _)| kept(name));
    Value::Object(
        row.map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}
