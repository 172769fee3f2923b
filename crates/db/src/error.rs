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
