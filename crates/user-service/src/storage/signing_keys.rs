//! `identity.signing_key`: the key pairs that sign access tokens.

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

/// Every key that is not retired, newest first: the first signs, all verify.
///
/// # Errors
/// When the database fails.
pub async fn active(tx: &impl ConnectionTrait) -> Result<Vec<SigningKey>, DbErr> {
    SigningKey::find_by_statement(raw_sql!(
        Postgres,
        "select kid, sealed_private, public_jwk from identity.signing_key
         where retired_at is null order by created_at desc, kid"
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
        "insert into identity.signing_key (kid, sealed_private, public_jwk)
         values ({key.kid}, {key.sealed_private}, {key.public_jwk})"
    ))
    .await?;
    Ok(())
}
