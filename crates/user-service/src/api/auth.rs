//! `/api/v1/auth`: registering, signing in, going on, signing out.

use axum::body::HttpBody;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use garde::Validate;
use http_kit::auth::{
    Actor, Authenticator, Origin as RequestOrigin, Principal, RefusalKind, cookies,
};
use http_kit::openapi::PublicProblems;
use http_kit::{ApiError, ApiResult, Json};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::answer::{self, PageToken, TokensView};
use crate::accounts::{AccountError, Accounts, Credentials, Origin, Registration};
use crate::rules::email::Email;
use crate::rules::slug::Slug;
use crate::rules::{self, locale, password, tenant_name, time_zone};
use crate::tokens::RefreshToken;

/// A new tenant and its owner.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    /// What the tenant calls itself, up to 100 characters.
    #[garde(custom(|value: &str, _: &()| rules::valid(tenant_name::parse(value))))]
    #[schema(example = "Acme Toys")]
    tenant: String,
    /// The tenant's name in addresses: letters, digits and hyphens.
    #[garde(custom(|value: &str, _: &()| rules::valid(Slug::parse(value))))]
    #[schema(example = "acme")]
    slug: String,
    /// The owner's e-mail address.
    #[garde(custom(|value: &str, _: &()| rules::valid(Email::parse(value))))]
    #[schema(example = "owner@example.com", format = Email)]
    email: String,
    /// 10 to 200 characters.
    #[garde(custom(|value: &str, _: &()| rules::valid(password::check(value, &self.email))))]
    #[schema(format = Password)]
    password: String,
    /// IANA name of the tenant's time zone, in which "daily at two" is meant; without it UTC.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(time_zone::parse(value)))))]
    #[schema(example = "Asia/Shanghai")]
    time_zone: Option<String>,
    /// The tenant's language: `en`, `zh-Hans` or `zh-Hant`; without it `en`.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(locale::parse(value)))))]
    #[schema(example = "en")]
    locale: Option<String>,
}

/// What a person signs in with.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Login {
    #[schema(example = "owner@example.com", format = Email)]
    email: String,
    #[schema(format = Password)]
    password: String,
    /// Which tenant, for people who belong to several. At a tenant's own host it is that one.
    slug: Option<String>,
}

/// A refresh token; the page leaves it out, because its cookie has it.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Refresh {
    refresh_token: Option<String>,
}

/// Whose session ends: the refresh token's, or without one the page's cookie's or the access token's.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Logout {
    refresh_token: Option<String>,
}

/// A JSON body that may be left out.
pub(super) struct Maybe<T>(pub(super) T);

impl<T, S> FromRequest<S> for Maybe<T>
where
    T: Default + DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        Json::from_request(request, state)
            .await
            .map(|Json(body)| Self(body))
    }
}

/// Register a tenant with its owner, who is signed in at once.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", security(()), request_body = Register,
    params(("X-Bellwether-Page" = Option<String>, Header, description = "`1`: answer with cookies instead of tokens")),
    responses((status = 201, body = TokensView), PublicProblems))]
pub(super) async fn register(
    State(accounts): State<Accounts>,
    State(authenticator): State<Authenticator>,
    origin: Origin,
    headers: HeaderMap,
    uri: Uri,
    Json(body): Json<Register>,
) -> ApiResult<Response> {
    if authenticator.named_tenant(&headers, &uri).is_some() {
        return Err(ApiError::denied(
            "This is a tenant's own address. Register at the one without a tenant's name before it.",
        ));
    }
    let Register {
        tenant,
        slug,
        email,
        password,
        time_zone,
        locale,
    } = body;
    let registration = Registration {
        tenant: tenant_name::parse(&tenant).map_err(|why| ApiError::invalid("tenant", why))?,
        slug: Slug::parse(&slug).map_err(|why| ApiError::invalid("slug", why))?,
        email: Email::parse(&email).map_err(|why| ApiError::invalid("email", why))?,
        password,
        time_zone: time_zone::parse(time_zone.as_deref().unwrap_or(time_zone::DEFAULT))
            .map_err(|why| ApiError::invalid("time_zone", why))?,
        locale: locale::parse(locale.as_deref().unwrap_or(locale::DEFAULT))
            .map_err(|why| ApiError::invalid("locale", why))?,
    };
    let pair = accounts.register(registration, &origin, Utc::now()).await?;
    answer::tokens(&headers, pair, StatusCode::CREATED)
}

/// Sign in.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()), request_body = Login,
    params(("X-Bellwether-Page" = Option<String>, Header, description = "`1`: answer with cookies instead of tokens")),
    responses((status = 200, body = TokensView), (status = 401, description = "E-mail, password or tenant is wrong"),
        PublicProblems))]
