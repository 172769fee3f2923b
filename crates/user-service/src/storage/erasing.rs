//! The end of a tenant in this schema, for what is not a row of a table of tenants.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

/// Ends some memberships of a tenant, and forgets the people who thereby belong to no tenant any more, with what was
/// written to them about themselves; says how many memberships, people and mails that were.
///
/// # Errors
/// When the database fails.
pub async fn people(tx: &impl ConnectionTrait, tenant_id: Uuid, limit: i64) -> Result<u64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        user_id: Uuid,
    }
    // Whoever makes somebody a member of another tenant holds a key on the person, who stays then.
    let held = Row::find_by_statement(raw_sql!(
        Postgres,
        "select u.id as user_id from identity.user_account u
         where u.id in (select user_id from identity.membership where tenant_id = {tenant_id} order by user_id
                        limit {limit})
         order by u.id for update"
    ))
    .all(tx)
    .await?;
    let ids: Vec<Uuid> = held.into_iter().map(|row| row.user_id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let of = ids.clone();
    let memberships = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.membership where tenant_id = {tenant_id} and user_id = any({of})"
        ))
        .await?;
    Ok(memberships.rows_affected() + without_tenant(tx, ids).await?)
}

/// Forgets those of these people who belong to no tenant any more, with what was written to them about themselves; says
/// how many people and mails that were. The transaction holds them all.
///
/// # Errors
/// When the database fails.
pub async fn without_tenant(tx: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<u64, DbErr> {
    let of = ids.clone();
    let mails = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.mail l using identity.user_account u
             where u.id = any({of}) and not exists (select from identity.membership m where m.user_id = u.id)
               and l.tenant_id is null and lower(l.recipient) in (lower(u.email), lower(u.pending_email))"
        ))
        .await?;
    let people = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.user_account u
             where u.id = any({ids}) and not exists (select from identity.membership m where m.user_id = u.id)"
        ))
        .await?;
    Ok(mails.rows_affected() + people.rows_affected())
}

/// Forgets the tenant itself; says whether it was there.
///
/// # Errors
/// When the database fails.
pub async fn tenant(tx: &impl ConnectionTrait, id: Uuid) -> Result<u64, DbErr> {
    let deleted = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.tenant where id = {id}"
        ))
        .await?;
    Ok(deleted.rows_affected())
}

/// Forgets the audit log of a tenant that is gone; says how many lines that were.
///
/// # Errors
/// When the database fails.
pub async fn audit_log(tx: &impl ConnectionTrait, id: Uuid) -> Result<u64, DbErr> {
    let erased = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select identity.erase_audit_of({id}) as erased"
        ))
        .await?;
    let erased: i64 = erased.map_or(Ok(0), |row| row.try_get("", "erased"))?;
    Ok(erased.unsigned_abs())
}
