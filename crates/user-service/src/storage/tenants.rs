//! `identity.tenant`.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// The unique key of slugs, as Postgres names it.
pub const SLUG_KEY: &str = "tenant_slug_key";

/// A tenant.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Tenant {
    /// Its id.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Its plan's code.
    pub plan_code: String,
    /// `active`, `suspended`, `deleting` or `erasing`.
    pub status: String,
    /// Why an operator suspended it.
    pub suspended_for: Option<String>,
    /// From when on it is erased.
    pub delete_at: Option<DateTime<Utc>>,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47 tag of its language.
    pub locale: String,
    /// ISO 4217 code.
    pub base_currency: String,
    /// `green` or `red`.
    pub rise_color: String,
    /// Grows with every change.
    pub version: i64,
    /// When it registered.
    pub created_at: DateTime<Utc>,
}

/// A tenant to add.
#[derive(Debug, Clone, Copy)]
pub struct NewTenant<'a> {
    /// Its name in addresses.
    pub slug: &'a str,
    /// Its name for people.
    pub name: &'a str,
    /// Its plan's code.
    pub plan: &'a str,
    /// IANA name.
    pub time_zone: &'a str,
    /// BCP 47 tag of its language.
    pub locale: &'a str,
}

/// Adds a tenant and returns it.
///
/// # Errors
/// [`SLUG_KEY`] is violated when the slug is taken; otherwise when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    id: Uuid,
    new: NewTenant<'_>,
) -> Result<Tenant, DbErr> {
    let NewTenant {
        slug,
        name,
        plan,
        time_zone,
        locale,
    } = new;
    let inserted = Tenant::find_by_statement(raw_sql!(
        Postgres,
        "insert into identity.tenant (id, slug, name, plan_code, time_zone, locale)
         values ({id}, {slug}, {name}, {plan}, {time_zone}, {locale}) returning *"
    ))
    .one(tx)
    .await?;
    inserted.ok_or_else(|| DbErr::RecordNotInserted)
}

/// The tenant with this id.
///
/// # Errors
/// When the database fails.
pub async fn get(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Tenant>, DbErr> {
    Tenant::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.tenant where id = {id}"
    ))
    .one(tx)
    .await
}

/// The tenant with this slug, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn by_slug_locked(
    tx: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<Tenant>, DbErr> {
    Tenant::find_by_statement(raw_sql!(
        Postgres,
        "select * from identity.tenant where slug = {slug} for update"
    ))
    .one(tx)
    .await
}

/// Moves a tenant to a plan and returns its new version.
///
/// # Errors
/// When there is no such plan or tenant, or the database fails.
pub async fn set_plan(tx: &impl ConnectionTrait, id: Uuid, plan: &str) -> Result<Tenant, DbErr> {
    let changed = Tenant::find_by_statement(raw_sql!(
        Postgres,
        "update identity.tenant set plan_code = {plan}, version = version + 1 where id = {id} returning *"
    ))
    .one(tx)
    .await?;
    changed.ok_or(DbErr::RecordNotUpdated)
}

/// What of a tenant changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name for people.
    pub name: Option<String>,
    /// IANA name.
    pub time_zone: Option<&'static str>,
    /// BCP 47 tag of its language.
    pub locale: Option<&'static str>,
    /// ISO 4217 code.
    pub base_currency: Option<&'static str>,
    /// `green` or `red`.
    pub rise_color: Option<&'static str>,
}

/// Changes a tenant and returns it; `None`: there is none with this id.
///
/// # Errors
/// When the database fails.
pub async fn change(
    tx: &impl ConnectionTrait,
    id: Uuid,
    change: Change,
) -> Result<Option<Tenant>, DbErr> {
    let Change {
        name,
        time_zone,
        locale,
        base_currency,
        rise_color,
    } = change;
    Tenant::find_by_statement(raw_sql!(
        Postgres,
        "update identity.tenant
         set name = coalesce({name}, name), time_zone = coalesce({time_zone}, time_zone),
             locale = coalesce({locale}, locale), base_currency = coalesce({base_currency}, base_currency),
             rise_color = coalesce({rise_color}, rise_color), version = version + 1
         where id = {id} returning *"
    ))
    .one(tx)
    .await
}
