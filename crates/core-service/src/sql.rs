//! Small helpers for statements.

use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::sqlx::{self, PgConnection, Postgres};
use sea_orm::{DbBackend, DbErr, FromQueryResult, QueryResult, Statement, Value};

/// A statement for sqlx, which, unlike sea-orm, binds arrays with absent elements.
pub type PgQuery<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// Binds a value that sea-orm has no other way to hand over.
///
/// # Panics
/// For a kind of value that our dynamic statements do not have.
fn bind(query: PgQuery<'_>, value: Value) -> PgQuery<'_> {
    match value {
        Value::String(text) => query.bind(text),
        Value::BigInt(number) => query.bind(number),
        Value::Bool(flag) => query.bind(flag),
        Value::Uuid(id) => query.bind(id),
        Value::ChronoDateTimeUtc(at) => query.bind(at),
        other => unreachable!("no dynamic statement binds {other:?}"),
    }
}

/// Runs a statement that is planned anew for its values and reads its rows: for lists, whose best plan depends on
/// how much the tenant watches and on the filters, so that a plan kept for another tenant would be a bad one.
pub async fn fetch_planned<T: FromQueryResult>(
    connection: &mut PgConnection,
    sql: String,
    values: Vec<Value>,
) -> Result<Vec<T>, DbErr> {
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).persistent(false);
    fetch(connection, values.into_iter().fold(query, bind)).await
}

/// Runs a query and reads its rows.
pub async fn fetch<T: FromQueryResult>(
    connection: &mut PgConnection,
    query: PgQuery<'_>,
) -> Result<Vec<T>, DbErr> {
    let rows = query.fetch_all(connection).await.map_err(db::query_error)?;
    rows.into_iter()
        .map(|row| T::from_query_result(&QueryResult::from(row), ""))
        .collect()
}

/// Runs a statement; says how many rows it changed.
pub async fn execute(connection: &mut PgConnection, query: PgQuery<'_>) -> Result<u64, DbErr> {
    let done = query.execute(connection).await.map_err(db::query_error)?;
    Ok(done.rows_affected())
}

/// A statement with its parameters.
pub fn statement(sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// Text for LIKE, its wildcards taken literally.
pub fn escaped(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}

/// Text to look for with LIKE, its wildcards taken literally, anywhere in the value.
pub fn contains_pattern(text: &str) -> String {
    format!("%{}%", escaped(text))
}

#[cfg(test)]
mod tests {
    #[test]
    fn wildcards_in_a_search_are_taken_literally() {
        assert_eq!(super::contains_pattern(r"50%_\x"), r"%50\%\_\\x%");
    }
}
