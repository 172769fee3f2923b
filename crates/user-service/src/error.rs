//! What a failing database means to a caller.

use http_kit::ApiError;
use sea_orm::DbErr;

/// 503 when the database is away, 500 when it refused a statement of ours.
pub(crate) fn storage(error: DbErr) -> ApiError {
    match error {
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => ApiError::unavailable(error),
        _ => ApiError::internal(error),
    }
}
