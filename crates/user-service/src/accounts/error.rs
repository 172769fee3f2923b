//! What can go wrong around an account, and what is said about it.

use chrono::{DateTime, Utc};
use http_kit::{ApiError, ErrorCode};
use sea_orm::DbErr;
use std::time::Duration;
use uuid::Uuid;

use crate::lockout::LockedOut;
use crate::passwords::PasswordError;
use crate::storage::members::Allowance;

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
    /// The tenant is suspended, for this reason.
    #[error("the tenant is suspended: {0}")]
    SuspendedFor(String),
    /// The tenant is deleted on this day; only its owner signs in until then.
    #[error("the tenant will be deleted")]
    Deleting(DateTime<Utc>),
    /// The refresh token is unknown, expired, used, or of a session that ended; which is not told.
    #[error("the refresh token does not work")]
    WrongRefreshToken,
    /// The refresh token came a second time, so its session has ended.
    #[error("the refresh token was used before")]
    Replayed {
        /// The session's tenant.
        tenant_id: Uuid,
        /// Whose session it was.
        user_id: Uuid,
    },
    /// The current password is needed for this change.
    #[error("the current password is missing or wrong")]
    WrongCurrentPassword,
    /// The token of a mail, or a code, is unknown, used or expired; which is not told.
    #[error("the {0} does not work")]
    WrongToken(&'static str),
    /// A new password breaks the rule about passwords.
    #[error("the password {0}")]
    BadPassword(&'static str),
    /// There is nothing to verify.
    #[error("the address is verified")]
    Verified,
    /// So many mails were asked for that no more are sent for a while.
    #[error("too many mails were asked for")]
    TooManyMails,
    /// Nothing of this name or id is the person's.
    #[error("not found")]
    NotFound,
    /// The tenant has as many members as its plan allows.
    #[error("the plan allows {} members", .0.members)]
    Full(Allowance, i64),
    /// Too many attempts failed.
    #[error(transparent)]
    LockedOut(#[from] LockedOut),
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
            // The same words: who copied a token must not learn that it was the right one.
            AccountError::WrongRefreshToken | AccountError::Replayed { .. } => {
                Self::unauthenticated(
                    "The refresh token does not work any more. Sign in again with POST /api/v1/auth/login.",
                )
            }
            AccountError::SuspendedFor(reason) => Self::denied(format!(
                "This tenant is suspended: {reason} Ask the operator of this installation."
            ))
            .with_member("tenant_status", "suspended")
            .with_member("reason", reason),
            AccountError::Deleting(at) => Self::denied(format!(
                "This tenant will be deleted on {}. Until then only its owners can sign in, and restore it.",
                at.format("%Y-%m-%d %H:%M UTC")
            ))
            .with_member("tenant_status", "deleting"),
            AccountError::WrongCurrentPassword => {
                Self::invalid("current_password", "must be the current password")
            }
            AccountError::WrongToken(field) => Self::invalid(
                field,
                "does not work: it was used, has expired, or is incomplete. Ask for a new one.",
            ),
            AccountError::BadPassword(why) => Self::invalid("password", why),
            AccountError::Verified => {
                Self::conflict("The e-mail address is verified already. There is nothing to do.")
            }
            AccountError::TooManyMails => Self::rate_limited(
                "Several mails were sent already. Look into the mailbox, also among unwanted mails, or wait.",
                Duration::from_secs(3600),
            ),
            AccountError::NotFound => Self::not_found(),
            AccountError::Full(allowance, used) => crate::error::members_quota(&allowance, used),
            AccountError::LockedOut(error) => error.into(),
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
