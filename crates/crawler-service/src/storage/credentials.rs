//! Tenants' credentials: sealed values, and what may be told of them.

use chrono::{DateTime, Utc};
use db::{SystemTx, TenantTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// What may be told of a credential.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Shown {
    /// Of which source.
    pub source: String,
    /// Which fields are set.
    pub fields: Vec<String>,
    /// `works`, `failed` or `untested`.
    pub status: String,
    /// For people.
    pub message: String,
    /// When it was tested.
    pub checked_at: Option<DateTime<Utc>>,
    /// Grows with every change of its values.
    pub version: i64,
    /// When its values were last written.
    pub updated_at: DateTime<Utc>,
}

/// A credential as it is stored.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Sealed {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Of which source.
    pub source: String,
    /// Its values.
    pub sealed: Vec<u8>,
}

/// A credential to store.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// Of which source.
    pub source: String,
    /// Its values.
    pub sealed: Vec<u8>,
    /// Which fields are set.
    pub fields: Vec<String>,
    /// SHA-256, in hex, of the values that are no secrets.
    pub marks: Vec<String>,
}

/// How a test went.
#[derive(Debug, Clone)]
pub struct Checked {
    /// `works`, `failed` or `untested`.
    pub status: &'static str,
    /// For people.
    pub message: String,
}

/// What may be told of the tenant's credentials, by source.
///
/// # Errors
/// When the statement fails.
pub async fn list(tx: &TenantTx) -> Result<Vec<Shown>, DbErr> {
    let sql = "select source, fields, status, message, checked_at, version, updated_at from crawl.credential
               where tenant_id = $1 order by source";
    Shown::find_by_statement(statement(sql, [tx.tenant_id().into()]))
        .all(tx)
        .await
}

/// What may be told of one; `None`: the tenant has none for this source.
///
/// # Errors
/// When the statement fails.
pub async fn get(tx: &TenantTx, source: &str) -> Result<Option<Shown>, DbErr> {
    let sql = "select source, fields, status, message, checked_at, version, updated_at from crawl.credential
               where tenant_id = $1 and source = $2";
    Shown::find_by_statement(statement(sql, [tx.tenant_id().into(), source.into()]))
        .one(tx)
        .await
}

/// The tenant's own sealed values.
///
/// # Errors
/// When the statement fails.
pub async fn sealed(tx: &TenantTx, source: &str) -> Result<Option<Sealed>, DbErr> {
    let sql = "select tenant_id, source, sealed from crawl.credential where tenant_id = $1 and source = $2";
    Sealed::find_by_statement(statement(sql, [tx.tenant_id().into(), source.into()]))
        .one(tx)
        .await
}

/// The sealed values of whoever a task works for.
///
/// # Errors
/// When the statement fails.
pub async fn sealed_of(
    tx: &SystemTx,
    tenant_id: Uuid,
    source: &str,
) -> Result<Option<Sealed>, DbErr> {
    let sql = "select tenant_id, source, sealed from crawl.credential where tenant_id = $1 and source = $2";
    Sealed::find_by_statement(statement(sql, [tenant_id.into(), source.into()]))
        .one(tx)
        .await
}

/// Stores or replaces the tenant's credential, untested; tells its version.
///
/// # Errors
/// When the statement fails.
pub async fn put(tx: &TenantTx, new: NewCredential, now: DateTime<Utc>) -> Result<i64, DbErr> {
    let sql = "insert into crawl.credential as c (tenant_id, source, sealed, fields, marks, created_at, updated_at)
               values ($1, $2, $3, $4, $5, $6, $6)
               on conflict (tenant_id, source) do update
                   set sealed = excluded.sealed, fields = excluded.fields, marks = excluded.marks,
                       status = 'untested', message = '', checked_at = null,
                       version = c.version + 1, updated_at = excluded.updated_at
               returning version";
    let values = [
        tx.tenant_id().into(),
        new.source.into(),
        new.sealed.into(),
        new.fields.into(),
        new.marks.into(),
        now.into(),
    ];
    let row = tx.query_one_raw(statement(sql, values)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("the credential just written".to_owned()))?
        .try_get("", "version")
}

