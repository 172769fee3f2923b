//! Live reads of a distributor, with the tenant's own credential.

use std::collections::BTreeMap;

use axum::extract::{RawQuery, State};
use chrono::Utc;
use connectors::haier;
use connectors::live::LiveCall;
use contracts::crawl::v1::LiveRequest;
use contracts::crawl::v1::live_response::Answer;
use db::TenantTx;
use http_kit::openapi::{ReadProblems, UpstreamProblems};
use http_kit::{ApiError, ApiResult, Json, auth};
use sea_orm::DbErr;
use serde_json::Value;
use uuid::Uuid;

use super::refusals::refused;
use super::{Api, own_credential};
use crate::storage::syncs::{self, Read};

/// Products that the tenant may buy: all, or those named. They land in the catalogue as well.
#[utoipa::path(get, path = "/api/v1/sources/haier/products", tag = "sources",
    params(("product_codes" = Option<String>, Query, description = "At most 100 codes, separated by commas")),
    responses((status = 200, body = Value,
                description = "`products`, each with its code, model, brand, category, pictures and whether it may be ordered; `not_found`"),
              ReadProblems, UpstreamProblems))]
pub(super) async fn haier_products(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, "products", query).await
}

/// What products cost this account. They land in the catalogue as well.
#[utoipa::path(get, path = "/api/v1/sources/haier/prices", tag = "sources",
    params(("product_codes" = String, Query, description = "At most 100 codes, separated by commas")),
    responses((status = 200, body = Value,
                description = "`prices`, each with `price` and `price_kind`, the three prices it is chosen from, and rebates; `not_found`"),
              ReadProblems, UpstreamProblems))]
pub(super) async fn haier_prices(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, "prices", query).await
}

/// How many of a product a county's warehouses have. It lands in the catalogue as well.
#[utoipa::path(get, path = "/api/v1/sources/haier/stock", tag = "sources",
    params(("product_code" = String, Query, description = "One product"),
           ("county_code" = Option<String>, Query,
            description = "Six digits, GB/T 2260; the credential's county when left out")),
    responses((status = 200, body = Value,
                description = "`stock` of all `warehouses` together, and each with its pieces and times"),
              ReadProblems, UpstreamProblems))]
pub(super) async fn haier_stock(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, "stock", query).await
}

/// What is left on the account.
#[utoipa::path(get, path = "/api/v1/sources/haier/balance", tag = "sources",
    responses((status = 200, body = Value,
                description = "`balance`, the sales organisation and the paying account"),
              ReadProblems, UpstreamProblems))]
pub(super) async fn haier_balance(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, "balance", query).await
}

/// Where an order is.
#[utoipa::path(get, path = "/api/v1/sources/haier/logistics", tag = "sources",
    params(("order_code" = String, Query, description = "The order"),
           ("delivery_record_code" = Option<String>, Query, description = "One delivery of it"),
           ("member_id" = Option<i64>, Query, description = "The member who ordered")),
    responses((status = 200, body = Value,
                description = "`events`, `deliveries` and `third_party` of the order, in the entries of the platform"),
              ReadProblems, UpstreamProblems))]
pub(super) async fn haier_logistics(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Value>> {
    read(&api, &caller, "logistics", query).await
}

async fn read(
    api: &Api,
    caller: &auth::Principal,
    name: &str,
    query: Option<String>,
) -> ApiResult<Json<Value>> {
    let call = LiveCall {
        name: name.to_owned(),
        parameters: parameters(query.as_deref().unwrap_or_default())?,
    };
    haier::live::check(&call).map_err(|wrong| ApiError::invalid(wrong.field, wrong.message))?;
    let about = &haier::ABOUT;
    let credential = own_credential::fields(api, caller.tenant_id, about).await?;
    let owner = caller.tenant_id.to_string();
    let request = LiveRequest {
        source: about.source.to_string(),
        name: call.name,
        parameters: call.parameters.into_iter().collect(),
        credential,
        owner_tenant_id: owner.clone(),
    };
    let started_at = Utc::now();
    let answer = api.fetching.live(caller.tenant_id, about, request).await;
    let came = answer.as_ref().ok().map(|answer| things(name, answer));
    let answer = answer.map_err(|refusal| refused(refusal, None));
    let message = match &answer {
        Ok(_) => format!("Read live: {name}"),
        Err(error) => error.detail().to_owned(),
    };
    let read = Read {
        kind: kind(name),
        source: about.source.to_string(),
        came,
        message,
        started_at,
    };
    if let Err(error) = log(api, caller.tenant_id, read).await {
        tracing::warn!(%error, read = name, "a live read is not in the log");
    }
    let answer = answer?;
    let body: Value = serde_json::from_str(&answer.body).map_err(ApiError::internal)?;
    let mut rows = answer.observations;
    for row in &mut rows {
        // Whose they are is not the worker's to say.
        row.owner_tenant_id = Some(owner.clone());
    }
    // What was read is answered whether or not core has room for it; the next read brings it again.
    if let Err(error) = api.catalog.record_read(caller.tenant_id, rows).await {
        tracing::warn!(%error, source = %about.source, read = name, "a live read is not in the catalogue");
    }
    Ok(Json(body))
}

/// What the log calls a read.
fn kind(name: &str) -> &'static str {
    match name {
        "prices" => "prices",
        "stock" => "stock",
        // What the account can order for.
        "balance" => "order",
        "logistics" => "logistics",
        _ => "products",
    }
}

/// How many things came back: products, or the one that was asked for.
fn things(name: &str, answer: &Answer) -> i32 {
    match name {
        "products" | "prices" => i32::try_from(answer.observations.len()).unwrap_or(i32::MAX),
        _ => 1,
    }
}

async fn log(api: &Api, tenant_id: Uuid, read: Read) -> Result<(), DbErr> {
    let tx = TenantTx::begin(&api.pool, tenant_id).await?;
    syncs::log_read(&tx, read, Utc::now()).await?;
    tx.commit().await
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
