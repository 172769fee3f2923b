//! `/api/v1/auth/email` and `/api/v1/auth/password`: what links in mails do.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use garde::Validate;
use http_kit::auth::Principal;
use http_kit::openapi::{PublicProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Json};
use serde::Deserialize;
use utoipa::ToSchema;

use super::profile::person;
use crate::accounts::{Accounts, Origin};
use crate::rules::{self, email::Email, password};

/// The token of a mail's link.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct VerifyEmail {
    token: String,
}

/// Whose password was forgotten.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgotPassword {
    #[garde(custom(|value: &str, _: &()| rules::valid(Email::parse(value))))]
    #[schema(example = "owner@example.com", format = Email)]
    email: String,
}

/// The token of a mail's link, and the password to have.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetPassword {
    #[garde(skip)]
    token: String,
    /// 10 to 200 characters.
    #[garde(custom(|value: &str, _: &()| rules::valid(password::check(value, ""))))]
    #[schema(format = Password)]
    password: String,
}

/// Prove that an address is yours, with the token that was sent there.
#[utoipa::path(post, path = "/api/v1/auth/email/verify", tag = "auth", security(()), request_body = VerifyEmail,
    responses((status = 204, description = "Verified"), PublicProblems))]
pub(super) async fn verify_email(
    State(accounts): State<Accounts>,
    origin: Origin,
    Json(body): Json<VerifyEmail>,
) -> ApiResult<StatusCode> {
    accounts
        .verify_email(&body.token, &origin, Utc::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have the link sent again that verifies the signed-in person's address, or the one it is to become.
#[utoipa::path(post, path = "/api/v1/auth/email/verification", tag = "auth",
    responses((status = 202, description = "The mail is on its way"), WriteProblems))]
pub(super) async fn send_verification(
    State(accounts): State<Accounts>,
    caller: Principal,
) -> ApiResult<StatusCode> {
    let (user_id, _) = person(&caller)?;
    accounts.send_verification(user_id, Utc::now()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Ask for a link that sets a new password. The answer is the same whether or not anybody has the address.
#[utoipa::path(post, path = "/api/v1/auth/password/forgot", tag = "auth", security(()),
    request_body = ForgotPassword, responses(
        (status = 202, description = "If somebody has the address, a mail is on its way"), PublicProblems))]
pub(super) async fn forgot_password(
    State(accounts): State<Accounts>,
    origin: Origin,
    Json(body): Json<ForgotPassword>,
) -> ApiResult<StatusCode> {
    let email = Email::parse(&body.email).map_err(|why| ApiError::invalid("email", why))?;
    accounts
        .forgot_password(&email, &origin, Utc::now())
        .await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set a new password with the token that was sent. Every session of the person ends.
#[utoipa::path(post, path = "/api/v1/auth/password/reset", tag = "auth", security(()),
    request_body = ResetPassword, responses((status = 204, description = "Set; sign in with it"), PublicProblems))]
pub(super) async fn reset_password(
    State(accounts): State<Accounts>,
    origin: Origin,
    Json(body): Json<ResetPassword>,
) -> ApiResult<StatusCode> {
    let ResetPassword { token, password } = body;
    accounts
        .reset_password(&token, password, &origin, Utc::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
