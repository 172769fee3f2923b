//! What failures of the database and of peers mean to a caller.

use db::Failure;
use http_kit::{ApiError, ErrorCode};
use sea_orm::DbErr;

/// A database failure in a request: away or busy, a value it cannot take, or a defect of ours.
pub fn database(error: DbErr) -> ApiError {
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
