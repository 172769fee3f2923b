//! Reading the log.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use garde::Validate;
use http::HeaderMap;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Cursor, Page, PageRequest, Paged, Path, auth, etag};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::shapes::{SyncLog, SyncLogWithFailures};
use crate::http::{Api, database};
use crate::storage::syncs::{self, Filter};

/// Failures that a log shows.
const FAILURES: u32 = 100;
const TYPES: [&str; 6] = [
    "products",
    "prices",
    "stock",
    "order",
    "logistics",
    "manual",
];
const STATUSES: [&str; 5] = ["pending", "processing", "success", "failed", "partial"];

/// Which logs.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct SyncLogFilter {
    /// `products`, `prices`, `stock`, `order`, `logistics` or `manual`.
    #[garde(skip)]
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// `pending`, `processing`, `success`, `failed` or `partial`.
    #[garde(skip)]
    status: Option<String>,
    /// Of one source.
    #[garde(inner(length(max = 24)))]
    source: Option<String>,
    /// Begun at or after this instant.
    #[garde(skip)]
    from: Option<DateTime<Utc>>,
    /// Begun before this instant.
    #[garde(skip)]
    to: Option<DateTime<Utc>>,
}

impl SyncLogFilter {
    fn checked(self) -> ApiResult<Filter> {
        one_of("type", self.kind.as_deref(), &TYPES)?;
        one_of("status", self.status.as_deref(), &STATUSES)?;
        if self.from.zip(self.to).is_some_and(|(from, to)| from >= to) {
            return Err(ApiError::invalid("to", "must be later than from"));
        }
        Ok(Filter {
            kind: self.kind,
            status: self.status,
            source: self.source,
            from: self.from,
            to: self.to,
        })
    }
}

fn one_of(field: &str, given: Option<&str>, accepted: &[&str]) -> ApiResult<()> {
    match given {
        Some(word) if !accepted.contains(&word) => Err(ApiError::invalid(
            field,
            format!("must be one of: {}", accepted.join(", ")),
        )),
        _ => Ok(()),
    }
}

/// List what was synced, read live or crawled by hand, the latest first.
#[utoipa::path(get, path = "/api/v1/sync-logs", tag = "syncs", params(SyncLogFilter, PageRequest),
    responses((status = 200, body = Page<SyncLog>), ReadProblems))]
pub(in crate::http) async fn list_sync_logs(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Paged { filter, page }: Paged<SyncLogFilter>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let filter = filter.checked()?;
    let tx = api.begin(caller.tenant_id).await?;
    let before = page.after::<Uuid>()?;
    let rows = syncs::list(&tx, filter, before, page.limit + 1)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    let now = Utc::now();
    let answer = Page::of(rows, page.limit, |row| Cursor::after(&row.id));
    etag::respond(&headers, &answer.map(|row| SyncLog::at(row, now)))
}

/// One log: how it went, and what did not go well.
#[utoipa::path(get, path = "/api/v1/sync-logs/{id}", tag = "syncs",
    params(("id" = Uuid, Path, description = "The log")),
    responses((status = 200, body = SyncLogWithFailures), ReadProblems))]
pub(in crate::http) async fn get_sync_log(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = api.begin(caller.tenant_id).await?;
    let log = syncs::get(&tx, id).await.map_err(database)?;
    let log = log.ok_or_else(ApiError::not_found)?;
    let failures = syncs::failures(&tx, &log, FAILURES)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    let shown = SyncLogWithFailures {
        log: SyncLog::at(log, Utc::now()),
        failures: failures.into_iter().map(Into::into).collect(),
    };
    etag::respond(&headers, &shown)
}
