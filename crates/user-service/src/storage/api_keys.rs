//! `identity.api_key`.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// A key as it is listed; the key itself is nowhere.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ApiKeyRow {
    /// Its id.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Who made it; nobody when an operator did.
    pub created_by: Option<Uuid>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops working; never if absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to some seconds.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Networks from which it may be used; none: from anywhere.
    pub allowed_addresses: Vec<String>,
    /// The key that takes its place.
    pub rotated_to: Option<Uuid>,
}

/// A key to store.
#[derive(Debug, Clone)]
pub struct NewApiKey<'a> {
    /// Its id.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: &'a str,
    /// How it begins.
    pub prefix: &'a str,
    /// SHA-256 of the whole key.
    pub key_sha256: [u8; 32],
    /// What it may do.
    pub scopes: &'a [String],
    /// Who made it; nobody when an operator did.
    pub created_by: Option<Uuid>,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// Networks from which it may be used; none: from anywhere.
    pub allowed_addresses: &'a [String],
}

/// Whose a presented key is.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Verified {
    /// Its tenant.
    pub tenant_id: Uuid,
    /// The tenant's slug.
    pub tenant_slug: String,
    /// The key's id.
    pub key_id: Uuid,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// Networks from which it may be used; none: from anywhere.
    pub allowed_addresses: Vec<String>,
    /// Whether it is neither revoked nor expired.
    pub works: bool,
}

/// Adds a key.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    key: NewApiKey<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let NewApiKey {
        id,
        name,
        prefix,
        key_sha256,
        scopes,
        created_by,
        expires_at,
        allowed_addresses,
    } = key;
    let (key_sha256, scopes) = (key_sha256.to_vec(), scopes.to_vec());
    let allowed = allowed_addresses.to_vec();
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.api_key
             (tenant_id, id, name, prefix, key_sha256, scopes, created_by, created_at, expires_at, allowed_addresses)
         values ({tenant_id}, {id}, {name}, {prefix}, {key_sha256}, {scopes}, {created_by}, {now}, {expires_at},
                 {allowed})"
    ))
    .await?;
    Ok(())
}

/// A page of the keys that are not revoked, newest first, older than `before`.
///
/// # Errors
/// When the database fails.
pub async fn list(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ApiKeyRow>, DbErr> {
    ApiKeyRow::find_by_statement(raw_sql!(
        Postgres,
        "select id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, allowed_addresses, rotated_to
         from identity.api_key
         where tenant_id = {tenant_id} and revoked_at is null and ({before}::uuid is null or id < {before})
         order by id desc limit {limit}"
    ))
    .all(tx)
    .await
}

/// Revokes a key; false when the tenant has no such key in force.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let revoked = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.api_key set revoked_at = {now}
             where tenant_id = {tenant_id} and id = {id} and revoked_at is null"
        ))
        .await?;
    Ok(revoked.rows_affected() == 1)
}

/// Revokes the keys of this name that an operator made.
///
/// # Errors
/// When the database fails.
pub async fn revoke_operators(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.api_key set revoked_at = {now}
         where tenant_id = {tenant_id} and name = {name} and created_by is null and revoked_at is null"
    ))
    .await?;
    Ok(())
}

/// A tenant's key that is not revoked.
///
/// # Errors
/// When the database fails.
pub async fn get(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    id: Uuid,
) -> Result<Option<ApiKeyRow>, DbErr> {
    ApiKeyRow::find_by_statement(raw_sql!(
        Postgres,
        "select id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, allowed_addresses, rotated_to
         from identity.api_key where tenant_id = {tenant_id} and id = {id} and revoked_at is null"
    ))
    .one(tx)
    .await
}

/// A tenant's key that is not revoked, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn get_locked(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    id: Uuid,
) -> Result<Option<ApiKeyRow>, DbErr> {
    ApiKeyRow::find_by_statement(raw_sql!(
        Postgres,
        "select id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, allowed_addresses, rotated_to
         from identity.api_key
         where tenant_id = {tenant_id} and id = {id} and revoked_at is null for update"
    ))
    .one(tx)
    .await
}

/// Says which key takes a key's place, and until when both work.
///
/// # Errors
/// When the database fails.
pub async fn replace(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    id: Uuid,
    by: Uuid,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.api_key set rotated_to = {by}, expires_at = least(expires_at, {until})
         where tenant_id = {tenant_id} and id = {id}"
    ))
    .await?;
    Ok(())
}

/// Whose the key with this digest is, and whether it works; whether its tenant is open is asked apart.
///
/// # Errors
/// When the database fails.
pub async fn verify(
    tx: &impl ConnectionTrait,
    key_sha256: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Verified>, DbErr> {
    let key_sha256 = key_sha256.to_vec();
    Verified::find_by_statement(raw_sql!(
        Postgres,
        "select k.tenant_id, t.slug as tenant_slug, k.id as key_id, k.scopes, k.expires_at, k.allowed_addresses,
                k.revoked_at is null and (k.expires_at is null or k.expires_at > {now}) as works
         from identity.api_key k join identity.tenant t on t.id = k.tenant_id
         where k.key_sha256 = {key_sha256}"
    ))
    .one(tx)
    .await
}

/// Notes when keys were used; an older note changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn note_uses(
    tx: &impl ConnectionTrait,
    tenants: Vec<Uuid>,
    ids: Vec<Uuid>,
    times: Vec<DateTime<Utc>>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.api_key k set last_used_at = u.at
         from unnest({tenants}::uuid[], {ids}::uuid[], {times}::timestamptz[]) as u (tenant_id, id, at)
         where k.tenant_id = u.tenant_id and k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)"
    ))
    .await?;
    Ok(())
}
