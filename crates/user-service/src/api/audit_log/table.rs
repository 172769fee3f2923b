//! `GET /api/v1/audit-log.csv`.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use db::{ApiPool, TenantTx};
use futures::{StreamExt, stream};
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Query, auth};
use uuid::Uuid;

use super::csv;
use super::filter::AuditQuery;
use crate::error::storage;
use crate::storage::audit_log::{self, Filter, Whose};

/// Lines that are read, and written, at a time.
const PAGE: i64 = 1_000;

/// The same as a table: every line that matches, newest first.
#[utoipa::path(get, path = "/api/v1/audit-log.csv", tag = "audit", params(AuditQuery),
    responses((status = 200, content_type = "text/csv", body = String), ReadProblems))]
pub(in crate::api) async fn audit_log_csv(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
    Query(query): Query<AuditQuery>,
) -> ApiResult<Response> {
    let table = Table {
        pool,
        tenant_id: caller.tenant_id,
        filter: query.read()?,
        before: None,
    };
    // The first page is read before the answer begins: what fails until then is told in words.
    let (first, rest) = table.page().await?;
    let pages = stream::try_unfold(rest, async |rest: Option<Table>| match rest {
        Some(table) => Ok(Some(table.page().await?)),
        None => Ok::<_, ApiError>(None),
    });
    let body = stream::iter([Ok(Bytes::from(csv::HEADER)), Ok(first)])
        .chain(pages)
        .inspect(|page| {
            // The reader sees a broken connection, never a table that ends too soon.
            if let Err(error) = page {
                tracing::warn!(%error, "an export of the audit log broke off");
            }
        });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"audit-log.csv\""),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// The rest of a table: where it goes on.
struct Table {
    pool: ApiPool,
    tenant_id: Uuid,
    filter: Filter,
    before: Option<(DateTime<Utc>, Uuid)>,
}

impl Table {
    /// The next page as text, and the rest if there may be more. No connection is held between two pages, however slowly
    /// the reader reads.
    async fn page(mut self) -> ApiResult<(Bytes, Option<Self>)> {
        let tx = TenantTx::begin(&self.pool, self.tenant_id)
            .await
            .map_err(storage)?;
        let whose = Whose::Tenant(self.tenant_id);
        let lines = audit_log::list(&tx, whose, &self.filter, self.before, PAGE)
            .await
            .map_err(storage)?;
        tx.commit().await.map_err(storage)?;
        let more = i64::try_from(lines.len()).unwrap_or(i64::MAX) >= PAGE;
        let mut text = String::with_capacity(lines.len() * 256);
        for line in &lines {
            csv::write(line, &mut text);
        }
        self.before = lines.last().map(|line| (line.at, line.id)).or(self.before);
        Ok((Bytes::from(text), more.then_some(self)))
    }
}
