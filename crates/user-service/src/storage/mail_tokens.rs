//! `identity.mail_token`: what links in mails about a person hold.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Proves that an address is a person's.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
        }
    }
}

/// A token to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is.
    pub user_id: Uuid,
    /// Where it is sent, in lower case.
    pub email: &'a str,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// Whose a token was.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Used {
    /// The person.
    pub user_id: Uuid,
    /// Where it was sent.
    pub email: String,
}

/// Keeps a token.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    token: NewToken<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let NewToken {
        sha256,
        purpose,
        user_id,
        email,
        expires_at,
    } = token;
    let (sha256, purpose) = (sha256.to_vec(), purpose.as_str());
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.mail_token (token_sha256, purpose, user_id, email, created_at, expires_at)
         values ({sha256}, {purpose}, {user_id}, {email}, {now}, {expires_at})"
    ))
    .await?;
    Ok(())
}

/// Uses a token up. Of several who come with it at once one gets it: the row is gone with the first transaction that
/// commits.
///
/// # Errors
/// When the database fails.
pub async fn take(
    tx: &impl ConnectionTrait,
    purpose: Purpose,
    sha256: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Used>, DbErr> {
    let (sha256, purpose) = (sha256.to_vec(), purpose.as_str());
    Used::find_by_statement(raw_sql!(
        Postgres,
        "delete from identity.mail_token
         where token_sha256 = {sha256} and purpose = {purpose} and expires_at > {now} returning user_id, email"
    ))
    .one(tx)
    .await
}

/// How many tokens of a purpose a person was sent since `since` and has not used.
///
/// # Errors
/// When the database fails.
pub async fn count_since(
    tx: &impl ConnectionTrait,
    purpose: Purpose,
    user_id: Uuid,
    since: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let purpose = purpose.as_str();
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select count(*) as tokens from identity.mail_token
             where user_id = {user_id} and purpose = {purpose} and created_at > {since}"
        ))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "tokens"))
}

/// Forgets every token of a person of this purpose.
///
/// # Errors
/// When the database fails.
pub async fn forget(
    tx: &impl ConnectionTrait,
    purpose: Purpose,
    user_id: Uuid,
) -> Result<(), DbErr> {
    let purpose = purpose.as_str();
    tx.execute_raw(raw_sql!(
        Postgres,
        "delete from identity.mail_token where user_id = {user_id} and purpose = {purpose}"
    ))
    .await?;
    Ok(())
}
