//! `GET /api/v1/audit-log`.

use axum::extract::State;
use chrono::{DateTime, Utc};
use db::{ApiPool, TenantTx};
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Paged, auth};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::filter::AuditQuery;
use crate::error::storage;
use crate::storage::audit_log::{self, Line, Whose};

/// Who acted.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AuditActor {
    /// `user`, `api_key`, `operator`, `system` or `anonymous`.
    #[schema(example = "user")]
    kind: String,
    /// The person or key.
    id: Option<Uuid>,
    /// What they were called then: a person's address, a key's name.
    #[schema(example = "owner@example.com")]
    name: Option<String>,
}

/// What it is about.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AuditSubject {
    #[schema(example = "tracking")]
    kind: String,
    /// Null when there is one of the kind, or none yet.
    id: Option<String>,
}

/// One act, done or refused.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AuditEntry {
    id: Uuid,
    at: DateTime<Utc>,
    actor: AuditActor,
    /// An operation of this document, or a command of the operator.
    #[schema(example = "create_tracking")]
    action: String,
    subject: AuditSubject,
    /// `done` or `refused`.
    #[schema(example = "done")]
    outcome: String,
    /// HTTP status of a refusal; null for what was done.
    status: Option<u16>,
    /// Why it was refused.
    reason: Option<String>,
    /// From which address.
    #[schema(example = "203.0.113.9")]
    address: Option<String>,
    /// With what program, as it said itself.
    user_agent: Option<String>,
    /// The session or API key.
    credential: Option<Uuid>,
    /// Names the request in the logs of the processes.
    trace_id: Option<String>,
    /// What more is known.
    #[schema(value_type = Object)]
    details: Value,
}

impl From<Line> for AuditEntry {
    fn from(line: Line) -> Self {
        let told = |text: String| (!text.is_empty()).then_some(text);
        Self {
            id: line.id,
            at: line.at,
            actor: AuditActor {
                kind: line.actor_kind,
                id: line.actor_id,
                name: line.actor_name,
            },
            action: line.action,
            subject: AuditSubject {
                kind: line.subject_kind,
                id: told(line.subject_id),
            },
            outcome: line.outcome,
            status: line.status.map(i16::unsigned_abs),
            reason: told(line.reason),
            address: told(line.address),
            user_agent: told(line.user_agent),
            credential: line.credential_id,
            trace_id: told(line.trace_id),
            details: line.details,
        }
    }
}

/// Who did what in the tenant, newest first: every change, every sign-in, and what was refused for want of a credential, a
/// permission or patience. An act is here within moments.
#[utoipa::path(get, path = "/api/v1/audit-log", tag = "audit", params(AuditQuery, PageRequest),
    responses((status = 200, body = Page<AuditEntry>), ReadProblems))]
pub(in crate::api) async fn list_audit_log(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
    Paged { filter, page }: Paged<AuditQuery>,
) -> ApiResult<Json<Page<AuditEntry>>> {
    let filter = filter.read()?;
    let before = page.after()?;
    let fetch = i64::try_from(page.fetch()).map_err(ApiError::internal)?;
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let whose = Whose::Tenant(caller.tenant_id);
    let lines = audit_log::list(&tx, whose, &filter, before, fetch)
        .await
        .map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let page = Page::of(lines, page.limit, |line| Cursor::after(&(line.at, line.id)));
    Ok(Json(page.map(AuditEntry::from)))
}
