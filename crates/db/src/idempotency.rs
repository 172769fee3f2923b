//! First answers of creates, replayed when the same request comes again.

use chrono::{DateTime, TimeDelta, Utc};
use http_kit::idempotency::{Claim, IdempotencyStore, Known};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use crate::outbox::Schema;
use crate::{ApiPool, SystemTx, TenantTx};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// After this long a request without an answer is taken for dead, and another may start.
const ABANDONED: TimeDelta = TimeDelta::minutes(2);

/// Deletes answers that are no longer replayed; `tx` is the schema's system login's.
///
/// # Errors
/// When the statement fails.
pub async fn sweep(tx: &SystemTx, schema: Schema, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = format!(
        "delete from {}.idempotency_key where created_at < $1",
        schema.as_str()
    );
    let values = [(now - KEPT).into()];
    tx.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        sql,
        values,
    ))
    .await?;
    Ok(())
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

    async fn look_up(&self, tx: &TenantTx, claim: &Claim) -> Result<Known, DbErr> {
        let sql = format!(
            "select request_sha256, status, sealed_body from {}.idempotency_key
             where tenant_id = $1 and operation = $2 and key = $3",
            self.schema.as_str()
        );
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, name(claim));
        Ok(match Row::find_by_statement(statement).one(tx).await? {
            Some(row) if row.request_sha256 != claim.request_sha256 => Known::OtherRequest,
            Some(Row {
                status: Some(status),
                sealed_body: Some(sealed),
                ..
            }) => Known::Done {
                status: status.unsigned_abs(),
                sealed,
            },
            // Under way, or released between the two statements: the caller tries again either way.
            _ => Known::InProgress,
        })
    }

    async fn execute<const N: usize>(
        &self,
        claim: &Claim,
        sql: String,
        more: [Value; N],
    ) -> Result<(), DbErr> {
        let tx = TenantTx::begin(&self.pool, claim.tenant_id).await?;
        let values = name(claim).into_iter().chain(more);
        tx.execute_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            sql,
            values,
        ))
        .await?;
        tx.commit_aside().await
    }
}

#[async_trait::async_trait]
impl IdempotencyStore for Store {
    async fn begin(&self, claim: &Claim) -> anyhow::Result<Known> {
        let now = Utc::now();
        let tx = TenantTx::begin(&self.pool, claim.tenant_id).await?;
        let sql = format!(
            "insert into {}.idempotency_key as k (tenant_id, operation, key, request_sha256, created_at)
             values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, operation, key) do update
                 set request_sha256 = excluded.request_sha256, created_at = excluded.created_at,
                     status = null, sealed_body = null
                 where k.created_at < $6 or (k.status is null and k.created_at < $7)",
            self.schema.as_str()
        );
        let more: [Value; 4] = [
            claim.request_sha256.to_vec().into(),
            now.into(),
            (now - KEPT).into(),
            (now - ABANDONED).into(),
        ];
        let values = name(claim).into_iter().chain(more);
        let claimed = tx
            .execute_raw(Statement::from_sql_and_values(
                DbBackend::Postgres,
                sql,
                values,
            ))
            .await?
            .rows_affected();
        let known = if claimed == 1 {
            Known::Fresh
        } else {
            self.look_up(&tx, claim).await?
        };
        tx.commit_aside().await?;
        Ok(known)
    }

    async fn finish(&self, claim: &Claim, status: u16, sealed: Vec<u8>) -> anyhow::Result<()> {
        let sql = format!(
            "update {}.idempotency_key set status = $4, sealed_body = $5
             where tenant_id = $1 and operation = $2 and key = $3",
            self.schema.as_str()
        );
        Ok(self
            .execute(claim, sql, [i16::try_from(status)?.into(), sealed.into()])
            .await?)
    }

    async fn abandon(&self, claim: &Claim) -> anyhow::Result<()> {
        let sql = format!(
            "delete from {}.idempotency_key where tenant_id = $1 and operation = $2 and key = $3 and status is null",
            self.schema.as_str()
        );
        Ok(self.execute(claim, sql, []).await?)
    }
}

/// A claim's key in the table.
fn name(claim: &Claim) -> [Value; 3] {
    [
        claim.tenant_id.into(),
        claim.operation.as_str().into(),
        claim.key.as_str().into(),
    ]
}
