//! `identity.handoff`: codes with which somebody goes on at another tenant's host.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// Whose a code was.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Used {
    /// Where to go on.
    pub tenant_id: Uuid,
    /// Who.
    pub user_id: Uuid,
}

/// Keeps a code.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    code_sha256: [u8; 32],
    tenant_id: Uuid,
    user_id: Uuid,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let code_sha256 = code_sha256.to_vec();
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.handoff (code_sha256, tenant_id, user_id, expires_at)
         values ({code_sha256}, {tenant_id}, {user_id}, {expires_at})"
    ))
    .await?;
    Ok(())
}

/// Whose a code is, wherever it works.
///
/// # Errors
/// When the database fails.
pub async fn whose(tx: &impl ConnectionTrait, code_sha256: &[u8]) -> Result<Option<Uuid>, DbErr> {
    let code_sha256 = code_sha256.to_vec();
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select user_id from identity.handoff where code_sha256 = {code_sha256}"
        ))
        .await?;
    row.map(|row| row.try_get("", "user_id")).transpose()
}

/// Uses a code up at the host of the tenant `slug`; anywhere else it stays.
///
/// # Errors
/// When the database fails.
pub async fn take(
    tx: &impl ConnectionTrait,
    code_sha256: &[u8],
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Option<Used>, DbErr> {
    let code_sha256 = code_sha256.to_vec();
    Used::find_by_statement(raw_sql!(
        Postgres,
        "delete from identity.handoff h using identity.tenant t
         where h.code_sha256 = {code_sha256} and h.expires_at > {now} and t.id = h.tenant_id and t.slug = {slug}
         returning h.tenant_id, h.user_id"
    ))
    .one(tx)
    .await
}

/// Forgets every code of a person.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &impl ConnectionTrait, user_id: Uuid) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "delete from identity.handoff where user_id = {user_id}"
    ))
    .await?;
    Ok(())
}
