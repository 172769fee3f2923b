//! `/.well-known`: how others check access tokens.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiResult, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::Identity;
use crate::state::Issuer;

/// What relying parties need to know (OpenID Connect Discovery). There is no authorization endpoint: people sign in
/// through the API.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenidConfiguration {
    issuer: String,
    jwks_uri: String,
    id_token_signing_alg_values_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    response_types_supported: [&'static str; 1],
    claims_supported: [&'static str; 10],
    claim_types_supported: [&'static str; 1],
    ui_locales_supported: [&'static str; 3],
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    /// How people and programs sign in.
    service_documentation: String,
}

/// The public keys of access tokens (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "well-known", security(()),
    responses((status = 200, content_type = "application/jwk-set+json", body = Object)))]
pub(super) async fn jwks(State(identity): State<Identity>) -> ApiResult<impl IntoResponse> {
    let jwks = identity.jwks().await.map_err(ApiError::unavailable)?;
    let age = HeaderValue::try_from(format!("public, max-age={}", jwks.max_age.as_secs()));
    let headers: [(HeaderName, HeaderValue); 2] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/jwk-set+json"),
        ),
        (header::CACHE_CONTROL, age.map_err(ApiError::internal)?),
    ];
    Ok((headers, jwks.json))
}

/// Where the keys are and what tokens say (OpenID Connect Discovery).
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "well-known", security(()),
    responses((status = 200, body = OpenidConfiguration)))]
pub(super) async fn openid_configuration(
    State(Issuer(issuer)): State<Issuer>,
) -> Json<OpenidConfiguration> {
    let base = issuer.trim_end_matches('/');
    Json(OpenidConfiguration {
        jwks_uri: format!("{base}/.well-known/jwks.json"),
        service_documentation: format!("{base}/api/docs"),
        issuer: issuer.to_string(),
        id_token_signing_alg_values_supported: ["RS256"],
        subject_types_supported: ["public"],
        response_types_supported: ["token"],
        claims_supported: [
            "iss", "aud", "sub", "tid", "tsl", "role", "sid", "iat", "exp", "jti",
        ],
        claim_types_supported: ["normal"],
        ui_locales_supported: ["en", "zh-Hans", "zh-Hant"],
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
    })
}
