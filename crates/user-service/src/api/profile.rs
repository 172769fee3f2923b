//! `/api/v1/auth/profile`: the signed-in person.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::Utc;
use garde::Validate;
use http_kit::auth::{Actor, Principal, Role};
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Json, etag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::{Accounts, Change, Origin, Profile};
use crate::rules::email::Email;
use crate::rules::{self, password};

/// A person and where they are signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct ProfileView {
    id: Uuid,
    email: String,
    /// Whether the person proved that the address is theirs.
    email_verified: bool,
    /// The address that takes the other one's place when it is verified.
    pending_email: Option<String>,
    tenant: TenantOfProfile,
    /// What the person is in this tenant.
    role: Role,
}

/// The tenant a person is signed in to.
#[derive(Serialize, ToSchema)]
pub(super) struct TenantOfProfile {
    id: Uuid,
    slug: String,
    name: String,
    /// Code of its plan.
    plan: String,
}

impl From<Profile> for ProfileView {
    fn from(profile: Profile) -> Self {
        let Profile {
            id,
            email,
            email_verified,
            pending_email,
            tenant,
            role,
        } = profile;
        let tenant = TenantOfProfile {
            id: tenant.id,
            slug: tenant.slug,
            name: tenant.name,
            plan: tenant.plan_code,
        };
        Self {
            id,
            email,
            email_verified,
            pending_email,
            tenant,
            role,
        }
    }
}

/// What to change; absent parts stay.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeProfile {
    /// A new e-mail address: it takes the old one's place when the link that is sent there was followed.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(Email::parse(value)))))]
    #[schema(format = Email)]
    email: Option<String>,
    /// A new password, 10 to 200 characters. Other sessions end.
    #[garde(inner(custom(|value: &str, _: &()|
        rules::valid(password::check(value, self.email.as_deref().unwrap_or_default())))))]
    #[schema(format = Password)]
    new_password: Option<String>,
    /// The password until now; needed for either change.
    #[garde(skip)]
    #[schema(format = Password)]
    current_password: Option<String>,
}

/// The person behind the access token.
#[utoipa::path(get, path = "/api/v1/auth/profile", tag = "auth",
    responses((status = 200, body = ProfileView), ReadProblems))]
pub(super) async fn get_profile(
    State(accounts): State<Accounts>,
    caller: Principal,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (user_id, _) = person(&caller)?;
    let profile = accounts.profile(caller.tenant_id, user_id).await?;
    etag::respond(&headers, &ProfileView::from(profile))
}

/// Change the own e-mail address or password.
#[utoipa::path(patch, path = "/api/v1/auth/profile", tag = "auth", request_body = ChangeProfile,
    responses((status = 200, body = ProfileView), WriteProblems))]
pub(super) async fn change_profile(
    State(accounts): State<Accounts>,
    caller: Principal,
    origin: Origin,
    Json(body): Json<ChangeProfile>,
) -> ApiResult<Json<ProfileView>> {
    let (user_id, session_id) = person(&caller)?;
    let ChangeProfile {
        email,
        new_password,
        current_password,
    } = body;
    if email.is_some() || new_password.is_some() {
        let current_password = current_password
            .ok_or_else(|| ApiError::invalid("current_password", "is required for this change"))?;
        let email = email
            .map(|email| Email::parse(&email).map_err(|why| ApiError::invalid("email", why)))
            .transpose()?;
        let change = Change {
            email,
            password: new_password,
            current_password,
        };
        accounts
            .change(user_id, session_id, change, &origin, Utc::now())
            .await?;
    }
    let profile = accounts.profile(caller.tenant_id, user_id).await?;
    Ok(Json(profile.into()))
}

/// The person and the session behind a credential.
pub(super) fn person(caller: &Principal) -> ApiResult<(Uuid, Uuid)> {
    match caller.actor {
        Actor::User { id, session_id, .. } => Ok((id, session_id)),
        Actor::ApiKey { .. } => Err(ApiError::denied(
            "An API key belongs to a tenant, not to a person. See GET /api/v1/tenant.",
        )),
    }
}
