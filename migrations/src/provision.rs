//! The one provisioning step: roles, schemas and grants, under a lock, then the migrations as their owner.

use anyhow::Context;
use backon::{ConstantBuilder, Retryable};
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{self, Connection, PgConnection};
use sea_orm::{ConnectOptions, Database};
use sea_orm_migration::MigratorTrait;

use crate::roles::{CATALOG_SYSTEM, HISTORY_OWNER, LOGINS, OWNER};
use crate::steps::Migrator;

/// Who prepares the database.
#[derive(Clone)]
pub struct Admin {
    /// A login that may create roles and owns the database.
    pub url: String,
    /// What the logins' passwords are derived from.
    pub role_secret: String,
}

/// Serialises provisioning by several processes; an arbitrary constant.
const PROVISION_LOCK: i64 = 0x6265_6c6c;

/// Makes roles, schemas and tables as the newest version wants them. Safe to repeat and to run from several processes.
pub async fn prepare(admin: &Admin) -> anyhow::Result<()> {
    prepare_to(admin, None).await
}

/// As [`prepare`], but only the next so many steps: a database of an earlier version, for tests of what comes after.
pub async fn prepare_to(admin: &Admin, steps: Option<u32>) -> anyhow::Result<()> {
    // Roles belong to the cluster while advisory locks belong to a database: two databases provisioned at once can
    // still meet on a role's row, which Postgres answers with a retryable error.
    (|| provision(admin))
        .retry(ConstantBuilder::default().with_max_times(5))
        .await?;
    let mut options = ConnectOptions::new(&admin.url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .set_schema_search_path("bw")
        .map_sqlx_postgres_opts(|options: PgConnectOptions| options.options([("role", OWNER)]));
    let connection = Database::connect(options)
        .await
        .context("connect as the tables' owner")?;
    let outcome = migrate_locked(&connection, steps).await;
    connection.close().await?;
    outcome
}

async fn migrate_locked(
    connection: &sea_orm::DatabaseConnection,
    steps: Option<u32>,
) -> anyhow::Result<()> {
    use sea_orm::ConnectionTrait;
    // One connection in the pool, so the session lock covers the migrations and ends with it.
    connection
        .execute_unprepared(&format!("select pg_advisory_lock({PROVISION_LOCK})"))
        .await
        .context("lock migrations")?;
    Migrator::up(connection, steps)
        .await
        .context("run migrations")
}

async fn provision(admin: &Admin) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(&admin.url)
        .await
        .context("connect to DATABASE_URL")?;
    let mut tx = connection.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(PROVISION_LOCK)
        .execute(&mut *tx)
        .await?;
    for statement in statements(&admin.role_secret) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut *tx)
            .await
            .context("provision roles and schemas")?;
    }
    tx.commit().await?;
    connection.close().await?;
    Ok(())
}

/// All names and passwords here are our own constants and hexadecimal digests, so quoting is plain.
pub(crate) fn statements(role_secret: &str) -> Vec<String> {
    let mut statements = vec![
        ensure_role(OWNER, "nologin"),
        format!("grant {OWNER} to current_user"),
        ensure_role(HISTORY_OWNER, "nologin"),
        format!("grant {HISTORY_OWNER} to {OWNER}"),
    ];
    for login in LOGINS {
        let password = login.password(role_secret);
        statements.push(ensure_role(login.role, "login"));
        statements.push(format!(
            "alter role {} with login password '{password}'",
            login.role
        ));
        // Compiling pays for statements of seconds. A plan that names every month there is costs as much on paper, and a
        // read of 15 ms took 350 with it.
        statements.push(format!("alter role {} set jit = off", login.role));
    }
    let keeper = CATALOG_SYSTEM.role;
    statements.extend([
        format!("alter role {keeper} noinherit"),
        format!("grant {HISTORY_OWNER} to {keeper}"),
    ]);
    let all = LOGINS.map(|login| login.role).join(", ");
    statements.extend([
        format!("create schema if not exists bw authorization {OWNER}"),
        "create extension if not exists pg_trgm schema bw".to_owned(),
        format!("grant usage on schema bw to {all}"),
        "revoke create on schema public from public".to_owned(),
    ]);
    for login in LOGINS {
        statements.push(format!(
            "create schema if not exists {} authorization {OWNER}",
            login.schema
        ));
        statements.push(format!(
            "grant usage on schema {} to {}",
            login.schema, login.role
        ));
    }
    statements
}

fn ensure_role(role: &str, attribute: &str) -> String {
    format!(
        "do $$ begin
            if not exists (select from pg_roles where rolname = '{role}') then
                create role {role} {attribute} nosuperuser nocreatedb nocreaterole nobypassrls;
            end if;
        end $$"
    )
}
