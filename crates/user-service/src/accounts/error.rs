//! What can go wrong around an account, and what is said about it.

use chrono::{DateTime, Utc};
use http_kit::{ApiError, ErrorCode};
use sea_orm::DbErr;
use std::time::Duration;

use crate::passwords::PasswordError;

/// Why a person was not let in, or not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Another tenant has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// Another person has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Address, password or tenant do not fit together; which of them is not told.
    #[error("wrong credentials")]
    WrongCredentials,
    /// The person belongs to several tenants and named none.
    #[error("several tenants, none named")]
    SlugNeeded,
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// The tenant is suspended, for this reason.
    #[error("the tenant is suspended: {0}")]
    SuspendedFor(String),
    /// The tenant is deleted on this day; only its owner signs in until then.
    #[error("the tenant will be deleted")]
    Deleting(DateTime<Utc>),
    /// The refresh token is unknown, expired, used, or of a session that ended; which is not told.
    #[error("the refresh token does not work")]
    WrongRefreshToken,
    /// The current password is needed for this change.
    #[error("the current password is missing or wrong")]
    WrongCurrentPassword,
    /// The person was deleted or left the tenant after the access token was made.
    #[error("the person is gone")]
    Gone,
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database failed.
    #[error("database")]
    Database(#[from] DbErr),
    /// A defect.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::SlugTaken => Self::conflict("Choose another slug: this one is taken.")
                .with_field("slug", "is taken"),
            AccountError::EmailTaken => Self::conflict(
                "This e-mail address cannot be used here. If it is yours, sign in instead.",
            )
            .with_field("email", "cannot be used"),
            AccountError::WrongCredentials => {
                Self::unauthenticated("E-mail, password or tenant is wrong.")
            }
            AccountError::SlugNeeded => {
                Self::invalid("slug", "is required: name the tenant to sign in to")
            }
            AccountError::Suspended => {
                Self::denied("This tenant is suspended. Ask the operator of this installation.")
            }
            AccountError::SuspendedFor(reason) => Self::denied(format!(
                "This tenant is suspended: {reason} Ask the operator of this installation."
            ))
            .with_member("tenant_status", "suspended"),
            AccountError::Deleting(at) => Self::denied(format!(
                "This tenant will be deleted on {}. Until then only its owners can sign in, and restore it.",
                at.format("%Y-%m-%d %H:%M UTC")
            ))
            .with_member("tenant_status", "deleting"),
            AccountError::WrongRefreshToken => Self::unauthenticated(
                "The refresh token does not work any more. Sign in again with POST /api/v1/auth/login.",
            ),
            AccountError::WrongCurrentPassword => {
                Self::invalid("current_password", "must be the current password")
            }
            AccountError::Gone => {
                Self::unauthenticated("The access token is not valid here any more. Sign in again.")
            }
            AccountError::Password(PasswordError::Busy) => Self::new(
                ErrorCode::Busy,
                "Many people sign in right now. Try again in a moment.",
            )
            .with_retry_after(Duration::from_secs(2)),
            AccountError::Password(error @ PasswordError::Hash(_)) => Self::internal(error),
            AccountError::Database(error) => crate::error::storage(error),
            AccountError::Other(error) => Self::from(error),
        }
    }
}
