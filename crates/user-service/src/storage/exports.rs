//! `identity.export` and `identity.export_chunk`: archives of all that a tenant has.

use chrono::{DateTime, Utc};
use db::{SystemTx, TenantTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// The unique index that lets a tenant have one export under way, as Postgres names it.
pub const ALONE_KEY: &str = "export_alone";

/// An export as its tenant sees it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Export {
    /// Its id.
    pub id: Uuid,
    /// `queued`, `running`, `done` or `failed`.
    pub status: String,
    /// How far it is.
    pub percent: i16,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was done, or failed.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it goes.
    pub expires_at: Option<DateTime<Utc>>,
    /// Size of the archive.
    pub bytes: i64,
    /// Of the archive, in hex.
    pub sha256: Option<String>,
    /// Pieces of the archive.
    pub chunks: i32,
    /// Why it failed.
    pub reason: Option<String>,
}

/// Asks for an export.
///
/// # Errors
/// [`ALONE_KEY`] is violated while one is under way; otherwise when the database fails.
pub async fn ask(tx: &TenantTx, id: Uuid, asked_by: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let tenant_id = tx.tenant_id();
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.export (tenant_id, id, asked_by, created_at) values ({tenant_id}, {id}, {asked_by}, {now})"
    ))
    .await?;
    Ok(())
}

/// The archive that was done last since `since`, and can still be fetched.
///
/// # Errors
/// When the database fails.
pub async fn done_since(
    tx: &TenantTx,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Export>, DbErr> {
    Export::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.export
         where status = 'done' and finished_at > {since} and expires_at > {now} order by finished_at desc limit 1"
    ))
    .one(tx)
    .await
}

/// The tenant's exports, newest first, older than `before`.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &TenantTx, before: Option<Uuid>, limit: i64) -> Result<Vec<Export>, DbErr> {
    Export::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.export where ({before}::uuid is null or id < {before}) order by id desc limit {limit}"
    ))
    .all(tx)
    .await
}

/// One of the tenant's exports.
///
/// # Errors
/// When the database fails.
pub async fn get(tx: &TenantTx, id: Uuid) -> Result<Option<Export>, DbErr> {
    Export::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.export where id = {id}"
    ))
    .one(tx)
    .await
}

/// A piece of an archive, sealed.
///
/// # Errors
/// When the database fails.
pub async fn chunk(tx: &TenantTx, id: Uuid, place: i32) -> Result<Option<Vec<u8>>, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select sealed from identity.export_chunk where export_id = {id} and place = {place}"
        ))
        .await?;
    row.map(|row| row.try_get("", "sealed")).transpose()
}

/// An export that is ours to build.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Claimed {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its id.
    pub id: Uuid,
    /// How often it was begun, this time included.
    pub attempts: i16,
    /// What tells this attempt from others.
    pub claim: Uuid,
}

/// Gives up, for this reason, what was begun `most` times and whose builder was not heard of in time: it cannot be told
/// from one that ends the process of whoever builds it. Says how many those were.
///
/// # Errors
/// When the database fails.
pub async fn give_up(
    tx: &SystemTx,
    most: i16,
    reason: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let given_up = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.export
             set status = 'failed', reason = {reason}, finished_at = {now}, expires_at = {expires_at}, claim = null,
                 lease_until = null
             where status = 'running' and lease_until <= {now} and attempts >= {most}"
        ))
        .await?;
    Ok(given_up.rows_affected())
}

/// Takes the oldest export that waits, or whose builder was not heard of in time, until `until`.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    tx: &SystemTx,
    claim: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Claimed>, DbErr> {
    Claimed::find_by_statement(raw_sql!(
        Postgres,
        "update identity.export e
         set status = 'running', percent = 0, attempts = attempts + 1, claim = {claim}, lease_until = {until}, bytes = 0,
             chunks = 0
         where (e.tenant_id, e.id) = (
             select o.tenant_id, o.id from identity.export o
             where o.status = 'queued' or o.status = 'running' and o.lease_until <= {now}
             order by o.created_at limit 1 for update skip locked)
         returning tenant_id, id, attempts, claim"
    ))
    .one(tx)
    .await
}

