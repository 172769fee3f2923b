//! `/api/v1/members`: who belongs to the tenant.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use garde::Validate;
use http_kit::auth::{Principal, Role};
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Path, auth};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::storage::members::Member;
use crate::team::Team;

/// A member.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberView {
    user_id: Uuid,
    email: String,
    /// `owner`, `admin`, `member` or `viewer`.
    #[schema(value_type = Role)]
    role: String,
    /// Whether the person proved that the address is theirs.
    email_verified: bool,
    joined_at: DateTime<Utc>,
    /// To about the life of an access token; null when no session is remembered.
    last_seen_at: Option<DateTime<Utc>>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        let Member {
            user_id,
            email,
            role,
            email_verified,
            joined_at,
            last_seen_at,
        } = member;
        Self {
            user_id,
            email,
            role,
            email_verified,
            joined_at,
            last_seen_at,
        }
    }
}

/// What to change.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct ChangeMember {
    role: Role,
}

/// The tenant's members, in the order in which they joined.
#[utoipa::path(get, path = "/api/v1/members", tag = "members", params(PageRequest),
    responses((status = 200, body = Page<MemberView>), ReadProblems))]
pub(super) async fn list_members(
    State(team): State<Team>,
    auth::Read(caller): auth::Read,
    page: PageRequest,
) -> ApiResult<Json<Page<MemberView>>> {
    let after: Option<(DateTime<Utc>, Uuid)> = page.after()?;
    let fetch = i64::try_from(page.fetch()).map_err(ApiError::internal)?;
    let rows = team.members(&caller, after, fetch).await?;
    let place = |row: &Member| Cursor::after(&(row.joined_at, row.user_id));
    Ok(Json(
        Page::of(rows, page.limit, place).map(MemberView::from),
    ))
}

/// Give a member another role. Only owners make and unmake owners, and one owner always stays. Open invitations of the
/// member to roles that they could not give any more are taken back.
#[utoipa::path(patch, path = "/api/v1/members/{user_id}", tag = "members", params(("user_id" = Uuid, Path)),
    request_body = ChangeMember, responses((status = 200, body = MemberView), WriteProblems))]
pub(super) async fn change_member(
    State(team): State<Team>,
    auth::Admin(caller): auth::Admin,
    Path(user_id): Path<Uuid>,
    Json(body): Json<ChangeMember>,
) -> ApiResult<Json<MemberView>> {
    let changed = team.change_role(&caller, user_id, body.role, Utc::now());
    let member = changed.await?;
    Ok(Json(member.into()))
}

/// Take a member out of the tenant, or leave it. The person's sessions in the tenant end, and their open invitations are
/// taken back. Whoever belongs to no other tenant has no account any more.
#[utoipa::path(delete, path = "/api/v1/members/{user_id}", tag = "members", params(("user_id" = Uuid, Path)),
    responses((status = 204, description = "Not a member any more"), WriteProblems))]
pub(super) async fn remove_member(
    State(team): State<Team>,
    caller: Principal,
    Path(user_id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    team.remove(&caller, user_id, Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
