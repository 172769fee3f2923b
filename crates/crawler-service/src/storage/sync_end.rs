//! How syncs end, and what the clock does with them.

use chrono::{DateTime, Utc};
use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, sqlx};
use uuid::Uuid;

use super::statement;
use super::sync_work::Work;
use crate::rules::sync::{self, Mode, Trigger};

/// A sync whose crawl has ended.
#[derive(Debug, Clone, FromQueryResult)]
struct Over {
    tenant_id: Uuid,
    id: Uuid,
    source: Option<String>,
    marketplace: Option<String>,
    mode: Option<String>,
    crawl_id: Uuid,
    refused: i32,
    crawl_status: String,
    succeeded: i32,
    crawl_failed: i32,
}

#[derive(FromQueryResult)]
struct Missing {
    sync_id: Uuid,
    missing: i64,
}

/// Ends the syncs of these crawls (tenant, id), which have ended. An incremental one that misses known codes is followed
/// by a full one, unless there was one lately.
///
/// # Errors
/// When a statement fails.
pub async fn crawls_ended(
    tx: &SystemTx,
    crawls: Vec<(Uuid, Uuid)>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let (tenants, ids): (Vec<Uuid>, Vec<Uuid>) = crawls.into_iter().unzip();
    let sql = "select s.tenant_id, s.id, s.source, s.marketplace, s.mode, s.crawl_id, s.failed as refused,
                      c.status as crawl_status, c.succeeded, c.failed as crawl_failed
               from unnest($1::uuid[], $2::uuid[]) as u (tenant_id, crawl_id)
               join crawl.sync s on s.tenant_id = u.tenant_id and s.crawl_id = u.crawl_id
               join crawl.crawl c on c.tenant_id = s.tenant_id and c.id = s.crawl_id
               where s.phase = 'crawling' order by s.tenant_id, s.id for update of s";
    let over = Over::find_by_statement(statement(sql, [tenants.into(), ids.into()]))
        .all(tx)
        .await?;
    if over.is_empty() {
        return Ok(());
    }
    let of_catalogues: Vec<&Over> = over.iter().filter(|one| one.mode.is_some()).collect();
    let missing = if of_catalogues.is_empty() {
        Vec::new()
    } else {
        settle(tx, &of_catalogues).await?
    };
    let missing_of = |id: Uuid| {
        let found = missing.iter().find(|row| row.sync_id == id);
        found.map_or(0, |row| u32::try_from(row.missing).unwrap_or(u32::MAX))
    };
    let mut columns = Columns::default();
    for one in &over {
        let success = one.succeeded.unsigned_abs();
        let failed = (one.crawl_failed + one.refused).unsigned_abs();
        let cancelled = one.crawl_status == "cancelled";
        columns.push(
            one.tenant_id,
            one.id,
            success,
            failed,
            missing_of(one.id),
            cancelled,
        );
    }
    columns.write(tx, now).await?;
    let in_disorder = over.into_iter().filter_map(|one| {
        let part = one.mode.as_deref() == Some(Mode::Incremental.as_str());
        let gone = part && missing_of(one.id) > 0;
        Some(Start {
            tenant_id: one.tenant_id,
            source: one.source.filter(|_| gone)?,
            marketplace: one.marketplace?,
            mode: Mode::Full,
            category: None,
            brand: None,
        })
    });
    let starts: Vec<Start> = in_disorder.collect();
    if starts.is_empty() {
        return Ok(());
    }
    let lately = now - sync::LOOKED_THROUGH;
    begin(tx, starts, Trigger::IntegrityFailed, Some(lately), now).await
}

