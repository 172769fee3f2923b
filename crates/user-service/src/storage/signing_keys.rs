//! `identity.signing_key`: the key pairs that sign access tokens.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};

/// A key pair that is not retired.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SigningKey {
    /// RFC 7638 thumbprint of the public key.
    pub kid: String,
    /// The private key, PKCS#8, sealed.
    pub sealed_private: Vec<u8>,
    /// The public key as a JWK.
    pub public_jwk: serde_json::Value,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it begins to sign.
    pub signs_from: DateTime<Utc>,
}

/// Lets one process at a time decide whether a key must be made; held until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "select pg_advisory_xact_lock(hashtext('identity signing key'))"
    ))
    .await?;
    Ok(())
}

/// Every key that is not retired, newest first: the first whose time has come signs, all verify.
///
/// # Errors
/// When the database fails.
pub async fn active(tx: &impl ConnectionTrait) -> Result<Vec<SigningKey>, DbErr> {
    SigningKey::find_by_statement(raw_sql!(
        Postgres,
        "select kid, sealed_private, public_jwk, created_at, signs_from from identity.signing_key
         where retired_at is null order by signs_from desc, kid"
    ))
    .all(tx)
    .await
}

/// Adds a key pair.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &impl ConnectionTrait, key: &SigningKey) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.signing_key (kid, sealed_private, public_jwk, created_at, signs_from)
         values ({key.kid}, {key.sealed_private}, {key.public_jwk}, {key.created_at}, {key.signs_from})"
    ))
    .await?;
    Ok(())
}

/// Retires keys whose successor has signed since before `before`; returns how many. Their private halves are erased.
///
/// # Errors
/// When the database fails.
pub async fn retire_replaced(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let retired = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.signing_key k set retired_at = {now}, sealed_private = ''::bytea
             where k.retired_at is null and exists (
                 select from identity.signing_key n
                 where n.retired_at is null and n.signs_from > k.signs_from and n.signs_from < {before})"
        ))
        .await?;
    Ok(retired.rows_affected())
}

/// Retires every key but one.
///
/// # Errors
/// When the database fails.
pub async fn retire_others(
    tx: &impl ConnectionTrait,
    kid: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.signing_key set retired_at = {now}, sealed_private = ''::bytea
         where retired_at is null and kid <> {kid}"
    ))
    .await?;
    Ok(())
}
