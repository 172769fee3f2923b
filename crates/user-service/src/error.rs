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

/// The tenant has as many members and open invitations as its plan allows.
pub(crate) fn members_quota(allowance: &Allowance) -> ApiError {
    let Allowance { plan, members } = allowance;
    ApiError::denied(format!(
        "The plan {plan} allows {members} members, open invitations included. Remove a member, take an invitation \
         back, or ask the operator for a larger plan."
    ))
    .with_member("limit", "members")
    .with_member("allowed", *members)
    .with_member("used", *members)
    .with_member("plan", plan.as_str())
}
