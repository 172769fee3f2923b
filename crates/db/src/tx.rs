//! Transactions that know for whom they work.

use sea_orm::sqlx::{self, Executor, PgConnection, PgPool, Postgres, Transaction};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};
use uuid::Uuid;

use crate::outbox::Schema;
use crate::{ApiPool, SystemPool, audited};

/// A transaction of one tenant: row-level security shows and accepts that tenant's rows only.
///
/// sea-orm's entities and statements work on it as on any connection; sets with nullable columns, which its arrays
/// cannot carry, go through [`TenantTx::sqlx`].
pub struct TenantTx {
    inner: Mutex<Transaction<'static, Postgres>>,
    tenant_id: Uuid,
    audited: Option<Schema>,
}

/// A transaction across tenants, for what no request does. Works like [`TenantTx`] otherwise.
pub struct SystemTx {
    inner: Mutex<Transaction<'static, Postgres>>,
    audited: Option<Schema>,
}

impl TenantTx {
    /// Begins; nothing can be read or written through the api login in any other way.
    ///
    /// # Errors
    /// When no connection is free in time or the database does not answer.
    pub async fn begin(pool: &ApiPool, tenant_id: Uuid) -> Result<Self, DbErr> {
        Self::begin_by("begin", pool, tenant_id).await
    }

    /// Begins one whose statements are planned once a connection, for any values: what of a partitioned table they are
    /// about is found when they run. For those whose planning takes longer than they do, and that have one good plan.
    ///
    /// # Errors
    /// As [`TenantTx::begin`].
    pub async fn begin_planning_once(pool: &ApiPool, tenant_id: Uuid) -> Result<Self, DbErr> {
        let begin = "begin; set local plan_cache_mode = force_generic_plan";
        Self::begin_by(begin, pool, tenant_id).await
    }

    /// Begins one that changes nothing and sees all as it was at one instant: for what is read in many statements.
    ///
    /// # Errors
    /// As [`TenantTx::begin`].
    pub async fn begin_snapshot(pool: &ApiPool, tenant_id: Uuid) -> Result<Self, DbErr> {
        let begin = "begin isolation level repeatable read, read only";
        let begun = Self::begin_by(begin, pool, tenant_id).await?;
        Ok(Self {
            audited: None,
            ..begun
        })
    }

    async fn begin_by(begin: &'static str, pool: &ApiPool, tenant_id: Uuid) -> Result<Self, DbErr> {
        // On one way to the database and back. Local to the transaction: a pooled connection must not carry the tenant on.
        let begin = format!("{begin}; set local app.tenant_id = '{tenant_id}'");
        Ok(Self {
            inner: Mutex::new(begun(pool.0.get_postgres_connection_pool(), begin).await?),
            tenant_id,
            audited: pool.1,
        })
    }

    /// Whose transaction this is.
    #[must_use]
    pub const fn tenant_id(&self) -> Uuid {
        self.tenant_id
    }

    /// Makes the changes last; dropping without it undoes them. Where a request that may change something is under way,
    /// its line of the audit log is committed with the first of its transactions that changed anything.
    ///
    /// # Errors
    /// When the database refuses or cannot be reached.
    pub async fn commit(self) -> Result<(), DbErr> {
        let Self {
            inner,
            audited,
            tenant_id,
        } = self;
        commit_audited(inner.into_inner(), audited, Some(tenant_id)).await
    }

    /// Makes changes last that are no act of the tenant's: what Bellwether notes for itself on the way.
    ///
    /// # Errors
    /// When the database refuses or cannot be reached.
    pub async fn commit_aside(self) -> Result<(), DbErr> {
        self.inner.into_inner().commit().await.map_err(exec_error)
    }
}

impl SystemTx {
    /// Begins.
    ///
    /// # Errors
    /// When no connection is free in time or the database does not answer.
    pub async fn begin(pool: &SystemPool) -> Result<Self, DbErr> {
        let begin = "begin".to_owned();
        Ok(Self {
            inner: Mutex::new(begun(pool.sqlx(), begin).await?),
            audited: pool.1,
        })
    }

