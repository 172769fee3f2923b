//! `/api/v1/tenant/exports`: all that a tenant has, to take along.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use db::{ApiPool, TenantTx, violated_constraint};
use futures::stream;
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Path, auth};
use secrets::SecretBox;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::owner;
use crate::error::storage;
use crate::exports::context;
use crate::storage::exports::{self, ALONE_KEY, Export};

/// The key ring that archives are sealed with.
#[derive(Clone)]
pub(crate) struct Seal(pub(crate) SecretBox);

/// How long an archive takes the place of another one: it holds all that the tenant has, and building it reads all.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// An export and how far it is.
#[derive(Serialize, ToSchema)]
pub(super) struct ExportView {
    id: Uuid,
    /// `queued`, `running`, `done` or `failed`.
    status: String,
    /// How far it is, from 0 to 100.
    percent: i16,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    /// When the archive goes.
    expires_at: Option<DateTime<Utc>>,
    /// Size of the archive; of one that is being built, so far.
    bytes: i64,
    /// Of the archive, in hex; null until it is done.
    sha256: Option<String>,
    /// Why it failed.
    reason: Option<String>,
}

impl From<Export> for ExportView {
    fn from(export: Export) -> Self {
        Self {
            id: export.id,
            status: export.status,
            percent: export.percent,
            created_at: export.created_at,
            finished_at: export.finished_at,
            expires_at: export.expires_at,
            bytes: export.bytes,
            sha256: export.sha256,
            reason: export.reason,
        }
    }
}

/// Ask for an archive of everything that the tenant can see: settings, people, trackings, rules, alerts, products with
/// their histories, crawls and the rest. It is built in the background; secrets are not in it. One an hour: while one is
/// younger, fetch that.
#[utoipa::path(post, path = "/api/v1/tenant/exports", tag = "tenant",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeated request harmless")),
    responses((status = 202, body = ExportView), WriteProblems))]
pub(super) async fn create_export(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
) -> ApiResult<(StatusCode, Json<ExportView>)> {
    let asked_by = owner::require(&caller)?;
    let (id, now) = (Uuid::now_v7(), Utc::now());
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let done = exports::done_since(&tx, now - FRESH, now)
        .await
        .map_err(storage)?;
    if let Some(done) = done {
        return Err(still_fresh(&done, now));
    }
    exports::ask(&tx, id, asked_by, now)
        .await
        .map_err(|error| match violated_constraint(&error) {
            Some(key) if key == ALONE_KEY => ApiError::conflict(
                "An export of this tenant is under way. Wait for it: GET /api/v1/tenant/exports.",
            ),
            _ => storage(error),
        })?;
    let asked = exports::get(&tx, id).await.map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let asked = asked.ok_or_else(|| ApiError::internal("an export that was just asked for"))?;
    Ok((StatusCode::ACCEPTED, Json(asked.into())))
}

/// Says where the archive is that takes the place of another one.
fn still_fresh(done: &Export, now: DateTime<Utc>) -> ApiError {
    let left = done.finished_at.map_or(FRESH, |at| at + FRESH - now);
    ApiError::rate_limited(
        format!(
            "An export was done less than an hour ago. Fetch it: GET /api/v1/tenant/exports/{}/archive. Another one can \
             be asked for when as long has passed as Retry-After says.",
            done.id
        ),
        left.to_std().unwrap_or_default(),
    )
}

/// The tenant's exports, newest first. Archives go after some days.
#[utoipa::path(get, path = "/api/v1/tenant/exports", tag = "tenant", params(PageRequest),
    responses((status = 200, body = Page<ExportView>), ReadProblems))]
pub(super) async fn list_exports(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
    page: PageRequest,
) -> ApiResult<Json<Page<ExportView>>> {
    let before: Option<Uuid> = page.after()?;
    let fetch = i64::try_from(page.fetch()).map_err(ApiError::internal)?;
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let rows = exports::list(&tx, before, fetch).await.map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let page = Page::of(rows, page.limit, |row| Cursor::after(&row.id));
    Ok(Json(page.map(ExportView::from)))
}

/// One export and how far it is.
#[utoipa::path(get, path = "/api/v1/tenant/exports/{id}", tag = "tenant", params(("id" = Uuid, Path)),
    responses((status = 200, body = ExportView), ReadProblems))]
pub(super) async fn get_export(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<ExportView>> {
    let export = find(&pool, caller.tenant_id, id).await?;
    Ok(Json(export.into()))
}

/// The archive: JSON Lines a kind, histories as CSV by source and marketplace, and `manifest.json` with the number of
/// records, size and SHA-256 of each file.
#[utoipa::path(get, path = "/api/v1/tenant/exports/{id}/archive", tag = "tenant", params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>), ReadProblems))]
pub(super) async fn get_export_archive(
    State(pool): State<ApiPool>,
    State(seal): State<Seal>,
    auth::Admin(caller): auth::Admin,
    Path(id): Path<Uuid>,
) -> ApiResult<Response> {
    owner::require(&caller)?;
    let export = find(&pool, caller.tenant_id, id).await?;
    if export.status != "done" || export.expires_at.is_none_or(|end| end <= Utc::now()) {
        return Err(ApiError::conflict(
            "There is no archive: the export is not done. Look at GET /api/v1/tenant/exports/{id}.",
        ));
    }
    let name = format!(
        "{}-{}.zip",
        caller.tenant_slug,
        export.created_at.format("%Y-%m-%d")
    );
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers: [(HeaderName, HeaderValue); 4] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/zip"),
        ),
        (header::CONTENT_LENGTH, export.bytes.into()),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).map_err(ApiError::internal)?,
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
    ];
    let pieces = Pieces {
        pool,
        seal: seal.0,
        tenant_id: caller.tenant_id,
        id,
        chunks: export.chunks,
    };
    // The reader sees a broken connection, never an archive that ends too soon.
    let body = stream::try_unfold((pieces, 0), async |(pieces, place)| {
        match pieces.read(place).await {
            Ok(Some(piece)) => Ok(Some((piece, (pieces, place + 1)))),
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::warn!(%error, "an archive broke off on its way");
                Err(error)
            }
        }
    });
    Ok((headers, Body::from_stream(body)).into_response())
}

async fn find(pool: &ApiPool, tenant_id: Uuid, id: Uuid) -> ApiResult<Export> {
    let tx = TenantTx::begin(pool, tenant_id).await.map_err(storage)?;
    let export = exports::get(&tx, id).await.map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    export.ok_or_else(ApiError::not_found)
}

/// An archive on its way to its reader. No connection is held between two pieces, however slowly they are read.
struct Pieces {
    pool: ApiPool,
    seal: SecretBox,
    tenant_id: Uuid,
    id: Uuid,
    chunks: i32,
}

impl Pieces {
    async fn read(&self, place: i32) -> ApiResult<Option<Bytes>> {
        if place >= self.chunks {
            return Ok(None);
        }
        let tx = TenantTx::begin(&self.pool, self.tenant_id)
            .await
            .map_err(storage)?;
        let sealed = exports::chunk(&tx, self.id, place).await.map_err(storage)?;
        tx.commit().await.map_err(storage)?;
        let sealed = sealed.ok_or_else(|| ApiError::internal("a piece of an archive is gone"))?;
        let opened = self
            .seal
            .open(&sealed, context(self.tenant_id, self.id, place));
        Ok(Some(opened.map_err(ApiError::internal)?.into()))
    }
}
