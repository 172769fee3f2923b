//! `identity.mail`: mails that wait, are under way, or are over.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// A mail to put in.
#[derive(Clone)] // no Debug: it holds a text with a token
pub struct NewMail<'a> {
    /// Its id.
    pub id: Uuid,
    /// The tenant it is about.
    pub tenant_id: Option<Uuid>,
    /// Which letter.
    pub kind: &'a str,
    /// Where it goes.
    pub recipient: &'a str,
    /// Its text; absent: written when it is due.
    pub sealed_body: Option<Vec<u8>>,
    /// After this it is not sent any more.
    pub good_until: DateTime<Utc>,
}

/// A mail whose time has come.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// Which try this is, from 1.
    pub attempts: i32,
    /// Where it goes.
    pub recipient: String,
    /// Whether it has a text.
    pub written: bool,
}

/// A mail as the worker gets it.
#[derive(Clone, FromQueryResult)] // no Debug, as above
pub struct Opened {
    /// Where it goes.
    pub recipient: String,
    /// Its text.
    pub sealed_body: Vec<u8>,
}

/// Puts a mail in, due at once.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    mail: NewMail<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let NewMail {
        id,
        tenant_id,
        kind,
        recipient,
        sealed_body,
        good_until,
    } = mail;
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.mail (id, tenant_id, kind, recipient, sealed_body, due_at, good_until, created_at)
         values ({id}, {tenant_id}, {kind}, {recipient}, {sealed_body}, {now}, {good_until}, {now})"
    ))
    .await?;
    Ok(())
}

/// Gives a mail its text.
///
/// # Errors
/// When the database fails.
pub async fn write(tx: &impl ConnectionTrait, id: Uuid, sealed_body: &[u8]) -> Result<(), DbErr> {
    let sealed_body = sealed_body.to_vec();
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.mail set sealed_body = {sealed_body} where id = {id}"
    ))
    .await?;
    Ok(())
}

/// Takes a mail away without a trace.
///
/// # Errors
/// When the database fails.
pub async fn remove(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "delete from identity.mail where id = {id}"
    ))
    .await?;
    Ok(())
}

/// Holds the mails about people that go to this address (in lower case) until the transaction ends. Whoever writes one
/// holds it first and then its person; so does whoever forgets both.
///
/// # Errors
/// When the database fails.
pub async fn hold(tx: &impl ConnectionTrait, recipient: &str) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "select 1 from identity.mail where lower(recipient) = {recipient} and tenant_id is null order by id for update"
    ))
    .await?;
    Ok(())
}

/// Takes away what was asked for to this address (in lower case) and is not written yet: a link to a new password, whose
/// token would be younger than the password that was set meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn forget_unwritten(tx: &impl ConnectionTrait, recipient: &str) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "delete from identity.mail
         where lower(recipient) = {recipient} and tenant_id is null and sealed_body is null
           and state in ('queued', 'sending')"
    ))
    .await?;
    Ok(())
}

/// Leases what is due, the oldest first, and what was leased and never reported. That a task waited for a worker for too
/// long was no try.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Due>, DbErr> {
    Due::find_by_statement(raw_sql!(
        Postgres,
        "update identity.mail
         set state = 'sending', lease_until = {lease_until}, opened_at = null,
             attempts = attempts + case when state = 'sending' and opened_at is null then 0 else 1 end
         where id in (
             select id from identity.mail
             where (state = 'queued' and due_at <= {now}) or (state = 'sending' and lease_until <= {now})
             order by due_at limit {limit} for update skip locked)
         returning id, attempts, recipient, sealed_body is not null as written"
    ))
    .all(tx)
    .await
}

/// Puts a mail back that no worker could be told of; that was no try.
///
/// # Errors
/// When the database fails.
pub async fn give_back(
    tx: &impl ConnectionTrait,
    id: Uuid,
    attempt: i32,
    due_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.mail set state = 'queued', attempts = attempts - 1, due_at = {due_at}, lease_until = null
         where id = {id} and attempts = {attempt} and state = 'sending' and opened_at is null"
    ))
    .await?;
    Ok(())
}

/// The mail of an attempt, once: whoever asks again gets nothing. It is the asker's until `lease_until`.
///
/// # Errors
/// When the database fails.
pub async fn open(
    tx: &impl ConnectionTrait,
    id: Uuid,
    attempt: i32,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Option<Opened>, DbErr> {
    Opened::find_by_statement(raw_sql!(
        Postgres,
        "update identity.mail set opened_at = {now}, lease_until = {lease_until}
         where id = {id} and attempts = {attempt} and state = 'sending' and opened_at is null
           and good_until > {now} and sealed_body is not null
         returning recipient, sealed_body"
    ))
    .one(tx)
    .await
}

/// The mail server has it: whatever is planned for it by now, it is over.
///
/// # Errors
/// When the database fails.
pub async fn sent(
    tx: &impl ConnectionTrait,
    id: Uuid,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.mail
         set state = 'sent', reason = {reason}, ended_at = {now}, sealed_body = null, lease_until = null
         where id = {id} and state <> 'sent'"
    ))
    .await?;
    Ok(())
}

/// It is given up; whether this was the attempt under way.
///
/// # Errors
/// When the database fails.
pub async fn failed(
    tx: &impl ConnectionTrait,
    id: Uuid,
    attempt: i32,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let ended = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.mail
             set state = 'failed', reason = {reason}, ended_at = {now}, sealed_body = null, lease_until = null
             where id = {id} and attempts = {attempt} and state = 'sending'"
        ))
        .await?;
    Ok(ended.rows_affected() == 1)
}

/// It is tried again at `due_at`.
///
/// # Errors
/// When the database fails.
pub async fn again(
    tx: &impl ConnectionTrait,
    id: Uuid,
    attempt: i32,
    reason: &str,
    due_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.mail set state = 'queued', reason = {reason}, due_at = {due_at}, lease_until = null
         where id = {id} and attempts = {attempt} and state = 'sending'"
    ))
    .await?;
    Ok(())
}

/// Gives up what is not worth sending any more. What was never written was asked for by anybody and is forgotten.
///
/// # Errors
/// When the database fails.
pub async fn give_up_late(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "delete from identity.mail where state = 'queued' and good_until <= {now} and sealed_body is null"
    ))
    .await?;
    let late = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.mail
             set state = 'failed', ended_at = {now}, sealed_body = null, lease_until = null,
                 reason = 'not sent in time' || coalesce('; the last answer was: ' || reason, '')
             where good_until <= {now}
               and (state = 'queued' or (state = 'sending' and lease_until <= {now}))"
        ))
        .await?;
    Ok(late.rows_affected())
}

/// How many mails wait.
///
/// # Errors
/// When the database fails.
pub async fn waiting(tx: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select count(*) as waiting from identity.mail where state = 'queued'"
        ))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "waiting"))
}

/// How many mails of a kind a tenant caused since `since`.
///
/// # Errors
/// When the database fails.
pub async fn of_tenant_since(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    kind: &str,
    since: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select count(*) as mails from identity.mail
             where tenant_id = {tenant_id} and kind = {kind} and created_at > {since}"
        ))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "mails"))
}
