//! Live reads of a distributor, with the tenant's own credential.

use std::collections::BTreeMap;

use axum::extract::{RawQuery, State};
use contracts::crawl::v1::LiveRequest;
use http_kit::openapi::{ReadProblems, UpstreamProblems};
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult, Json, auth};
use serde_json::Value;

use super::refusals::refused;
use super::{Api, own_credential};
use crate::rules::live::{self, Read};

/// The source that has them.
const SOURCE: &str = "haier";

/// Products that the tenant may buy: all, or those named. They land in the catalogue as well.
#[utoipa::path(get, path = "/api/v1/sources/haier/products", tag = "sources",
    params(("product_codes" = Option<String>, Query, description = "At most 200 codes, separated by commas")),
    responses((status = 200, body = Value, description = "As the connector documents"), ReadProblems, UpstreamProblems))]
pub(super) async fn haier_products(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, Read::Products, query).await
}

/// What products cost this account. They land in the catalogue as well.
#[utoipa::path(get, path = "/api/v1/sources/haier/prices", tag = "sources",
    params(("product_codes" = String, Query, description = "At most 200 codes, separated by commas")),
    responses((status = 200, body = Value, description = "As the connector documents"), ReadProblems, UpstreamProblems))]
pub(super) async fn haier_prices(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, Read::Prices, query).await
}

/// How many of a product a county's warehouses have. It lands in the catalogue as well.
#[utoipa::path(get, path = "/api/v1/sources/haier/stock", tag = "sources",
    params(("product_code" = String, Query, description = "One product"),
           ("county_code" = String, Query, description = "Six digits, GB/T 2260")),
    responses((status = 200, body = Value, description = "As the connector documents"), ReadProblems, UpstreamProblems))]
pub(super) async fn haier_stock(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, Read::Stock, query).await
}

/// What is left on the account.
#[utoipa::path(get, path = "/api/v1/sources/haier/balance", tag = "sources",
    responses((status = 200, body = Value, description = "As the connector documents"), ReadProblems, UpstreamProblems))]
pub(super) async fn haier_balance(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, Read::Balance, query).await
}

/// Where an order is.
#[utoipa::path(get, path = "/api/v1/sources/haier/logistics", tag = "sources",
    params(("order_code" = String, Query, description = "The order")),
    responses((status = 200, body = Value, description = "As the connector documents"), ReadProblems, UpstreamProblems))]
pub(super) async fn haier_logistics(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, Read::Logistics, query).await
}

async fn read(
    api: &Api,
    caller: &auth::Principal,
    read: Read,
    query: Option<String>,
) -> ApiResult<Json<Value>> {
    let given = parameters(query.as_deref().unwrap_or_default())?;
    let parameters = live::check(read, &given).map_err(|problems| {
        let field = |(name, message)| FieldError::new(name, message);
        ApiError::invalid_fields(problems.into_iter().map(field).collect())
    })?;
    let about = own_credential::about(SOURCE)?;
    let credential = own_credential::fields(api, caller.tenant_id, about).await?;
    let owner = caller.tenant_id.to_string();
    let request = LiveRequest {
        source: SOURCE.to_owned(),
        name: read.as_str().to_owned(),
        parameters: parameters.into_iter().collect(),
        credential,
        owner_tenant_id: owner.clone(),
    };
    let answer = api.fetching.live(caller.tenant_id, request).await;
    let answer = answer.map_err(|refusal| refused(refusal, None))?;
    let body: Value = serde_json::from_str(&answer.body).map_err(ApiError::internal)?;
    let mut rows = answer.observations;
    for row in &mut rows {
        // Whose they are is not the worker's to say.
        row.owner_tenant_id = Some(owner.clone());
    }
    // What was read is answered whether or not core has room for it; the next read brings it again.
    if let Err(error) = api.catalog.record_read(caller.tenant_id, rows).await {
        tracing::warn!(%error, source = SOURCE, read = read.as_str(), "a live read is not in the catalogue");
    }
    Ok(Json(body))
}

/// The query's parameters; each may come once.
fn parameters(query: &str) -> ApiResult<BTreeMap<String, String>> {
    let mut given = BTreeMap::new();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        if given
            .insert(name.clone().into_owned(), text.into_owned())
            .is_some()
        {
            return Err(ApiError::invalid(
                name,
                "must be given once; separate several by commas",
            ));
        }
    }
    Ok(given)
}
