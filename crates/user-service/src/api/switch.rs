//! `/api/v1/auth/tenants`, `/switch` and `/handoff`: a person of several tenants.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use garde::Validate;
use http_kit::auth::{Authenticator, Principal, Role, cookies};
use http_kit::openapi::{PublicProblems, ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Json, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{self, TokensView};
use super::profile::person;
use crate::accounts::{Accounts, Origin, SignedIn};

/// A tenant of the signed-in person.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnTenantView {
    slug: String,
    name: String,
    /// What the person is there: `owner`, `admin`, `member` or `viewer`.
    #[schema(value_type = Role)]
    role: String,
    /// `active` or `suspended`.
    status: String,
    /// Whether the access token is for this one.
    current: bool,
}

/// Where to go on.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Switch {
    /// One of the person's tenants.
    #[schema(example = "acme")]
    slug: String,
    /// True: a code for `POST /api/v1/auth/handoff` at that tenant's host, instead of tokens.
    #[serde(default)]
    handoff: bool,
}

/// A code that works once, for a minute, at the tenant's host.
#[derive(Serialize, ToSchema)]
pub(super) struct HandoffView {
    handoff: String,
}

/// Tokens of a session in the other tenant, or the code that gets them there.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "for the document alone: the tokens may be cookies instead"
)]
pub(super) enum Switched {
    Tokens(TokensView),
    Handoff(HandoffView),
}

/// The code of a switch.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct TakeOver {
    code: String,
}

/// Every tenant that the signed-in person belongs to, by name.
#[utoipa::path(get, path = "/api/v1/auth/tenants", tag = "auth",
    responses((status = 200, body = Page<OwnTenantView>), ReadProblems))]
pub(super) async fn list_own_tenants(
    State(accounts): State<Accounts>,
    caller: Principal,
) -> ApiResult<Json<Page<OwnTenantView>>> {
    let (user_id, _) = person(&caller)?;
    let tenants = accounts.tenants(user_id).await?;
    let items = tenants
        .into_iter()
        .map(|tenant| OwnTenantView {
            current: tenant.tenant_id == caller.tenant_id,
            slug: tenant.slug,
            name: tenant.name,
            role: tenant.role,
            status: tenant.status,
        })
        .collect();
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}

/// Go on in another tenant: a new session there. The one that asks goes on, too, but for the page's: its cookies are
/// replaced, so it ends.
#[utoipa::path(post, path = "/api/v1/auth/switch", tag = "auth", request_body = Switch,
    responses((status = 200, body = Switched), WriteProblems))]
pub(super) async fn switch_tenant(
    State(accounts): State<Accounts>,
    caller: Principal,
    origin: Origin,
    headers: HeaderMap,
    Json(body): Json<Switch>,
) -> ApiResult<Response> {
    let (user_id, session_id) = person(&caller)?;
    let who = SignedIn {
        tenant_id: caller.tenant_id,
        user_id,
        session_id,
    };
    let now = Utc::now();
    if body.handoff {
        let handoff = accounts.hand_off(who, &body.slug, now).await?;
        return Ok((answer::NO_STORE, Json(HandoffView { handoff })).into_response());
    }
    let by_cookie = !headers.contains_key(header::AUTHORIZATION);
    let replaces = by_cookie && cookies::is_page(&headers);
    let pair = accounts.switch(who, &body.slug, replaces, &origin, now);
    let pair = pair.await?;
    answer::tokens(&headers, pair, StatusCode::OK)
}

/// Go on at a tenant's own host, with the code that `POST /api/v1/auth/switch` gave.
#[utoipa::path(post, path = "/api/v1/auth/handoff", tag = "auth", security(()), request_body = TakeOver,
    responses((status = 200, body = TokensView), PublicProblems))]
pub(super) async fn take_over(
    State(accounts): State<Accounts>,
    State(authenticator): State<Authenticator>,
    origin: Origin,
    headers: HeaderMap,
    uri: Uri,
    Json(body): Json<TakeOver>,
) -> ApiResult<Response> {
    let slug = authenticator.named_tenant(&headers, &uri).ok_or_else(|| {
        ApiError::denied("A code works at the host of its tenant only, such as acme.example.com.")
    })?;
    let pair = accounts
        .take_over(&body.code, slug, &origin, Utc::now())
        .await?;
    answer::tokens(&headers, pair, StatusCode::OK)
}
