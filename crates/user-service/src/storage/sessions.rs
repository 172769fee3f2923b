//! `identity.session` and `identity.refresh_token`: a sign-in and the family of tokens that descend from it.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// Why a session ended, as stored in `end_reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The person signed out.
    SignedOut,
    /// A refresh token came a second time: it was copied.
    Replayed,
    /// The person changed the password in another session.
    PasswordChanged,
    /// The person ended it from another session.
    EndedElsewhere,
    /// The person set a new password by mail.
    PasswordReset,
    /// The person went on in another tenant, and their browser keeps one session.
    Switched,
    /// The person has opened many others since.
    TooMany,
}

impl EndReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed out",
            Self::Replayed => "refresh token replayed",
            Self::PasswordChanged => "password changed",
            Self::EndedElsewhere => "ended elsewhere",
            Self::PasswordReset => "password reset",
            Self::Switched => "switched to another tenant",
            Self::TooMany => "too many sessions",
        }
    }
}

/// A refresh token with its session, locked until the transaction ends.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Presented {
    /// The session's tenant.
    pub tenant_id: Uuid,
    /// The session.
    pub session_id: Uuid,
    /// Whose session it is.
    pub user_id: Uuid,
    /// When the token stops working.
    pub expires_at: DateTime<Utc>,
    /// When it was exchanged for its successor.
    pub used_at: Option<DateTime<Utc>>,
    /// When the session ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A session to open.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Where.
    pub tenant_id: Uuid,
    /// Its id.
    pub session_id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The program that asked for it.
    pub user_agent: Option<&'a str>,
    /// The address that asked for it.
    pub address: &'a str,
    /// What counts as one place: that address, or its network.
    pub place: &'a str,
}

/// A session that goes on, and what its person is now.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Standing {
    /// Whose session it is.
    pub user_id: Uuid,
    /// What the person is in the tenant.
    pub role: String,
    /// The tenant's slug.
    pub tenant_slug: String,
}

/// How a session stands; nothing when it ended or its person left the tenant.
///
/// # Errors
/// When the database fails.
pub async fn standing(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    session_id: Uuid,
) -> Result<Option<Standing>, DbErr> {
    Standing::find_by_statement(raw_sql!(
        Postgres,
        "select s.user_id, m.role, t.slug as tenant_slug
         from identity.session s
         join identity.membership m on m.tenant_id = s.tenant_id and m.user_id = s.user_id
         join identity.tenant t on t.id = s.tenant_id
         where s.tenant_id = {tenant_id} and s.id = {session_id} and s.ended_at is null"
    ))
    .one(tx)
    .await
}

/// Opens a session.
///
/// # Errors
/// When the database fails.
pub async fn open(
    tx: &impl ConnectionTrait,
    new: NewSession<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let NewSession {
        tenant_id,
        session_id,
        user_id,
        user_agent,
        address,
        place,
    } = new;
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.session
             (tenant_id, id, user_id, created_at, last_used_at, user_agent, address, place)
         values ({tenant_id}, {session_id}, {user_id}, {now}, {now}, {user_agent}, {address}, {place})"
    ))
    .await?;
    Ok(())
}

/// Adds a token to a session's family.
///
/// # Errors
/// When the database fails.
pub async fn add_token(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    session_id: Uuid,
    token_sha256: &[u8],
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let token_sha256 = token_sha256.to_vec();
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.refresh_token (token_sha256, tenant_id, session_id, expires_at)
         values ({token_sha256}, {tenant_id}, {session_id}, {expires_at})"
    ))
    .await?;
    Ok(())
}

/// Looks a token up and locks it with its session, so that of two exchanges at once one comes second.
///
/// # Errors
/// When the database fails.
pub async fn present(
    tx: &impl ConnectionTrait,
    token_sha256: &[u8],
) -> Result<Option<Presented>, DbErr> {
    let token_sha256 = token_sha256.to_vec();
    Presented::find_by_statement(raw_sql!(
        Postgres,
        "select t.tenant_id, t.session_id, s.user_id, t.expires_at, t.used_at, s.ended_at
         from identity.refresh_token t
         join identity.session s on s.tenant_id = t.tenant_id and s.id = t.session_id
         where t.token_sha256 = {token_sha256}
         for update"
    ))
    .one(tx)
    .await
}

