//! The migrated database that test databases are cloned from.

use std::future::Future;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use super::names;
use crate::engine::postgres::connect;
use crate::error::DatabaseContext;
use crate::{Error, Result, fnv1a, sql};

/// The advisory lock under which templates are built, on the server's main database.
const LOCK: i64 = 0x0062_7774_656d_706c;

/// Makes sure that the template for `fingerprint` exists and returns its name.
pub(crate) async fn ensure<F, Fut, E>(
    admin_url: &str,
    fingerprint: &str,
    prepare: F,
) -> Result<String>
where
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    let name = format!("bw_template_{}", fnv1a(fingerprint.as_bytes()));
    let action = || format!("building the template {name}");
    let connection = connect(admin_url).await.doing(action())?;
    if exists(&connection, &name).await.doing(action())? {
        close(connection).await;
        return Ok(name);
    }
    run(&connection, &format!("SELECT pg_advisory_lock({LOCK})"))
        .await
        .doing(action())?;
    let built = build(&connection, admin_url, &name, prepare).await;
    // The session's end gives the lock back.
    close(connection).await;
    built.map(|()| name)
}

async fn build<F, Fut, E>(
    connection: &DatabaseConnection,
    admin_url: &str,
    name: &str,
    prepare: F,
) -> Result<()>
where
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    let action = || format!("building the template {name}");
    if exists(connection, name).await.doing(action())? {
        return Ok(());
    }
    // Prepared under another name: what has the right one is complete.
    let part = format!("{name}_part");
    drop_database(connection, &part).await.doing(action())?;
    run(connection, &format!("CREATE DATABASE {part}"))
        .await
        .doing(action())?;
    prepare(with_database(admin_url, &part)?)
        .await
        .map_err(|error| Error::Prepare(chain(&error)))?;
    // A pool that `prepare` did not close in order may still be there.
    run(
        connection,
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{part}'"),
    )
    .await
    .doing(action())?;
    retry_in_use(
        connection,
        &format!("ALTER DATABASE {part} RENAME TO {name}"),
    )
    .await
    .doing(action())
}

fn chain(error: &impl std::fmt::Display) -> String {
    // `{:#}` makes anyhow print the causes; others ignore it.
    format!("{error:#}")
}

/// Makes the database `name` a copy of `template`.
pub(crate) async fn clone(admin_url: &str, template: &str, name: &str) -> Result<()> {
    let action = format!("cloning {template}");
    let connection = connect(admin_url).await.doing(&action)?;
    let cloned = retry_in_use(
        &connection,
        &format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await
    .doing(&action);
    close(connection).await;
    cloned
}

/// Drops one test database, whoever is still connected to it.
pub(crate) async fn drop_one(admin_url: &str, name: &str) -> Result<()> {
    let action = format!("dropping {name}");
    let connection = connect(admin_url).await.doing(&action)?;
    let dropped = drop_database(&connection, name).await.doing(&action);
    close(connection).await;
    dropped
}

/// Drops the databases of test processes that ended without doing so.
pub(crate) async fn drop_orphans(admin_url: &str) -> Result<()> {
    let action = "dropping left-over test databases";
    let connection = connect(admin_url).await.doing(action)?;
    let databases = sql::texts(&connection, "SELECT datname::text FROM pg_database")
        .await
        .doing(action)?;
    for name in databases.iter().filter(|name| names::orphaned(name)) {
        // Another test process may be doing the same at this moment.
        if let Err(error) = drop_database(&connection, name).await {
            tracing::debug!(%name, %error, "left-over test database stays for now");
        }
    }
    close(connection).await;
    Ok(())
}

/// The same URL with another database.
pub(crate) fn with_database(url: &str, database: &str) -> Result<String> {
    let mut url =
        url::Url::parse(url).map_err(|error| Error::Other(format!("DATABASE_URL: {error}")))?;
    url.set_path(database);
    Ok(url.into())
}

async fn exists(connection: &DatabaseConnection, name: &str) -> Result<bool, DbErr> {
    let query = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    sql::exists(connection, &query).await
}

async fn drop_database(connection: &DatabaseConnection, name: &str) -> Result<(), DbErr> {
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    run(connection, &statement).await
}

async fn run(connection: &DatabaseConnection, statement: &str) -> Result<(), DbErr> {
    connection.execute_unprepared(statement).await.map(|_| ())
}

/// A background process of the server (autovacuum, say) may be in the database for a moment.
async fn retry_in_use(connection: &DatabaseConnection, statement: &str) -> Result<(), DbErr> {
    for _ in 0..40 {
        match run(connection, statement).await {
            Err(error) if error.to_string().contains("being accessed by other users") => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            other => return other,
        }
    }
    run(connection, statement).await
}

async fn close(connection: DatabaseConnection) {
    // The server notices a connection that did not close in order.
    let _ = connection.close().await;
}