/// Keeps of the codes those that ended badly, with their reasons, and tells how many known ones are gone.
async fn settle(tx: &SystemTx, over: &[&Over]) -> Result<Vec<Missing>, DbErr> {
    let columns = || {
        let tenants: Vec<Uuid> = over.iter().map(|one| one.tenant_id).collect();
        let syncs: Vec<Uuid> = over.iter().map(|one| one.id).collect();
        let crawls: Vec<Uuid> = over.iter().map(|one| one.crawl_id).collect();
        [tenants.into(), syncs.into(), crawls.into()]
    };
    let keep = "with over as (
                    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as u (tenant_id, sync_id, crawl_id)
                ), told as (
                    select o.tenant_id, o.sync_id, t.target_id, t.outcome, t.reason
                    from over o join crawl.crawl_target t on t.tenant_id = o.tenant_id and t.crawl_id = o.crawl_id
                )
                update crawl.sync_item i set outcome = told.outcome, reason = told.reason
                from told
                where i.tenant_id = told.tenant_id and i.sync_id = told.sync_id and i.listing_id = told.target_id
                  and told.outcome <> 'ok'";
    tx.execute_raw(statement(keep, columns())).await?;
    let drop = "delete from crawl.sync_item i
                using unnest($1::uuid[], $2::uuid[], $3::uuid[]) as u (tenant_id, sync_id, crawl_id)
                where i.tenant_id = u.tenant_id and i.sync_id = u.sync_id and i.outcome is null";
    tx.execute_raw(statement(drop, columns())).await?;
    let missing = "select i.sync_id, count(*) as missing
                   from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as u (tenant_id, sync_id, crawl_id)
                   join crawl.sync_item i on i.tenant_id = u.tenant_id and i.sync_id = u.sync_id
                   where i.known and i.outcome = 'not_found' group by i.sync_id";
    Missing::find_by_statement(statement(missing, columns()))
        .all(tx)
        .await
}

/// A sync that nobody asked for.
#[derive(Debug, Clone)]
pub struct Start {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Where.
    pub source: String,
    /// Upper-case country code.
    pub marketplace: String,
    /// How much.
    pub mode: Mode,
    /// Of this category alone.
    pub category: Option<String>,
    /// Of this brand alone.
    pub brand: Option<String>,
}

/// Begins syncs for one reason, each unless one of its tenant and source is under way or a full one ended after
/// `unless_full_since`.
///
/// # Errors
/// When a statement fails.
pub async fn begin(
    tx: &SystemTx,
    starts: Vec<Start>,
    trigger: Trigger,
    unless_full_since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "insert into crawl.sync (tenant_id, id, kind, source, marketplace, mode, trigger, phase, category, brand,
                                       started_at)
               select u.tenant_id, u.id, 'products', u.source, u.marketplace, u.mode, $8, 'choosing', u.category,
                      u.brand, $9
               from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
                   as u (tenant_id, id, source, marketplace, mode, category, brand)
               where $10::timestamptz is null
                  or not exists (select from crawl.sync s
                                 where s.tenant_id = u.tenant_id and s.source = u.source and s.mode = 'full'
                                   and s.completed_at > $10)
               on conflict (tenant_id, source) where mode is not null and completed_at is null do nothing";
    let text = |of: fn(&Start) -> String| starts.iter().map(of).collect::<Vec<_>>();
    let option = |of: fn(&Start) -> Option<String>| starts.iter().map(of).collect::<Vec<_>>();
    sqlx::query(sql)
        .bind(starts.iter().map(|one| one.tenant_id).collect::<Vec<_>>())
        .bind(starts.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
        .bind(text(|one| one.source.clone()))
        .bind(text(|one| one.marketplace.clone()))
        .bind(text(|one| one.mode.as_str().to_owned()))
        .bind(option(|one| one.category.clone()))
        .bind(option(|one| one.brand.clone()))
        .bind(trigger.as_str())
        .bind(now)
        .bind(unless_full_since)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    // Whoever does syncs in another process hears of it when this commits.
    tx.execute_unprepared(crate::wake::NOTIFY).await?;
    Ok(())
}

/// Ends a claimed sync that has nothing to crawl.
///
/// # Errors
/// When the statement fails.
pub async fn nothing_left(
    tx: &SystemTx,
    work: &Work,
    refused: i32,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut columns = Columns::default();
    columns.push(work.tenant_id, work.id, 0, refused.unsigned_abs(), 0, false);
    columns.write(tx, now).await
}

/// Ends by column, as UNNEST wants them.
#[derive(Default)]
struct Columns {
    tenants: Vec<Uuid>,
    ids: Vec<Uuid>,
    success: Vec<i32>,
    failed: Vec<i32>,
    statuses: Vec<&'static str>,
    messages: Vec<String>,
}