/// Forgets the pieces that an earlier attempt left, some at a time; says whether there may be more.
///
/// # Errors
/// When the database fails.
pub async fn forget_pieces(tx: &SystemTx, of: Claimed) -> Result<bool, DbErr> {
    let Claimed { tenant_id, id, .. } = of;
    let deleted = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.export_chunk where (tenant_id, export_id, place) in (
                 select tenant_id, export_id, place from identity.export_chunk
                 where tenant_id = {tenant_id} and export_id = {id} limit 50)"
        ))
        .await?;
    Ok(deleted.rows_affected() > 0)
}

/// How far a builder is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// In percent.
    pub percent: i16,
    /// Bytes so far.
    pub bytes: i64,
    /// Pieces so far.
    pub chunks: i32,
}

/// Notes how far it is and believes in the builder until `until`; false: it is no longer ours.
///
/// # Errors
/// When the database fails.
pub async fn go_on(
    tx: &SystemTx,
    of: Claimed,
    progress: Progress,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let Claimed {
        tenant_id,
        id,
        claim,
        ..
    } = of;
    let Progress {
        percent,
        bytes,
        chunks,
    } = progress;
    let written = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.export set percent = {percent}, bytes = {bytes}, chunks = {chunks}, lease_until = {until}
             where tenant_id = {tenant_id} and id = {id} and claim = {claim} and status = 'running'"
        ))
        .await?;
    Ok(written.rows_affected() == 1)
}

/// Stores a piece.
///
/// # Errors
/// When the database fails.
pub async fn add_chunk(
    tx: &SystemTx,
    of: Claimed,
    place: i32,
    sealed: Vec<u8>,
) -> Result<(), DbErr> {
    let Claimed { tenant_id, id, .. } = of;
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.export_chunk (tenant_id, export_id, place, sealed)
         values ({tenant_id}, {id}, {place}, {sealed})"
    ))
    .await?;
    Ok(())
}

/// It is whole.
///
/// # Errors
/// When the database fails.
pub async fn finish(
    tx: &SystemTx,
    of: Claimed,
    sha256: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let Claimed {
        tenant_id,
        id,
        claim,
        ..
    } = of;
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.export
         set status = 'done', percent = 100, sha256 = {sha256}, finished_at = {now}, expires_at = {expires_at},
             claim = null, lease_until = null
         where tenant_id = {tenant_id} and id = {id} and claim = {claim}"
    ))
    .await?;
    Ok(())
}

/// It broke off. Begun anew after `again`; `None`: given up, for this reason.
///
/// # Errors
/// When the database fails.
pub async fn broke_off(
    tx: &SystemTx,
    of: Claimed,
    reason: &str,
    again: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let Claimed {
        tenant_id,
        id,
        claim,
        ..
    } = of;
    let sql = match again {
        Some(again) => raw_sql!(
            Postgres,
            "update identity.export set lease_until = {again}
             where tenant_id = {tenant_id} and id = {id} and claim = {claim}"
        ),
        None => raw_sql!(
            Postgres,
            "update identity.export
             set status = 'failed', reason = {reason}, finished_at = {now}, expires_at = {expires_at}, claim = null,
                 lease_until = null
             where tenant_id = {tenant_id} and id = {id} and claim = {claim}"
        ),
    };
    tx.execute_raw(sql).await?;
    Ok(())
}

/// Forgets exports that are over, with their pieces, one at a time: a piece is a megabyte. Says whether there may be more.
///
/// # Errors
/// When the database fails.
pub async fn sweep(tx: &SystemTx, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let deleted = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.export where (tenant_id, id) in (
                 select tenant_id, id from identity.export where expires_at <= {now} limit 1)"
        ))
        .await?;
    Ok(deleted.rows_affected() > 0)
}

/// A tenant's people, as its admins see them, for whoever works across tenants.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Member {
    /// The person.
    pub user_id: Uuid,
    /// Their address.
    pub email: String,
    /// What they are there.
    pub role: String,
    /// Since when.
    pub joined_at: DateTime<Utc>,
}

/// All people of a tenant: a plan allows some hundreds.
///
/// # Errors
/// When the database fails.
pub async fn members(tx: &SystemTx, tenant_id: Uuid) -> Result<Vec<Member>, DbErr> {
    Member::find_by_statement(raw_sql!(
        Postgres,
        "select m.user_id, u.email, m.role, m.created_at as joined_at
         from identity.membership m join identity.user_account u on u.id = m.user_id
         where m.tenant_id = {tenant_id} order by m.created_at, m.user_id"
    ))
    .all(tx)
    .await
}
