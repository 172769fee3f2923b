//! `/api/v1/auth/invitations`: for whoever holds one.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::Utc;
use garde::Validate;
use http_kit::auth::Role;
use http_kit::openapi::PublicProblems;
use http_kit::{ApiResult, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{self, TokensView};
use crate::accounts::{Accounts, Invited, Origin};

/// The token of an invitation's link.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct LookAtInvitation {
    token: String,
}

/// What an invitation says.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitedView {
    /// What the tenant calls itself.
    tenant: String,
    slug: String,
    /// Who is invited.
    email: String,
    /// `owner`, `admin`, `member` or `viewer`.
    #[schema(value_type = Role)]
    role: String,
    /// True: the address has an account, whose password accepts. False: the password given becomes a new account's.
    account_exists: bool,
}

/// A token and the password of the account: the one there is, or the one to be.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct AcceptInvitation {
    token: String,
    #[schema(format = Password)]
    password: String,
}

/// What the invitation behind a link says.
#[utoipa::path(post, path = "/api/v1/auth/invitations/look", tag = "auth", security(()),
    request_body = LookAtInvitation, responses((status = 200, body = InvitedView), PublicProblems))]
pub(super) async fn look_at_invitation(
    State(accounts): State<Accounts>,
    origin: Origin,
    Json(body): Json<LookAtInvitation>,
) -> ApiResult<Json<InvitedView>> {
    let invited = accounts
        .look_at_invitation(&body.token, &origin, Utc::now())
        .await?;
    let Invited {
        tenant,
        slug,
        email,
        role,
        account_exists,
    } = invited;
    Ok(Json(InvitedView {
        tenant,
        slug,
        email,
        role,
        account_exists,
    }))
}

/// Accept an invitation and sign in to its tenant. The address counts as verified.
#[utoipa::path(post, path = "/api/v1/auth/invitations/accept", tag = "auth", security(()),
    request_body = AcceptInvitation, responses((status = 200, body = TokensView),
        (status = 401, description = "The password is not that of the account"), PublicProblems))]
pub(super) async fn accept_invitation(
    State(accounts): State<Accounts>,
    origin: Origin,
    headers: HeaderMap,
    Json(body): Json<AcceptInvitation>,
) -> ApiResult<Response> {
    let AcceptInvitation { token, password } = body;
    let pair = accounts
        .accept_invitation(&token, password, &origin, Utc::now())
        .await?;
    answer::tokens(&headers, pair, StatusCode::OK)
}