impl Columns {
    fn push(
        &mut self,
        tenant: Uuid,
        id: Uuid,
        success: u32,
        failed: u32,
        missing: u32,
        cancelled: bool,
    ) {
        self.tenants.push(tenant);
        self.ids.push(id);
        self.success
            .push(i32::try_from(success).unwrap_or(i32::MAX));
        self.failed.push(i32::try_from(failed).unwrap_or(i32::MAX));
        self.statuses.push(sync::ended(success, failed, cancelled));
        self.messages
            .push(sync::message(success, failed, missing, cancelled));
    }

    async fn write(self, tx: &SystemTx, now: DateTime<Utc>) -> Result<(), DbErr> {
        let sql = "update crawl.sync s
                   set phase = 'done', status = u.status, success = u.success, failed = u.failed,
                       total = u.success + u.failed, message = u.message, completed_at = $7, claimed_until = null
                   from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::text[], $6::text[])
                       as u (tenant_id, id, success, failed, status, message)
                   where s.tenant_id = u.tenant_id and s.id = u.id and s.completed_at is null";
        sqlx::query(sql)
            .bind(self.tenants)
            .bind(self.ids)
            .bind(self.success)
            .bind(self.failed)
            .bind(self.statuses)
            .bind(self.messages)
            .bind(now)
            .execute(&mut *tx.sqlx().await)
            .await
            .map_err(db::query_error)?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct CrawlKey {
    tenant_id: Uuid,
    crawl_id: Uuid,
}

/// Crawls that ended without their logs having heard of it, such as cancelled ones: (tenant, id).
///
/// # Errors
/// When the statement fails.
pub async fn unheard(tx: &SystemTx, limit: u32) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
    let sql = "select s.tenant_id, s.crawl_id from crawl.sync s
               join crawl.crawl c on c.tenant_id = s.tenant_id and c.id = s.crawl_id
               where s.completed_at is null and s.phase = 'crawling' and c.finished_at is not null limit $1";
    let rows = CrawlKey::find_by_statement(statement(sql, [i64::from(limit).into()]))
        .all(tx)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.tenant_id, row.crawl_id))
        .collect())
}

/// Deletes logs that ended before `before`, at most `limit`; tells how many.
///
/// # Errors
/// When the statement fails.
pub async fn delete(tx: &SystemTx, before: DateTime<Utc>, limit: u32) -> Result<u64, DbErr> {
    let sql = "delete from crawl.sync where (tenant_id, id) in (
                   select tenant_id, id from crawl.sync where completed_at < $1 order by completed_at limit $2)";
    let values = [before.into(), i64::from(limit).into()];
    Ok(tx
        .execute_raw(statement(sql, values))
        .await?
        .rows_affected())
}

/// A catalogue that was synced and that the clock looks after.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Kept {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Where.
    pub source: String,
    /// Upper-case country code.
    pub marketplace: String,
    /// What the last full sync was about.
    pub category: Option<String>,
    /// What the last full sync was about.
    pub brand: Option<String>,
    /// The end of the last full sync.
    pub full_at: DateTime<Utc>,
    /// The end of the last incremental one.
    pub incremental_at: Option<DateTime<Utc>>,
}

/// Catalogues read with a credential that was not refused, once synced in full, none of whose syncs is under way.
///
/// # Errors
/// When the statement fails.
pub async fn kept(tx: &SystemTx) -> Result<Vec<Kept>, DbErr> {
    let sql = "select c.tenant_id, c.source, f.marketplace, f.category, f.brand, f.completed_at as full_at,
                      i.completed_at as incremental_at
               from crawl.credential c
               join lateral (select s.marketplace, s.category, s.brand, s.completed_at from crawl.sync s
                             where s.tenant_id = c.tenant_id and s.source = c.source and s.mode = 'full'
                               and s.completed_at is not null
                             order by s.completed_at desc limit 1) f on true
               left join lateral (select s.completed_at from crawl.sync s
                                  where s.tenant_id = c.tenant_id and s.source = c.source and s.mode = 'incremental'
                                    and s.completed_at is not null
                                  order by s.completed_at desc limit 1) i on true
               where c.status <> 'failed'
                 and not exists (select from crawl.standing t where t.tenant_id = c.tenant_id and t.stopped)
                 and not exists (select from crawl.sync s
                                 where s.tenant_id = c.tenant_id and s.source = c.source and s.mode is not null
                                   and s.completed_at is null)";
    Kept::find_by_statement(statement(sql, [])).all(tx).await
}
