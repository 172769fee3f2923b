//! `identity.user_account` and `identity.membership`: people, and what they are in which tenant.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// The unique index of e-mail addresses, as Postgres names it.
pub const EMAIL_KEY: &str = "user_account_email";

/// A person.
#[derive(Clone, FromQueryResult)] // no Debug: it holds a hash
pub struct Person {
    /// Their id.
    pub id: Uuid,
    /// Their address, in lower case.
    pub email: String,
    /// Their password, hashed, in PHC form.
    pub password_hash: String,
    /// When they proved that the address is theirs.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// The address to be, once it is verified; in lower case.
    pub pending_email: Option<String>,
}

/// What a person is in a tenant.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Membership {
    /// The tenant.
    pub tenant_id: Uuid,
    /// Its slug.
    pub tenant_slug: String,
    /// Its status: `active` or `suspended`.
    pub tenant_status: String,
    /// The person's role there.
    pub role: String,
}

/// Adds a person.
///
/// # Errors
/// [`EMAIL_KEY`] is violated when the address is known; otherwise when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    id: Uuid,
    email: &str,
    password_hash: &str,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.user_account (id, email, password_hash) values ({id}, {email}, {password_hash})"
    ))
    .await?;
    Ok(())
}

/// Makes a person a member, or changes their role.
///
/// # Errors
/// When the database fails.
pub async fn set_membership(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    user_id: Uuid,
    role: &str,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.membership (tenant_id, user_id, role) values ({tenant_id}, {user_id}, {role})
         on conflict (tenant_id, user_id) do update set role = excluded.role"
    ))
    .await?;
    Ok(())
}

/// The person with this address (given in lower case).
///
/// # Errors
/// When the database fails.
pub async fn by_email(tx: &impl ConnectionTrait, email: &str) -> Result<Option<Person>, DbErr> {
    Person::find_by_statement(raw_sql!(
        Postgres,
        "select id, email, password_hash, email_verified_at, pending_email from identity.user_account
         where lower(email) = {email}"
    ))
    .one(tx)
    .await
}

/// The person with this id.
///
/// # Errors
/// When the database fails.
pub async fn get(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Person>, DbErr> {
    Person::find_by_statement(raw_sql!(
        Postgres,
        "select id, email, password_hash, email_verified_at, pending_email from identity.user_account
         where id = {id}"
    ))
    .one(tx)
    .await
}

/// Every tenant a person belongs to.
///
/// # Errors
/// When the database fails.
pub async fn memberships(
    tx: &impl ConnectionTrait,
    user_id: Uuid,
) -> Result<Vec<Membership>, DbErr> {
    Membership::find_by_statement(raw_sql!(
        Postgres,
        "select m.tenant_id, t.slug as tenant_slug, t.status as tenant_status, m.role
         from identity.membership m join identity.tenant t on t.id = m.tenant_id
         where m.user_id = {user_id} order by t.slug"
    ))
    .all(tx)
    .await
}

/// A person's membership of one tenant.
///
/// # Errors
/// When the database fails.
pub async fn membership(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    user_id: Uuid,
) -> Result<Option<Membership>, DbErr> {
    Membership::find_by_statement(raw_sql!(
        Postgres,
        "select m.tenant_id, t.slug as tenant_slug, t.status as tenant_status, m.role
         from identity.membership m join identity.tenant t on t.id = m.tenant_id
         where m.tenant_id = {tenant_id} and m.user_id = {user_id}"
    ))
    .one(tx)
    .await
}

/// The person with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn get_locked(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Person>, DbErr> {
    Person::find_by_statement(raw_sql!(
        Postgres,
        "select id, email, password_hash, email_verified_at, pending_email from identity.user_account
         where id = {id} for update"
    ))
    .one(tx)
    .await
}

/// A tenant that a person belongs to, as shown to them.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TenantOf {
    /// The tenant.
    pub tenant_id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Its status.
    pub status: String,
    /// The person's role there.
    pub role: String,
}

/// Every tenant a person belongs to, by name.
///
/// # Errors
/// When the database fails.
pub async fn tenants(tx: &impl ConnectionTrait, user_id: Uuid) -> Result<Vec<TenantOf>, DbErr> {
    TenantOf::find_by_statement(raw_sql!(
        Postgres,
        "select m.tenant_id, t.slug, t.name, t.status, m.role
         from identity.membership m join identity.tenant t on t.id = m.tenant_id
         where m.user_id = {user_id} order by lower(t.name), t.slug"
    ))
    .all(tx)
    .await
}

/// The language in which a person is written to: that of the tenant they have belonged to the longest.
///
/// # Errors
/// When the database fails.
pub async fn language(tx: &impl ConnectionTrait, user_id: Uuid) -> Result<Option<String>, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select t.locale from identity.membership m join identity.tenant t on t.id = m.tenant_id
             where m.user_id = {user_id} order by m.created_at, t.id limit 1"
        ))
        .await?;
    row.map(|row| row.try_get("", "locale")).transpose()
}

/// Notes the address that a person wants to have; `None`: the one there is stays.
///
/// # Errors
/// When the database fails.
pub async fn set_pending_email(
    tx: &impl ConnectionTrait,
    id: Uuid,
    email: Option<&str>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.user_account set pending_email = {email} where id = {id}"
    ))
    .await?;
    Ok(())
}

/// Notes that an address is a person's, and makes it theirs.
///
/// # Errors
/// [`EMAIL_KEY`] is violated when another person has the address; otherwise when the database fails.
pub async fn set_verified(
    tx: &impl ConnectionTrait,
    id: Uuid,
    email: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.user_account
         set email = {email}, email_verified_at = case
                 when email = {email} then coalesce(email_verified_at, {now}) else {now} end,
             pending_email = nullif(pending_email, {email})
         where id = {id}"
    ))
    .await?;
    Ok(())
}

/// Notes from where a person set a new password with a token of their mailbox.
///
/// # Errors
/// When the database fails.
pub async fn set_proven_place(
    tx: &impl ConnectionTrait,
    id: Uuid,
    place: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.user_account set proven_place = {place}, proven_at = {now} where id = {id}"
    ))
    .await?;
    Ok(())
}

/// Replaces a person's password hash.
///
/// # Errors
/// When the database fails.
pub async fn set_password_hash(
    tx: &impl ConnectionTrait,
    id: Uuid,
    password_hash: &str,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.user_account set password_hash = {password_hash} where id = {id}"
    ))
    .await?;
    Ok(())
}
