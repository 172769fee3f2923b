//! `identity.user_account` and `identity.membership`: people, and what they are in which tenant.

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
        "select id, email, password_hash from identity.user_account where lower(email) = {email}"
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
        "select id, email, password_hash from identity.user_account where id = {id}"
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

/// Replaces a person's address.
///
/// # Errors
/// [`EMAIL_KEY`] is violated when the address is known; otherwise when the database fails.
pub async fn set_email(tx: &impl ConnectionTrait, id: Uuid, email: &str) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.user_account set email = {email} where id = {id}"
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
