//! `identity.invitation`.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// An invitation as it is listed; its token is nowhere.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Invitation {
    /// Its id.
    pub id: Uuid,
    /// Who is invited, in lower case.
    pub email: String,
    /// The role to have.
    pub role: String,
    /// The person or key that invited.
    pub invited_by: Uuid,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When its token stops working.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// An invitation to add.
#[derive(Debug, Clone, Copy)]
pub struct NewInvitation<'a> {
    /// Its id.
    pub id: Uuid,
    /// Who is invited, in lower case.
    pub email: &'a str,
    /// The role to have.
    pub role: &'a str,
    /// SHA-256 of its token.
    pub token_sha256: [u8; 32],
    /// The person or key that invites.
    pub invited_by: Uuid,
    /// When its token stops working.
    pub expires_at: DateTime<Utc>,
}

/// An invitation as its token shows it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Presented {
    /// Its tenant.
    pub tenant_id: Uuid,
    /// Who is invited, in lower case.
    pub email: String,
    /// The role to have.
    pub role: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// The tenant's slug.
    pub tenant_slug: String,
}

/// Adds an invitation and returns it.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    new: NewInvitation<'_>,
    now: DateTime<Utc>,
) -> Result<Invitation, DbErr> {
    let NewInvitation {
        id,
        email,
        role,
        token_sha256,
        invited_by,
        expires_at,
    } = new;
    let token_sha256 = token_sha256.to_vec();
    let inserted = Invitation::find_by_statement(raw_sql!(
        Postgres,
        "insert into identity.invitation
             (tenant_id, id, email, role, token_sha256, invited_by, created_at, expires_at)
         values ({tenant_id}, {id}, {email}, {role}, {token_sha256}, {invited_by}, {now}, {expires_at})
         returning *"
    ))
    .one(tx)
    .await?;
    inserted.ok_or_else(|| DbErr::RecordNotInserted)
}

/// A page of the tenant's invitations, newest first, older than `before`.
///
/// # Errors
/// When the database fails.
pub async fn list(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Invitation>, DbErr> {
    Invitation::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.invitation
         where tenant_id = {tenant_id} and ({before}::uuid is null or id < {before})
         order by id desc limit {limit}"
    ))
    .all(tx)
    .await
}

/// The tenant's invitation with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn get_locked(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    id: Uuid,
) -> Result<Option<Invitation>, DbErr> {
    Invitation::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.invitation where tenant_id = {tenant_id} and id = {id} for update"
    ))
    .one(tx)
    .await
}

/// Whether an address has an invitation that can still be accepted.
///
/// # Errors
/// When the database fails.
pub async fn is_pending(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    email: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let found = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select 1 from identity.invitation
             where tenant_id = {tenant_id} and lower(email) = {email} and accepted_at is null and revoked_at is null
               and expires_at > {now} limit 1"
        ))
        .await?;
    Ok(found.is_some())
}

/// What counts against the plan's members: those who are there, and invitations that can still be accepted, but for
/// `except`.
///
/// # Errors
/// When the database fails.
pub async fn seats(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    except: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select (select count(*) from identity.membership where tenant_id = {tenant_id})
                  + (select count(*) from identity.invitation
                     where tenant_id = {tenant_id} and accepted_at is null and revoked_at is null
                       and expires_at > {now} and id is distinct from {except}::uuid) as seats"
        ))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "seats"))
}

/// Takes an invitation back; false when there is none that could be.
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
            "update identity.invitation set revoked_at = {now}
             where tenant_id = {tenant_id} and id = {id} and accepted_at is null and revoked_at is null"
        ))
        .await?;
    Ok(revoked.rows_affected() == 1)
}

/// Takes back what a person invited to and can still be accepted, if it is to one of these roles; says how many
/// invitations that were.
///
/// # Errors
/// When the database fails.
pub async fn revoke_of(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    invited_by: Uuid,
    roles: Vec<String>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let revoked = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.invitation set revoked_at = {now}
             where tenant_id = {tenant_id} and invited_by = {invited_by} and role = any({roles})
               and accepted_at is null and revoked_at is null"
        ))
        .await?;
    Ok(revoked.rows_affected())
}

/// Gives an invitation another token and more time; the old token stops.
///
/// # Errors
/// When the database fails.
pub async fn renew(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    id: Uuid,
    token_sha256: [u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<Option<Invitation>, DbErr> {
    let token_sha256 = token_sha256.to_vec();
    Invitation::find_by_statement(raw_sql!(
        Postgres,
        "update identity.invitation set token_sha256 = {token_sha256}, expires_at = {expires_at}
         where tenant_id = {tenant_id} and id = {id} returning *"
    ))
    .one(tx)
    .await
}

/// The invitation of a token that can still be accepted.
///
/// # Errors
/// When the database fails.
pub async fn presented(
    tx: &impl ConnectionTrait,
    token_sha256: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Presented>, DbErr> {
    let token_sha256 = token_sha256.to_vec();
    Presented::find_by_statement(raw_sql!(
        Postgres,
        "select i.tenant_id, i.email, i.role, t.name as tenant_name, t.slug as tenant_slug
         from identity.invitation i join identity.tenant t on t.id = i.tenant_id
         where i.token_sha256 = {token_sha256} and i.accepted_at is null and i.revoked_at is null
           and i.expires_at > {now}"
    ))
    .one(tx)
    .await
}

/// Marks the invitation of a token as accepted; of several at once one gets true.
///
/// # Errors
/// When the database fails.
pub async fn accept(
    tx: &impl ConnectionTrait,
    token_sha256: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let token_sha256 = token_sha256.to_vec();
    let accepted = tx
        .execute_raw(raw_sql!(
            Postgres,
            "update identity.invitation set accepted_at = {now}
             where token_sha256 = {token_sha256} and accepted_at is null and revoked_at is null
               and expires_at > {now}"
        ))
        .await?;
    Ok(accepted.rows_affected() == 1)
}
