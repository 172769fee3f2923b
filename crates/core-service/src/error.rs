//! What failures of the database and of peers mean to a caller.

use http_kit::{ApiError, ErrorCode};
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// A database failure in a request: away or busy, a value it cannot take, or a defect of ours.
pub fn database(error: DbErr) -> ApiError {
    let meaning = match &error {
        DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source)) => match source.as_ref() {
            sqlx::Error::Database(told) => Meaning::of(told.code().as_deref().unwrap_or_default()),
            sqlx::Error::ColumnDecode { .. } => Meaning::Defect,
            _ => Meaning::Away,
        },
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Meaning::Away,
        _ => Meaning::Defect,
    };
    match meaning {
        Meaning::Away => ApiError::unavailable(error),
        Meaning::BadValue => ApiError::new(
            ErrorCode::Invalid,
            "A text of the request holds the character U+0000, or a time lies outside the years that can be stored. \
             Correct it.",
        )
        .with_source(error),
        Meaning::Defect => ApiError::internal(error),
    }
}

enum Meaning {
    /// The same request may succeed in a moment.
    Away,
    /// The database's types cannot hold what was sent.
    BadValue,
    Defect,
}

impl Meaning {
    /// By SQLSTATE.
    fn of(code: &str) -> Self {
        match code {
            // A NUL in a text, a NUL in JSON, a time out of range.
            "22021" | "22P05" | "22008" => Self::BadValue,
            // Deadlocks and serialisation; connections, memory and space; a lock not had in time; shutting down.
            "55P03" => Self::Away,
            _ if ["08", "40", "53", "57"]
                .iter()
                .any(|class| code.starts_with(class)) =>
            {
                Self::Away
            }
            _ => Self::Defect,
        }
    }
}
