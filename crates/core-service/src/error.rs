//! What failures of the database and of peers mean to a caller.

use http_kit::ApiError;
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// A database failure in a request: away, or a defect of ours.
pub fn database(error: DbErr) -> ApiError {
    let refused = match &error {
        DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source)) => {
            matches!(
                source.as_ref(),
                sqlx::Error::Database(_) | sqlx::Error::ColumnDecode { .. }
            )
        }
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => false,
        _ => true,
    };
    if refused {
        ApiError::internal(error)
    } else {
        ApiError::unavailable(error)
    }
}
