//! `identity.slug_hold`: slugs that nobody can take for a time.

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// Gives the transaction's tenant another slug and holds the one it had; false when the wanted one is held for
/// somebody else.
///
/// # Errors
/// [`super::tenants::SLUG_KEY`] is violated when a tenant has it; otherwise when the database fails.
pub async fn take(tx: &TenantTx, slug: &str, held_until: DateTime<Utc>) -> Result<bool, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        taken: bool,
    }
    let row = Row::find_by_statement(raw_sql!(
        Postgres,
        "select identity.take_slug({slug}, {held_until}) as taken"
    ))
    .one(tx)
    .await?;
    Ok(row.is_some_and(|row| row.taken))
}

/// From when on the transaction's tenant may take a slug, because it holds as many that it gave up as one may; `None`: it
/// may now. The tenant is locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn rename_after(tx: &TenantTx, slug: &str) -> Result<Option<DateTime<Utc>>, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select identity.rename_after({slug}) as free_at"
        ))
        .await?;
    row.map_or(Ok(None), |row| row.try_get("", "free_at"))
}

/// Whether nobody can take the slug.
///
/// # Errors
/// When the database fails.
pub async fn is_held(
    tx: &impl ConnectionTrait,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select from identity.slug_hold where slug = {slug} and held_until > {now}"
        ))
        .await?;
    Ok(row.is_some())
}

/// The slug of the tenant that gave this one up.
///
/// # Errors
/// When the database fails.
pub async fn leads_to(
    tx: &impl ConnectionTrait,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select t.slug from identity.slug_hold h join identity.tenant t on t.id = h.leads_to
             where h.slug = {slug} and h.held_until > {now}"
        ))
        .await?;
    row.map(|row| row.try_get("", "slug")).transpose()
}

/// Lets nobody have the slugs of a tenant that goes, its present one and those it had, until then.
///
/// # Errors
/// When the database fails.
pub async fn retire(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    held_until: DateTime<Utc>,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "update identity.slug_hold set leads_to = null, held_until = greatest(held_until, {held_until})
         where leads_to = {tenant_id}"
    ))
    .await?;
    tx.execute_raw(raw_sql!(
        Postgres,
        "insert into identity.slug_hold (slug, held_until)
         select slug, {held_until} from identity.tenant where id = {tenant_id}
         on conflict (slug) do update set leads_to = null, held_until = excluded.held_until"
    ))
    .await?;
    Ok(())
}

/// Forgets holds that are over.
///
/// # Errors
/// When the database fails.
pub async fn sweep(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "delete from identity.slug_hold where held_until <= {now}"
    ))
    .await?;
    Ok(())
}
