//! `/api/v1/auth/sessions`: where the signed-in person is signed in.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use http_kit::auth::Principal;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiResult, Json, Page, Path};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::profile::person;
use crate::accounts::Accounts;

/// A sign-in that can still go on.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    id: Uuid,
    /// The slug of the tenant that it is for.
    tenant: String,
    created_at: DateTime<Utc>,
    /// When its tokens were last renewed.
    last_used_at: DateTime<Utc>,
    /// The program that signed in, as it calls itself.
    user_agent: Option<String>,
    /// The address it signed in from.
    address: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

/// The person's sessions, in all tenants, the last used first.
#[utoipa::path(get, path = "/api/v1/auth/sessions", tag = "auth",
    responses((status = 200, body = Page<SessionView>), ReadProblems))]
pub(super) async fn list_sessions(
    State(accounts): State<Accounts>,
    caller: Principal,
) -> ApiResult<Json<Page<SessionView>>> {
    let (user_id, session_id) = person(&caller)?;
    let open = accounts.sessions(user_id, Utc::now()).await?;
    let items = open
        .into_iter()
        .map(|session| SessionView {
            current: session.id == session_id,
            id: session.id,
            tenant: session.tenant_slug,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            user_agent: session.user_agent,
            address: session.address,
        })
        .collect();
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}

/// End one of the person's sessions.
#[utoipa::path(delete, path = "/api/v1/auth/sessions/{id}", tag = "auth", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Ended"), ReadProblems))]
pub(super) async fn end_session(
    State(accounts): State<Accounts>,
    caller: Principal,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let (user_id, _) = person(&caller)?;
    accounts.end_own_session(user_id, id, Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of the person's sessions but the one that asks.
#[utoipa::path(delete, path = "/api/v1/auth/sessions", tag = "auth",
    responses((status = 204, description = "Ended"), ReadProblems))]
pub(super) async fn end_other_sessions(
    State(accounts): State<Accounts>,
    caller: Principal,
) -> ApiResult<StatusCode> {
    let (user_id, session_id) = person(&caller)?;
    accounts
        .end_other_sessions(user_id, session_id, Utc::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