    /// Makes the changes last; dropping without it undoes them.
    ///
    /// # Errors
    /// When the database refuses or cannot be reached.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.into_inner().commit().await.map_err(exec_error)
    }

    /// The same for what a request asked for: its line of the audit log is committed with the change.
    ///
    /// # Errors
    /// When the database refuses or cannot be reached.
    pub async fn commit_audited(self) -> Result<(), DbErr> {
        commit_audited(self.inner.into_inner(), self.audited, None).await
    }

    /// Undoes the changes and lets go of every lock before it returns; what is dropped does so a moment later.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.into_inner().rollback().await.map_err(exec_error)
    }
}

/// Begins in a task of its own, which ends what it began for somebody who gave up meanwhile. sqlx would give such a
/// connection to the next one with the transaction open.
async fn begun(pool: &PgPool, begin: String) -> Result<Transaction<'static, Postgres>, DbErr> {
    let pool = pool.clone();
    let begin = async move { pool.begin_with(sqlx::AssertSqlSafe(begin)).await };
    match tokio::spawn(begin).await {
        Ok(begun) => begun.map_err(connection_error),
        Err(stopped) => Err(DbErr::Conn(RuntimeErr::Internal(stopped.to_string()))),
    }
}

/// Commits with the line of the audit log of the request under way, unless that is kept already or nothing was changed.
async fn commit_audited(
    mut tx: Transaction<'static, Postgres>,
    audited: Option<Schema>,
    tenant_id: Option<Uuid>,
) -> Result<(), DbErr> {
    let due = audited.zip(audit::current().filter(|act| !act.is_kept()));
    let Some((schema, act)) = due else {
        return tx.commit().await.map_err(exec_error);
    };
    let mut entry = act.entry(audit::Outcome::Done);
    entry.tenant_id = tenant_id.or(entry.tenant_id);
    let added = audited::append_if_changed(&mut tx, schema, entry).await?;
    tx.commit().await.map_err(exec_error)?;
    if added {
        act.kept();
    }
    Ok(())
}

/// A statement through sqlx failed: the error as everything else here reports it.
#[must_use]
pub fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn exec_error(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

fn query(statement: Statement) -> sqlx::query::Query<'static, Postgres, SqlxValues> {
    let values = statement
        .values
        .unwrap_or_else(|| sea_orm::Values(Vec::new()));
    // Statements are built by sea-orm or written in storage modules; values are always bound.
    sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), SqlxValues(values))
}

macro_rules! transaction {
    ($type:ty) => {
        impl $type {
            /// The connection underneath, for sets through UNNEST and for COPY. Held until dropped.
            pub async fn sqlx(&self) -> MappedMutexGuard<'_, PgConnection> {
                MutexGuard::map(self.inner.lock().await, |tx| &mut **tx)
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($type))
            }
        }

        #[async_trait::async_trait]
        impl ConnectionTrait for $type {
            fn get_database_backend(&self) -> DbBackend {
                DbBackend::Postgres
            }

            async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
                let mut connection = self.sqlx().await;
                query(statement)
                    .execute(&mut *connection)
                    .await
                    .map(Into::into)
                    .map_err(exec_error)
            }

            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                let mut connection = self.sqlx().await;
                let sql = sqlx::AssertSqlSafe(sql.to_owned());
                (&mut *connection)
                    .execute(sql)
                    .await
                    .map(Into::into)
                    .map_err(exec_error)
            }

            async fn query_one_raw(
                &self,
                statement: Statement,
            ) -> Result<Option<QueryResult>, DbErr> {
                let mut connection = self.sqlx().await;
                let row = query(statement).fetch_optional(&mut *connection).await;
                row.map(|row| row.map(Into::into)).map_err(query_error)
            }

            async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
                let mut connection = self.sqlx().await;
                let rows = query(statement)
                    .fetch_all(&mut *connection)
                    .await
                    .map_err(query_error)?;
                Ok(rows.into_iter().map(Into::into).collect())
            }
        }
    };
}

transaction!(TenantTx);
transaction!(SystemTx);
