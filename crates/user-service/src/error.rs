//! What a failing database means to a caller.

use db::Failure;
use http_kit::{ApiError, ErrorCode};
use sea_orm::DbErr;

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
