//! `/api/v1/auth`: registering, signing in, going on, signing out.

use axum::body::HttpBody;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use chrono::Utc;
use garde::Validate;
use http_kit::auth::{Actor, Principal};
use http_kit::openapi::PublicProblems;
use http_kit::{ApiError, ApiResult, Json};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::{Accounts, Credentials, Origin, Registration};
use crate::rules::email::Email;
use crate::rules::slug::Slug;
use crate::rules::{self, locale, password, tenant_name, time_zone};
use crate::tokens::{RefreshToken, TokenPair};

/// Tokens must not stay in any cache (RFC 6749, 5.1).
pub(super) const NO_STORE: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

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
    /// Which tenant, for people who belong to several.
    slug: Option<String>,
}

/// A refresh token.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Refresh {
    refresh_token: String,
}

/// Whose session ends: the refresh token's, or without one the access token's.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Logout {
    refresh_token: Option<String>,
}

/// What a sign-in answers.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensView {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// For one `POST /api/v1/auth/refresh`.
    refresh_token: String,
    /// Life of the access token, in seconds.
    expires_in: i64,
}

impl From<TokenPair> for TokensView {
    fn from(pair: TokenPair) -> Self {
        let TokenPair {
            access,
            refresh,
            expires_in,
        } = pair;
        Self {
            access_token: access,
            refresh_token: refresh.expose().to_owned(),
            expires_in,
        }
    }
}

/// A JSON body that may be left out.
pub(super) struct Maybe<T>(T);

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

/// How a sign-in is answered.
pub(super) type TokenAnswer = (StatusCode, [(HeaderName, HeaderValue); 1], Json<TokensView>);

/// The answer with the tokens of a session.
pub(super) fn answer(status: StatusCode, pair: TokenPair) -> TokenAnswer {
    (status, NO_STORE, Json(pair.into()))
}

/// Register a tenant with its owner, who is signed in at once.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", security(()), request_body = Register,
    responses((status = 201, body = TokensView), PublicProblems))]
pub(super) async fn register(
    State(accounts): State<Accounts>,
    origin: Origin,
    Json(body): Json<Register>,
) -> ApiResult<TokenAnswer> {
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
    Ok(answer(StatusCode::CREATED, pair))
}

/// Sign in.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()), request_body = Login,
    responses((status = 200, body = TokensView), (status = 401, description = "E-mail, password or tenant is wrong"),
        PublicProblems))]
pub(super) async fn login(
    State(accounts): State<Accounts>,
    origin: Origin,
    Json(body): Json<Login>,
) -> ApiResult<TokenAnswer> {
    let Login {
        email,
        password,
        slug,
    } = body;
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
    Ok(answer(StatusCode::OK, pair))
}

/// Exchange a refresh token for the next pair of tokens. A token works once; one that comes again ends the session.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", security(()), request_body = Refresh,
    responses((status = 200, body = TokensView), (status = 401, description = "The token does not work any more"),
        PublicProblems))]
pub(super) async fn refresh(
    State(accounts): State<Accounts>,
    Json(body): Json<Refresh>,
) -> ApiResult<TokenAnswer> {
    let token = RefreshToken::presented(&body.refresh_token);
    let pair = accounts.refresh(&token, Utc::now()).await?;
    Ok(answer(StatusCode::OK, pair))
}

/// Sign out: ends the session of the refresh token in the body, or without a body that of the access token.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", security((), ("bearer" = [])),
    request_body = Option<Logout>, responses((status = 204, description = "Signed out"), PublicProblems))]
pub(super) async fn logout(
    State(accounts): State<Accounts>,
    caller: Result<Principal, ApiError>,
    Maybe(body): Maybe<Logout>,
) -> ApiResult<StatusCode> {
    if let Some(token) = body.refresh_token {
        accounts
            .logout(&RefreshToken::presented(&token), Utc::now())
            .await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    let caller = caller?;
    match caller.actor {
        Actor::User { session_id, .. } => {
            accounts
                .end_session(caller.tenant_id, session_id, Utc::now())
                .await?;
            Ok(StatusCode::NO_CONTENT)
        }
        Actor::ApiKey { .. } => Err(ApiError::denied(
            "An API key has no session. Revoke it with DELETE /api/v1/api-keys/{id}.",
        )),
    }
}
