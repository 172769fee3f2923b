//! First answers of creates, replayed when the same request comes again.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use crate::outbox::Schema;
use crate::{ApiPool, TenantTx};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// After this long a request without an answer is taken for dead, and another may start.
const ABANDONED: TimeDelta = TimeDelta::minutes(2);

/// Whose request it is and what it asks.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The caller's tenant.
    pub tenant_id: Uuid,
    /// Method and route; one key may be used with several.
    pub operation: &'a str,
    /// The caller's Idempotency-Key.
    pub key: &'a str,
    /// Digest of the body, so that a key is not used for two different requests.
    pub request_sha256: &'a [u8],
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// New: do it, then [`Store::finish`] or [`Store::abandon`].
    Fresh,
    /// Another one with this key is being done right now.
    InProgress,
    /// Done before: this was the answer, sealed as [`Store::finish`] got it.
    Done {
        /// HTTP status.
        status: u16,
        /// The sealed body.
        sealed_body: Vec<u8>,
    },
    /// The key was used for a different request.
    OtherRequest,
}

/// The table of one schema.
#[derive(Debug, Clone)]
pub struct Store {
    pool: ApiPool,
    schema: Schema,
}

#[derive(FromQueryResult)]
struct Row {
    request_sha256: Vec<u8>,
    status: Option<i16>,
    sealed_body: Option<Vec<u8>>,
}

impl Store {
    /// A store over a service's api login.
    #[must_use]
    pub const fn new(pool: ApiPool, schema: Schema) -> Self {
        Self { pool, schema }
    }

    /// Claims the key, or says what became of it. Of several at once exactly one gets [`Known::Fresh`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, request: Request<'_>, now: DateTime<Utc>) -> Result<Known, DbErr> {
        let tx = TenantTx::begin(&self.pool, request.tenant_id).await?;
        let claim = format!(
            "insert into {}.idempotency_key as k (tenant_id, operation, key, request_sha256, created_at)
             values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, operation, key) do update
                 set request_sha256 = excluded.request_sha256, created_at = excluded.created_at,
                     status = null, sealed_body = null
                 where k.created_at < $6 or (k.status is null and k.created_at < $7)",
            self.schema.as_str()
        );
        let claimed = tx
            .execute_raw(Statement::from_sql_and_values(
                DbBackend::Postgres,
                claim,
                [
                    request.tenant_id.into(),
                    request.operation.into(),
                    request.key.into(),
                    request.request_sha256.to_vec().into(),
                    now.into(),
                    (now - KEPT).into(),
                    (now - ABANDONED).into(),
                ],
            ))
            .await?
            .rows_affected();
        let known = if claimed == 1 {
            Known::Fresh
        } else {
            self.look_up(&tx, request).await?
        };
        tx.commit().await?;
        Ok(known)
    }

    async fn look_up(&self, tx: &TenantTx, request: Request<'_>) -> Result<Known, DbErr> {
        let sql = format!(
            "select request_sha256, status, sealed_body from {}.idempotency_key
             where tenant_id = $1 and operation = $2 and key = $3",
            self.schema.as_str()
        );
        let values = [
            request.tenant_id.into(),
            request.operation.into(),
            request.key.into(),
        ];
        let row = Row::find_by_statement(Statement::from_sql_and_values(
            DbBackend::Postgres,
            sql,
            values,
        ))
        .one(tx)
        .await?;
        Ok(match row {
            Some(row) if row.request_sha256 != request.request_sha256 => Known::OtherRequest,
            Some(Row {
                status: Some(status),
                sealed_body: Some(sealed_body),
                ..
            }) => Known::Done {
                status: status.unsigned_abs(),
                sealed_body,
            },
            // Under way, or released between the two statements: the caller tries again either way.
            _ => Known::InProgress,
        })
    }

    /// Keeps the answer. `sealed_body` is ciphertext: answers may hold keys that are shown once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(
        &self,
        request: Request<'_>,
        status: u16,
        sealed_body: Vec<u8>,
    ) -> Result<(), DbErr> {
        let sql = format!(
            "update {}.idempotency_key set status = $4, sealed_body = $5
             where tenant_id = $1 and operation = $2 and key = $3",
            self.schema.as_str()
        );
        self.execute(
            request,
            sql,
            [
                i16::try_from(status).unwrap_or(i16::MAX).into(),
                sealed_body.into(),
            ],
        )
        .await
    }

    /// Lets go of the key after a failure that should be tried again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn abandon(&self, request: Request<'_>) -> Result<(), DbErr> {
        let sql = format!(
            "delete from {}.idempotency_key where tenant_id = $1 and operation = $2 and key = $3 and status is null",
            self.schema.as_str()
        );
        self.execute(request, sql, []).await
    }

    async fn execute<const N: usize>(
        &self,
        request: Request<'_>,
        sql: String,
        more: [sea_orm::Value; N],
    ) -> Result<(), DbErr> {
        let tx = TenantTx::begin(&self.pool, request.tenant_id).await?;
        let values = [
            request.tenant_id.into(),
            request.operation.into(),
            request.key.into(),
        ]
        .into_iter()
        .chain(more);
        tx.execute_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            sql,
            values,
        ))
        .await?;
        tx.commit().await
    }
}
