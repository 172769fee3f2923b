//! `/api/v1/invitations`: whom the tenant has asked to join.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use garde::Validate;
use http_kit::auth::Role;
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Path, auth};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rules::{self, email::Email};
use crate::storage::invitations::Invitation;
use crate::team::Team;

/// Whom to invite.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateInvitation {
    /// The address that the invitation is sent to.
    #[garde(custom(|value: &str, _: &()| rules::valid(Email::parse(value))))]
    #[schema(example = "ann@example.com", format = Email)]
    email: String,
    /// What the person is to be. Only an owner invites owners.
    #[garde(skip)]
    role: Role,
}

/// How far an invitation is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Pending,
    Accepted,
    Revoked,
    Expired,
}

/// An invitation; its token is in the mail only.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationView {
    id: Uuid,
    email: String,
    /// `owner`, `admin`, `member` or `viewer`.
    #[schema(value_type = Role)]
    role: String,
    status: Status,
    /// The person or API key that invited.
    invited_by: Uuid,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl InvitationView {
    fn of(invitation: Invitation, now: DateTime<Utc>) -> Self {
        let Invitation {
            id,
            email,
            role,
            invited_by,
            created_at,
            expires_at,
            accepted_at,
            revoked_at,
        } = invitation;
        let status = match (accepted_at, revoked_at) {
            (Some(_), _) => Status::Accepted,
            (None, Some(_)) => Status::Revoked,
            (None, None) if expires_at <= now => Status::Expired,
            (None, None) => Status::Pending,
        };
        Self {
            id,
            email,
            role,
            status,
            invited_by,
            created_at,
            expires_at,
        }
    }
}

/// The tenant's invitations, newest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "members", params(PageRequest),
    responses((status = 200, body = Page<InvitationView>), ReadProblems))]
pub(super) async fn list_invitations(
    State(team): State<Team>,
    auth::Admin(caller): auth::Admin,
    page: PageRequest,
) -> ApiResult<Json<Page<InvitationView>>> {
    let before: Option<Uuid> = page.after()?;
    let fetch = i64::try_from(page.fetch()).map_err(ApiError::internal)?;
    let rows = team.invitations(&caller, before, fetch).await?;
    let now = Utc::now();
    let page = Page::of(rows, page.limit, |row| Cursor::after(&row.id));
    Ok(Json(page.map(|row| InvitationView::of(row, now))))
}

/// Invite somebody by mail. Members and open invitations together stay within the plan.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "members", request_body = CreateInvitation,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeated request harmless")),
    responses((status = 201, body = InvitationView), WriteProblems))]
pub(super) async fn create_invitation(
    State(team): State<Team>,
    auth::Admin(caller): auth::Admin,
    Json(body): Json<CreateInvitation>,
) -> ApiResult<(StatusCode, Json<InvitationView>)> {
    let now = Utc::now();
    let email = Email::parse(&body.email).map_err(|why| ApiError::invalid("email", why))?;
    let invitation = team.invite(&caller, &email, body.role, now).await?;
    Ok((
        StatusCode::CREATED,
        Json(InvitationView::of(invitation, now)),
    ))
}

/// Send an invitation again, with a new link; the old one stops working.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/resend", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 200, body = InvitationView), WriteProblems))]
pub(super) async fn resend_invitation(
    State(team): State<Team>,
    auth::Admin(caller): auth::Admin,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<InvitationView>> {
    let now = Utc::now();
    let invitation = team.send_again(&caller, id, now).await?;
    Ok(Json(InvitationView::of(invitation, now)))
}

/// Take an invitation back: its link stops working.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Taken back"), ReadProblems))]
pub(super) async fn revoke_invitation(
    State(team): State<Team>,
    auth::Admin(caller): auth::Admin,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    match team.take_back(&caller, id, Utc::now()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found()),
    }
}
