//! What a database still says of something.

use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection, Row};

/// The tables in which a text stands anywhere in a row, in any column and any schema of ours: `schema.table: rows`. For
/// tests that something leaves no trace.
///
/// # Errors
/// When the database does not answer.
pub async fn traces(database_url: &str, text: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect(database_url).await?;
    let tables = sqlx::query(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
         order by 1, 2",
    )
    .fetch_all(&mut connection)
    .await?;
    let mut found = Vec::new();
    for table in tables {
        let (schema, name): (String, String) = (table.try_get(0)?, table.try_get(1)?);
        // Bytes are shown in hex: a text in a message is looked for in that, too.
        let sql = format!(
            "select count(*) from {schema}.{name} t
             where strpos(t::text, $1) > 0 or strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0"
        );
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(text)
            .fetch_one(&mut connection)
            .await?;
        if count > 0 {
            found.push(format!("{schema}.{name}: {count}"));
        }
    }
    connection.close().await?;
    Ok(found)
}
