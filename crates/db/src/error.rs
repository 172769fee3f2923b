//! What a database error means.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// The constraint or unique index a statement ran into, so that a service can say it in words.
#[must_use]
pub fn violated_constraint(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) =
        error
    else {
        return None;
    };
    match source.as_ref() {
        sqlx::Error::Database(database) => database.constraint().map(ToOwned::to_owned),
        _ => None,
    }
}

/// What a failure of the database means to whoever asked for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is away or busy: the same request may succeed in a moment.
    Away,
    /// Its types cannot hold what was sent.
    BadValue,
    /// A defect of ours.
    Defect,
}

impl Failure {
    /// What `error` means.
    #[must_use]
    pub fn of(error: &DbErr) -> Self {
        match error {
            DbErr::Exec(RuntimeErr::SqlxError(source))
            | DbErr::Query(RuntimeErr::SqlxError(source)) => match source.as_ref() {
                sqlx::Error::Database(told) => {
                    Self::of_state(told.code().as_deref().unwrap_or_default())
                }
                sqlx::Error::ColumnDecode { .. } => Self::Defect,
                _ => Self::Away,
            },
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Away,
            _ => Self::Defect,
        }
    }

    /// By SQLSTATE.
    fn of_state(code: &str) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_sorted_by_what_can_be_done() {
        for code in ["40001", "40P01", "57P01", "53300", "08006", "55P03"] {
            assert_eq!(Failure::of_state(code), Failure::Away, "{code}");
        }
        for code in ["22021", "22P05", "22008"] {
            assert_eq!(Failure::of_state(code), Failure::BadValue, "{code}");
        }
        for code in ["42P01", "23505", ""] {
            assert_eq!(Failure::of_state(code), Failure::Defect, "{code}");
        }
        let refused = DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout);
        assert_eq!(Failure::of(&refused), Failure::Away);
    }
}