pub(super) async fn login(
    State(accounts): State<Accounts>,
    State(authenticator): State<Authenticator>,
    origin: Origin,
    headers: HeaderMap,
    uri: Uri,
    Json(body): Json<Login>,
) -> ApiResult<Response> {
    let Login {
        email,
        password,
        slug,
    } = body;
    let slug = named(authenticator.named_tenant(&headers, &uri), slug)?;
    let pair = accounts
        .login(
            Credentials {
                email,
                password,
                slug,
            },
            &origin,
            Utc::now(),
        )
        .await?;
    answer::tokens(&headers, pair, StatusCode::OK)
}

/// The tenant to sign in to: at a tenant's own host that one, because a session of another is refused there.
fn named(host: Option<&str>, asked: Option<String>) -> ApiResult<Option<String>> {
    match (host, asked) {
        (Some(host), Some(asked)) if !asked.trim().eq_ignore_ascii_case(host) => {
            Err(ApiError::invalid(
                "slug",
                "is another tenant than the one of this address: sign in at its own address, or leave the slug out",
            ))
        }
        (Some(host), _) => Ok(Some(host.to_owned())),
        (None, asked) => Ok(asked),
    }
}

/// Exchange a refresh token for the next pair of tokens. A token works once; one that comes again ends the session.
///
/// The page leaves the token out: its cookie has it.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", security((), ("page" = [])),
    request_body = Option<Refresh>,
    params(("X-Bellwether-Page" = Option<String>, Header, description = "`1`: answer with cookies instead of tokens")),
    responses((status = 200, body = TokensView), (status = 401, description = "The token does not work any more"),
        (status = 403, description = "A cookie on a request of another site"), PublicProblems))]
pub(super) async fn refresh(
    State(accounts): State<Accounts>,
    State(authenticator): State<Authenticator>,
    origin: RequestOrigin,
    headers: HeaderMap,
    PageToken(cookie): PageToken,
    Maybe(body): Maybe<Refresh>,
) -> ApiResult<Response> {
    let token = match (body.refresh_token, cookie) {
        (Some(text), _) => RefreshToken::presented(&text),
        (None, Some(Ok(token))) => token,
        (None, Some(Err(error))) => {
            authenticator.refused(RefusalKind::CrossSite, None, None, origin);
            return Err(error);
        }
        (None, None) => return Err(ApiError::invalid("refresh_token", "is required")),
    };
    match accounts.refresh(&token, Utc::now()).await {
        Ok(pair) => answer::tokens(&headers, pair, StatusCode::OK),
        Err(error) => {
            if let AccountError::Replayed { tenant_id, user_id } = error {
                let (tenant_id, user_id) = (Some(tenant_id), Some(user_id));
                authenticator.refused(RefusalKind::Replayed, tenant_id, user_id, origin);
            }
            let over = matches!(
                error,
                AccountError::Replayed { .. } | AccountError::WrongRefreshToken
            );
            let error = ApiError::from(error);
            if over && cookies::is_page(&headers) {
                // The page would come with them again and again.
                return answer::signed_out(error.into_response());
            }
            Err(error)
        }
    }
}

/// Sign out: ends the session of the refresh token in the body or, without a body, that of the page's cookie or of the
/// access token.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", security((), ("bearer" = []), ("page" = [])),
    request_body = Option<Logout>, responses((status = 204, description = "Signed out"), PublicProblems))]
pub(super) async fn logout(
    State(accounts): State<Accounts>,
    State(authenticator): State<Authenticator>,
    origin: RequestOrigin,
    PageToken(cookie): PageToken,
    caller: Result<Principal, ApiError>,
    Maybe(body): Maybe<Logout>,
) -> ApiResult<Response> {
    let presented = match (body.refresh_token, cookie) {
        (Some(text), _) => Some(RefreshToken::presented(&text)),
        (None, Some(Ok(token))) => Some(token),
        (None, Some(Err(error))) => {
            authenticator.refused(RefusalKind::CrossSite, None, None, origin);
            return Err(error);
        }
        (None, None) => None,
    };
    match presented {
        Some(token) => accounts.logout(&token, Utc::now()).await?,
        None => {
            let caller = caller?;
            let Actor::User { session_id, .. } = caller.actor else {
                return Err(ApiError::denied(
                    "An API key has no session. Revoke it with DELETE /api/v1/api-keys/{id}.",
                ));
            };
            accounts
                .end_session(caller.tenant_id, session_id, Utc::now())
                .await?;
        }
    }
    answer::signed_out(StatusCode::NO_CONTENT.into_response())
}
