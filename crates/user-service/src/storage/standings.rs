//! How tenants stand, in `identity.tenant`, for whoever works across tenants.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

use super::tenants::Tenant;
use crate::rules::standing::{Standing, Status};

impl Tenant {
    /// How it stands.
    ///
    /// # Errors
    /// When the database stores a status that there is not.
    pub fn standing(&self) -> Result<Standing, DbErr> {
        let status = Status::parse(&self.status);
        Ok(Standing {
            status: status.ok_or_else(|| DbErr::Type(format!("a tenant is `{}`", self.status)))?,
            suspended_for: self.suspended_for.clone(),
            delete_at: self.delete_at,
        })
    }
}

/// The tenant with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Tenant>, DbErr> {
    Tenant::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.tenant where id = {id} for update"
    ))
    .one(tx)
    .await
}

/// Writes how a locked tenant stands from now on.
///
/// # Errors
/// When there is no such tenant, or the database fails.
pub async fn write(
    tx: &impl ConnectionTrait,
    id: Uuid,
    standing: &Standing,
) -> Result<Tenant, DbErr> {
    let Standing {
        status,
        suspended_for,
        delete_at,
    } = standing;
    let (status, suspended_for, delete_at) = (status.as_str(), suspended_for.clone(), *delete_at);
    let written = Tenant::find_by_statement(raw_sql!(
        Postgres,
        "update identity.tenant
         set status = {status}, suspended_for = {suspended_for}, delete_at = {delete_at}, version = version + 1
         where id = {id} returning *"
    ))
    .one(tx)
    .await?;
    written.ok_or(DbErr::RecordNotUpdated)
}

/// The tenant that is due to be erased for longest, or the next one after `after`.
///
/// # Errors
/// When the database fails.
pub async fn due(
    tx: &impl ConnectionTrait,
    after: Option<(DateTime<Utc>, Uuid)>,
    now: DateTime<Utc>,
) -> Result<Option<Tenant>, DbErr> {
    let (delete_at, id) = after.unzip();
    Tenant::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.tenant
         where delete_at <= {now} and ({id}::uuid is null or (delete_at, id) > ({delete_at}, {id}))
         order by delete_at, id limit 1"
    ))
    .one(tx)
    .await
}

/// A tenant as operators see it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Overview {
    /// The tenant.
    #[sea_orm(nested)]
    pub tenant: Tenant,
    /// How many people it has.
    pub members: i64,
    /// Addresses of its owners.
    pub owners: Vec<String>,
}

/// Tenants in the order of their slugs, after one, of one status or any; or the one with a slug.
///
/// # Errors
/// When the database fails.
pub async fn list(
    tx: &impl ConnectionTrait,
    slug: Option<String>,
    status: Option<String>,
    after: &str,
    limit: i64,
) -> Result<Vec<Overview>, DbErr> {
    Overview::find_by_statement(raw_sql!(
        Postgres,
        "select t.*, (select count(*) from identity.membership m where m.tenant_id = t.id) as members,
                array(select u.email from identity.membership m join identity.user_account u on u.id = m.user_id
                      where m.tenant_id = t.id and m.role = 'owner' order by u.email) as owners
         from identity.tenant t
         where ({slug}::text is null or t.slug = {slug}) and ({status}::text is null or t.status = {status})
           and t.slug > {after}
         order by t.slug limit {limit}"
    ))
    .all(tx)
    .await
}
