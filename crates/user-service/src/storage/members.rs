//! `identity.membership` as a tenant sees and changes its own.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// A member.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Member {
    /// The person.
    pub user_id: Uuid,
    /// Their address.
    pub email: String,
    /// What they are in the tenant.
    pub role: String,
    /// Whether they proved that the address is theirs.
    pub email_verified: bool,
    /// Since when they are a member.
    pub joined_at: DateTime<Utc>,
    /// When they last used a session in this tenant, as far as sessions are kept.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// What a tenant's plan says about members.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Allowance {
    /// The plan's code.
    pub plan: String,
    /// Most members.
    pub members: i32,
}

/// A page of the members of the transaction's tenant, in the order in which they joined.
///
/// # Errors
/// When the database fails.
pub async fn list(
    tx: &impl ConnectionTrait,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<Member>, DbErr> {
    let (joined_at, user_id) = after.unzip();
    Member::find_by_statement(raw_sql!(
        Postgres,
        "select user_id, email, role, email_verified, joined_at, last_seen_at from identity.tenant_member
         where {user_id}::uuid is null or (joined_at, user_id) > ({joined_at}, {user_id})
         order by joined_at, user_id limit {limit}"
    ))
    .all(tx)
    .await
}

/// A member of the transaction's tenant.
///
/// # Errors
/// When the database fails.
pub async fn get(tx: &impl ConnectionTrait, user_id: Uuid) -> Result<Option<Member>, DbErr> {
    Member::find_by_statement(raw_sql!(
        Postgres,
        "select user_id, email, role, email_verified, joined_at, last_seen_at from identity.tenant_member
         where user_id = {user_id}"
    ))
    .one(tx)
    .await
}

/// Whether a member of the transaction's tenant has this address, given in lower case.
///
/// # Errors
/// When the database fails.
pub async fn has_address(tx: &impl ConnectionTrait, email: &str) -> Result<bool, DbErr> {
    let found = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select 1 from identity.tenant_member where lower(email) = {email} limit 1"
        ))
        .await?;
    Ok(found.is_some())
}

/// Locks the tenant until the transaction ends, so that its members and invitations are changed by one at a time, and
/// returns what its plan allows.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &impl ConnectionTrait, tenant_id: Uuid) -> Result<Option<Allowance>, DbErr> {
    Allowance::find_by_statement(raw_sql!(
        Postgres,
        "select p.code as plan, p.members from identity.tenant t join identity.plan p on p.code = t.plan_code
         where t.id = {tenant_id} for update of t"
    ))
    .one(tx)
    .await
}

/// How many members a tenant has.
///
/// # Errors
/// When the database fails.
pub async fn count(tx: &impl ConnectionTrait, tenant_id: Uuid) -> Result<i64, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select count(*) as members from identity.membership where tenant_id = {tenant_id}"
        ))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "members"))
}

/// How many owners a tenant has.
///
/// # Errors
/// When the database fails.
pub async fn owners(tx: &impl ConnectionTrait, tenant_id: Uuid) -> Result<i64, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select count(*) as owners from identity.membership where tenant_id = {tenant_id} and role = 'owner'"
        ))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "owners"))
}

/// Makes a person a member, unless they are one already.
///
/// # Errors
/// When the database fails.
pub async fn join(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    user_id: Uuid,
    role: &str,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.membership (tenant_id, user_id, role) values ({tenant_id}, {user_id}, {role})
         on conflict (tenant_id, user_id) do nothing"
    ))
    .await?;
    Ok(())
}

/// Changes a member's role.
///
/// # Errors
/// When the database fails.
pub async fn set_role(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    user_id: Uuid,
    role: &str,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.membership set role = {role} where tenant_id = {tenant_id} and user_id = {user_id}"
    ))
    .await?;
    Ok(())
}

/// Takes a member out, and with them their sessions in the tenant.
///
/// # Errors
/// When the database fails.
pub async fn remove(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    user_id: Uuid,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "delete from identity.membership where tenant_id = {tenant_id} and user_id = {user_id}"
    ))
    .await?;
    Ok(())
}
