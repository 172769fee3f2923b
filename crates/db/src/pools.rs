//! Connection pools, one a login.

use std::time::Duration;

use sea_orm::sqlx::Postgres;
use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::sqlx::query::Query;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, QueryResult};

use crate::outbox::Schema;

/// Connections of a service's `api` login: bound by row-level security, without a grant on public listings.
#[derive(Clone, Debug)]
pub struct ApiPool(pub(crate) DatabaseConnection, pub(crate) Option<Schema>);

/// Connections of a service's `system` login: for ingest, relays, dispatch, sign-in and key look-up.
#[derive(Clone, Debug)]
pub struct SystemPool(pub(crate) DatabaseConnection, pub(crate) Option<Schema>);

/// Both pools of a service.
#[derive(Clone, Debug)]
pub struct Pools {
    /// For request handlers.
    pub api: ApiPool,
    /// For everything that works across tenants.
    pub system: SystemPool,
}

impl Pools {
    /// Opens both pools; `api_size` and `system_size` are the most connections each may hold.
    ///
    /// # Errors
    /// When the first connection of either cannot be made.
    pub async fn connect(
        api_url: &str,
        api_size: u32,
        system_url: &str,
        system_size: u32,
    ) -> Result<Self, DbErr> {
        Ok(Self {
            api: ApiPool(open(api_url, api_size).await?, None),
            system: SystemPool(open(system_url, system_size).await?, None),
        })
    }

    /// The same, where transactions of requests put their line of the audit log into this schema's outbox.
    #[must_use]
    pub fn audited(mut self, schema: Schema) -> Self {
        self.api.1 = Some(schema);
        self.system.1 = Some(schema);
        self
    }
}

impl ApiPool {
    /// Whether the database answers; for readiness.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.0.ping().await
    }
}

impl ApiPool {
    /// Reads by one statement that names its tenants itself, through a function of the schema which sets the tenant and
    /// selects. Any other statement finds nothing: no tenant is set. It saves a small read the ways of beginning and ending.
    ///
    /// # Errors
    /// When the database refuses or cannot be reached.
    pub async fn read(
        &self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let rows = query
            .fetch_all(self.0.get_postgres_connection_pool())
            .await
            .map_err(crate::query_error)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }
}

impl SystemPool {
    /// Whether the database answers; for readiness.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.0.ping().await
    }

    /// The pool underneath, for what sea-orm has no words for: LISTEN and COPY.
    #[must_use]
    pub fn sqlx(&self) -> &sea_orm::sqlx::PgPool {
        self.0.get_postgres_connection_pool()
    }
}

pub(crate) async fn open(url: &str, size: u32) -> Result<DatabaseConnection, DbErr> {
    Database::connect(options(url, size)).await
}

pub(crate) fn options(url: &str, size: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(size)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        // A ping before every use would double the round trips of small reads; idle connections are still checked,
        // so that a restarted Postgres costs no request.
        .test_before_acquire_if_idle_for(Duration::from_secs(10));
    options
}
