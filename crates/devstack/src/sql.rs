//! The few questions that the stack asks the database.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

/// Whether the query finds a row.
pub(crate) async fn exists(connection: &DatabaseConnection, query: &str) -> Result<bool, DbErr> {
    let statement = Statement::from_string(DbBackend::Postgres, query);
    Ok(connection.query_one_raw(statement).await?.is_some())
}

/// The texts in the query's first column.
pub(crate) async fn texts(
    connection: &DatabaseConnection,
    query: &str,
) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_string(DbBackend::Postgres, query);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