/// Writes how the test of one version went, unless its values were replaced meanwhile.
///
/// # Errors
/// When the statement fails.
pub async fn checked(
    tx: &TenantTx,
    source: &str,
    version: i64,
    checked: Checked,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "update crawl.credential set status = $4, message = $5, checked_at = $6
               where tenant_id = $1 and source = $2 and version = $3";
    let values = [
        tx.tenant_id().into(),
        source.into(),
        version.into(),
        checked.status.into(),
        checked.message.into(),
        now.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// A fetch of this task succeeded. It says nothing about values that were written after the task was made.
///
/// # Errors
/// When the statement fails.
pub async fn works(tx: &SystemTx, task_id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "update crawl.credential c set status = 'works', message = '', checked_at = $2
               from crawl.task k
               where k.id = $1 and c.tenant_id = k.owner_tenant_id and c.source = k.source
                 and c.status <> 'works' and c.updated_at <= k.created_at";
    tx.execute_raw(statement(sql, [task_id.into(), now.into()]))
        .await?;
    Ok(())
}

/// Makes due now what failed last, of the tenant's own targets and monitors of this source: it may have waited for this
/// credential.
///
/// # Errors
/// When the statement fails.
pub async fn revive(tx: &TenantTx, source: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    let targets = "select count(*) from crawl.hasten(
                       (select array_agg(target_id) from crawl.tenant_tracking
                        where live and source = $1 and last_outcome is distinct from 'ok' and last_crawl_at is not null),
                       2::smallint, $2, $3)";
    let trace = telemetry::propagation::current_traceparent();
    tx.execute_raw(statement(
        targets,
        [source.into(), trace.into(), now.into()],
    ))
    .await?;
    let monitors = "update crawl.monitor set next_due_at = $3
                    where tenant_id = $1 and source = $2 and status = 'active' and task_id is null
                      and deleted_at is null and last_outcome is distinct from 'ok'";
    tx.execute_raw(statement(
        monitors,
        [tx.tenant_id().into(), source.into(), now.into()],
    ))
    .await?;
    Ok(())
}

/// Deletes it; says whether there was one.
///
/// # Errors
/// When the statement fails.
pub async fn delete(tx: &TenantTx, source: &str) -> Result<bool, DbErr> {
    let sql = "delete from crawl.credential where tenant_id = $1 and source = $2";
    let done = tx
        .execute_raw(statement(sql, [tx.tenant_id().into(), source.into()]))
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Locks credentials that another key than this sealed, at most `limit`, after those named last.
///
/// # Errors
/// When the statement fails.
pub async fn sealed_otherwise(
    tx: &SystemTx,
    key: u8,
    after: Option<(Uuid, String)>,
    limit: u32,
) -> Result<Vec<Sealed>, DbErr> {
    let (tenant_id, source) = after.unwrap_or((Uuid::nil(), String::new()));
    let sql = "select tenant_id, source, sealed from crawl.credential
               where get_byte(sealed, 0) <> $1 and (tenant_id, source) > ($2, $3)
               order by tenant_id, source limit $4 for update skip locked";
    let values = [
        i32::from(key).into(),
        tenant_id.into(),
        source.into(),
        i64::from(limit).into(),
    ];
    Sealed::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}

/// Stores the same values, sealed anew.
///
/// # Errors
/// When the statement fails.
pub async fn reseal(tx: &SystemTx, credential: Sealed) -> Result<(), DbErr> {
    let sql = "update crawl.credential set sealed = $3 where tenant_id = $1 and source = $2";
    let values = [
        credential.tenant_id.into(),
        credential.source.into(),
        credential.sealed.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}