/// Marks a token as exchanged and its session as used.
///
/// # Errors
/// When the database fails.
pub async fn mark_used(
    tx: &impl ConnectionTrait,
    token_sha256: &[u8],
    presented: &Presented,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let token_sha256 = token_sha256.to_vec();
    let (tenant_id, session_id) = (presented.tenant_id, presented.session_id);
    tx.execute_raw(raw_sql!(
        Postgres,
        "with used as (update identity.refresh_token set used_at = {now} where token_sha256 = {token_sha256})
         update identity.session set last_used_at = {now} where tenant_id = {tenant_id} and id = {session_id}"
    ))
    .await?;
    Ok(())
}

/// Ends a session and with it every token of its family. Ending twice keeps the first reason.
///
/// # Errors
/// When the database fails.
pub async fn end(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    session_id: Uuid,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let reason = reason.as_str();
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.session set ended_at = {now}, end_reason = {reason}
         where tenant_id = {tenant_id} and id = {session_id} and ended_at is null"
    ))
    .await?;
    Ok(())
}

/// Ends every session of a person, in all tenants, but the one given.
///
/// # Errors
/// When the database fails.
pub async fn end_others(
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    kept: Option<Uuid>,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let reason = reason.as_str();
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.session set ended_at = {now}, end_reason = {reason}
         where user_id = {user_id} and ended_at is null and id is distinct from {kept}::uuid"
    ))
    .await?;
    Ok(())
}

/// A session as its person sees it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OpenSession {
    /// Its id.
    pub id: Uuid,
    /// The slug of its tenant.
    pub tenant_slug: String,
    /// When the person signed in.
    pub created_at: DateTime<Utc>,
    /// When its tokens were last renewed.
    pub last_used_at: DateTime<Utc>,
    /// The program that signed in.
    pub user_agent: Option<String>,
    /// The address it signed in from.
    pub address: Option<String>,
}

/// The sessions of a person, in all tenants, that can still go on; the last used first.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<OpenSession>, DbErr> {
    OpenSession::find_by_statement(raw_sql!(
        Postgres,
        "select s.id, n.slug as tenant_slug, s.created_at, s.last_used_at, s.user_agent, s.address
         from identity.session s join identity.tenant n on n.id = s.tenant_id
         where s.user_id = {user_id} and s.ended_at is null and exists (
             select from identity.refresh_token t
             where t.tenant_id = s.tenant_id and t.session_id = s.id and t.used_at is null and t.expires_at > {now})
         order by s.last_used_at desc, s.id"
    ))
    .all(tx)
    .await
}

/// Ends a session of a person, in whatever tenant; false when there is none that could go on.
///
/// # Errors
/// When the database fails.
pub async fn end_own(
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    session_id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let reason = EndReason::EndedElsewhere.as_str();
    let ended = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.session set ended_at = {now}, end_reason = {reason}
             where user_id = {user_id} and id = {session_id} and ended_at is null"
        ))
        .await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends the sessions of a person in a tenant that were used longest ago, but for `kept`.
///
/// # Errors
/// When the database fails.
pub async fn end_oldest(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    user_id: Uuid,
    kept: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let reason = EndReason::TooMany.as_str();
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.session set ended_at = {now}, end_reason = {reason}
         where tenant_id = {tenant_id} and ended_at is null and id in (
             select id from identity.session
             where tenant_id = {tenant_id} and user_id = {user_id} and ended_at is null
             order by last_used_at desc, id desc offset {kept})"
    ))
    .await?;
    Ok(())
}

/// Whether a person signed in from a place since `since`, in a session that did not end in suspicion, or set a new
/// password there with a token of their mailbox.
///
/// # Errors
/// When the database fails.
pub async fn knows_place(
    tx: &impl ConnectionTrait,
    user_id: Uuid,
    place: &str,
    since: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let harmless = [
        EndReason::SignedOut,
        EndReason::Switched,
        EndReason::TooMany,
    ];
    let harmless: Vec<String> = harmless.map(|reason| reason.as_str().to_owned()).into();
    let found = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select 1 from identity.session
             where user_id = {user_id} and place = {place} and last_used_at > {since}
               and (ended_at is null or end_reason = any({harmless}))
             union all
             select 1 from identity.user_account
             where id = {user_id} and proven_place = {place} and proven_at > {since} limit 1"
        ))
        .await?;
    Ok(found.is_some())
}

/// Whether a session of a tenant goes on, as it does then until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn is_open(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    session_id: Uuid,
) -> Result<bool, DbErr> {
    let found = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select 1 from identity.session
             where tenant_id = {tenant_id} and id = {session_id} and ended_at is null for share"
        ))
        .await?;
    Ok(found.is_some())
}
