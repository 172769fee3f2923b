//! What a sign-in answers: tokens for programs, cookies for the page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_kit::auth::cookies::{self, ACCESS_COOKIE, REFRESH_COOKIE};
use http_kit::{ApiError, ApiResult, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::tokens::{RefreshToken, TokenPair};

/// Tokens must not stay in any cache (RFC 6749, 5.1).
pub(super) const NO_STORE: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// What a sign-in answers. With the header `X-Bellwether-Page: 1` both tokens come as cookies that no script can read, and
/// only `expires_in` stands here.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensView {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// For one `POST /api/v1/auth/refresh`.
    refresh_token: String,
    /// Life of the access token, in seconds.
    expires_in: i64,
}

/// What the page is told beside its cookies.
#[derive(Serialize)]
struct PageTokens {
    expires_in: i64,
}

/// The answer to a sign-in, as whoever asks wants it.
///
/// # Errors
/// When a token cannot stand in a header.
pub(super) fn tokens(
    headers: &HeaderMap,
    pair: TokenPair,
    status: StatusCode,
) -> ApiResult<Response> {
    let TokenPair {
        access,
        refresh,
        expires_in,
        refresh_expires_in,
    } = pair;
    let answer = if cookies::is_page(headers) {
        let mut answer = (status, Json(PageTokens { expires_in })).into_response();
        let access = cookies::set(ACCESS_COOKIE, Some(&access), expires_in)?;
        let refresh = cookies::set(REFRESH_COOKIE, Some(refresh.expose()), refresh_expires_in)?;
        answer.headers_mut().append(header::SET_COOKIE, access);
        answer.headers_mut().append(header::SET_COOKIE, refresh);
        answer
    } else {
        let view = TokensView {
            access_token: access,
            refresh_token: refresh.expose().to_owned(),
            expires_in,
        };
        (status, Json(view)).into_response()
    };
    Ok((NO_STORE, answer).into_response())
}

/// The answer, with the page's cookies removed.
///
/// # Errors
/// Never: the texts are ours.
pub(super) fn signed_out(mut answer: Response) -> ApiResult<Response> {
    for name in [ACCESS_COOKIE, REFRESH_COOKIE] {
        let cookie = cookies::set(name, None, 0)?;
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// The page's refresh token, if its cookie came along; a refusal if another site's page made the browser send it.
pub(super) struct PageToken(pub(super) Option<Result<RefreshToken, ApiError>>);

impl<S: Send + Sync> FromRequestParts<S> for PageToken {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let token = cookies::find(&parts.headers, REFRESH_COOKIE);
        Ok(Self(token.map(|token| {
            cookies::check_same_origin(&parts.method, &parts.headers, &parts.uri)
                .map(|()| RefreshToken::presented(token))
        })))
    }
}
