//! Turning what a sync listed into a crawl.

use chrono::{DateTime, Utc};
use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::statement;
use super::sync_work::Work;

/// What is to be crawled, and what never will be.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Listing ids, in order.
    pub listings: Vec<i64>,
    /// Codes that core refused, and searches that listed nothing.
    pub refused: i32,
}

/// The codes of a sync that is listed.
///
/// # Errors
/// When the statement fails.
pub async fn listed(tx: &SystemTx, work: &Work) -> Result<Listed, DbErr> {
    let sql = "select coalesce(array_agg(distinct listing_id order by listing_id)
                                   filter (where listing_id is not null), '{}') as listings,
                      (count(*) filter (where listing_id is null))::integer as refused
               from crawl.sync_item where tenant_id = $1 and sync_id = $2";
    let row = tx
        .query_one_raw(statement(sql, [work.tenant_id.into(), work.id.into()]))
        .await?;
    row.map_or(Ok(Listed::default()), |row| {
        Ok(Listed {
            listings: row.try_get("", "listings")?,
            refused: row.try_get("", "refused")?,
        })
    })
}

/// A crawl that a sync becomes.
#[derive(Debug, Clone)]
pub struct Becoming<'a> {
    /// The sync.
    pub work: &'a Work,
    /// What it crawls; not empty.
    pub listed: &'a Listed,
    /// The new crawl's id.
    pub crawl_id: Uuid,
    /// Of the new crawl.
    pub trigger: &'static str,
    /// 1 high, 2 medium, 3 low.
    pub priority: i16,
    /// The listings are the tenant's own.
    pub owned: bool,
}

/// Makes the listings due, tracked or not, and the crawl that waits for them; false: somebody else did.
///
/// # Errors
/// When a statement fails.
pub async fn crawl(
    tx: &SystemTx,
    becoming: Becoming<'_>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let Becoming { work, listed, .. } = &becoming;
    let key = || [work.tenant_id.into(), work.id.into()];
    let [tenant, sync] = key();
    let make = "insert into crawl.target (id, source, marketplace, external_id, url, owner_tenant_id, payer_id)
                select distinct on (listing_id) listing_id, $3, marketplace, code, url, $4, $1
                from crawl.sync_item where tenant_id = $1 and sync_id = $2 and listing_id is not null
                order by listing_id
                on conflict (id) do nothing";
    let owner = becoming.owned.then_some(work.tenant_id);
    let values = [tenant, sync, work.source.as_str().into(), owner.into()];
    tx.execute_raw(statement(make, values)).await?;
    // In the order of ids, as everybody who locks several. What comes after sees what was committed meanwhile.
    let lock = "select id from crawl.target where id = any ($1) order by id for update";
    tx.query_all_raw(statement(lock, [listed.listings.clone().into()]))
        .await?;
    let known = "update crawl.sync_item i set known = true from crawl.target g
                 where i.tenant_id = $1 and i.sync_id = $2 and g.id = i.listing_id and g.last_crawl_at is not null";
    tx.execute_raw(statement(known, key())).await?;
    let hasten = "update crawl.target
                  set next_due_at = least(next_due_at, $2), priority = least(priority, $3), payer_id = $4,
                      traceparent = coalesce($5, traceparent), once = true
                  where id = any ($1) and task_id is null";
    let values = [
        listed.listings.clone().into(),
        now.into(),
        becoming.priority.into(),
        work.tenant_id.into(),
        work.traceparent.clone().into(),
    ];
    tx.execute_raw(statement(hasten, values)).await?;
    let made =
        "insert into crawl.crawl (tenant_id, id, trigger, priority, total, started_at, sources)
                values ($1, $2, $3, $4, $5, $6, array[$7::text])";
    let values = [
        work.tenant_id.into(),
        becoming.crawl_id.into(),
        becoming.trigger.into(),
        becoming.priority.into(),
        i32::try_from(listed.listings.len())
            .unwrap_or(i32::MAX)
            .into(),
        now.into(),
        work.source.as_str().into(),
    ];
    tx.execute_raw(statement(made, values)).await?;
    let wait = "insert into crawl.crawl_target (tenant_id, crawl_id, target_id, round)
                select $1, $2, g.id, g.round from crawl.target g where g.id = any ($3)";
    let values = [
        work.tenant_id.into(),
        becoming.crawl_id.into(),
        listed.listings.clone().into(),
    ];
    tx.execute_raw(statement(wait, values)).await?;
    let go_on = "update crawl.sync
                 set phase = 'crawling', status = 'processing', crawl_id = $3, failed = $4, claimed_until = null
                 where tenant_id = $1 and id = $2 and phase = 'listed'";
    let [tenant, sync] = key();
    let values = [
        tenant,
        sync,
        becoming.crawl_id.into(),
        listed.refused.into(),
    ];
    let gone_on = tx.execute_raw(statement(go_on, values)).await?;
    tx.execute_unprepared(crate::wake::NOTIFY).await?;
    Ok(gone_on.rows_affected() == 1)
}
