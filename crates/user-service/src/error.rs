//! What a failing database means to a caller.

use db::Failure;
use http_kit::{ApiError, ErrorCode};
use sea_orm::DbErr;

use crate::storage::members::Allowance;

/// Away or busy, a value that it cannot hold, or a defect of ours.
pub(crate) fn storage(error: DbErr) -> ApiError {
    match Failure::of(&error) {
        Failure::Away => ApiError::unavailable(error),
        Failure::BadValue => ApiError::new(
            ErrorCode::Invalid,
            "A text of the request holds the character U+0000, or a time lies outside the years that can be stored. \
             Correct it.",
        )
        .with_source(error),
        Failure::Defect => ApiError::internal(error),
    }
}

/// The quota of people, as it is named outside.
pub(crate) const MEMBERS: &str = "members";

/// The tenant has `used` members and open invitations, which is as many as its plan allows, or more.
pub(crate) fn members_quota(allowance: &Allowance, used: i64) -> ApiError {
    // The plan's check keeps limits from being negative, and counts are none.
    let (used, allowed) = (used.unsigned_abs(), allowance.members.unsigned_abs());
    ApiError::quota(MEMBERS, used, allowed.into(), &allowance.plan, None)
}
