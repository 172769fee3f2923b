//! Doing syncs: who is at one, what it lists, and the crawl that it becomes.

use chrono::{DateTime, Utc};
use contracts::catalog::v1::record_hits_response::Hit;
use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, sqlx};
use uuid::Uuid;

use super::statement;
use crate::rules::sync::{Asked, Listing};

/// Codes of one listing at most; and of a sync.
pub const MOST: i32 = 10_000;
/// Searches of one sync at most.
const MOST_SEARCHES: i64 = 50;

/// A sync that somebody is at.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Work {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its id.
    pub id: Uuid,
    /// What is read.
    pub kind: String,
    /// Where.
    pub source: String,
    /// Upper-case country code.
    pub marketplace: String,
    /// `full` or `incremental`.
    pub mode: String,
    /// Why.
    pub trigger: String,
    /// `choosing` or `listed`.
    pub phase: String,
    /// Named codes.
    pub codes: Vec<String>,
    /// A named category.
    pub category: Option<String>,
    /// A named brand.
    pub brand: Option<String>,
    /// The trace of the request.
    pub traceparent: Option<String>,
}

impl Work {
    /// What was asked for.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked {
            codes: self.codes.clone(),
            category: self.category.clone(),
            brand: self.brand.clone(),
            prices: self.kind == "prices",
            stock: self.kind == "stock",
        }
    }
}

/// A listing as a list names it.
#[derive(Debug, Clone)]
pub struct Named {
    /// Upper-case country code.
    pub marketplace: String,
    /// The source's own id.
    pub code: String,
    /// Its page, where its name does not lead to it.
    pub url: String,
    /// It comes with its parent.
    pub variant: bool,
}

/// A code of a sync.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is called.
    pub named: Named,
    /// The listing's id; `None`: core refused it.
    pub listing_id: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

impl Item {
    /// A code that core was told.
    #[must_use]
    pub fn recorded(named: Named, hit: Hit) -> Self {
        let listing_id = Some(hit.listing_id).filter(|id| *id != 0);
        Self {
            named,
            reason: listing_id.is_none().then_some(hit.reason),
            listing_id,
        }
    }
}

/// A search that listed nothing.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// Where.
    pub marketplace: String,
    /// What it was for.
    pub search: String,
    /// How it ended.
    pub outcome: &'static str,
    /// Why.
    pub reason: String,
}

/// Takes the oldest sync that waits to be done, of a tenant for which anything is crawled, until `until`; `None`: none
/// waits.
///
/// # Errors
/// When the statement fails.
pub async fn claim(
    tx: &SystemTx,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Work>, DbErr> {
    let sql = "update crawl.sync set claimed_until = $2
               where (tenant_id, id) = (
                   select y.tenant_id, y.id from crawl.sync y
                   where y.phase in ('choosing', 'listed') and (y.claimed_until is null or y.claimed_until <= $1)
                     and not exists (select from crawl.standing t where t.tenant_id = y.tenant_id and t.stopped)
                   order by y.id limit 1 for update skip locked)
               returning tenant_id, id, kind, source, marketplace, mode, trigger, phase, codes, category, brand,
                         traceparent";
    Work::find_by_statement(statement(sql, [now.into(), until.into()]))
        .one(tx)
        .await
}

/// Leaves a sync to whoever comes after `until`.
///
/// # Errors
/// When the statement fails.
pub async fn put_off(tx: &SystemTx, work: &Work, until: DateTime<Utc>) -> Result<(), DbErr> {
    let sql =
        "update crawl.sync set claimed_until = $3 where tenant_id = $1 and id = $2 and phase = $4";
    let values = [
        work.tenant_id.into(),
        work.id.into(),
        until.into(),
        work.phase.as_str().into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// The searches of the tenant's own monitors of a source, for one that cannot list everything: (marketplace, search).
///
/// # Errors
/// When the statement fails.
pub async fn known_searches(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    source: &str,
) -> Result<Vec<(String, Listing)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        marketplace: String,
        kind: String,
        term: String,
        category: Option<String>,
    }
    let sql = "select distinct marketplace, kind, term, nullif(category, '') as category from crawl.monitor
               where tenant_id = $1 and source = $2 and deleted_at is null and origin = 'person'
               order by marketplace, kind, term, category limit $3";
    let values = [tenant_id.into(), source.into(), MOST_SEARCHES.into()];
    let rows = Row::find_by_statement(statement(sql, values))
        .all(tx)
        .await?;
    let search = |row: Row| {
        let listing = Listing {
            kind: row.kind,
            term: row.term,
            category: row.category,
        };
        (row.marketplace, listing)
    };
    Ok(rows.into_iter().map(search).collect())
}

/// Lets the searches of a sync run now; each keeps a monitor that people do not see. Medium urgency.
///
/// # Errors
/// When a statement fails.
pub async fn search(
    tx: &SystemTx,
    work: &Work,
    searches: &[(String, Listing)],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "insert into crawl.monitor
                   (tenant_id, id, source, kind, term, category, marketplace, name, status, interval_seconds, hits_limit,
                    alert, track_up_to, tags, next_due_at, priority, origin, sync_id, traceparent)
               select $1, u.id, $2, u.kind, u.term, u.category, u.marketplace, left(u.name, 200), 'paused', 86400, $3,
                      false, 0, '{}', $4, 2, 'catalogue', $5, $6
               from unnest($7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
                   as u (id, kind, term, category, marketplace, name)
               on conflict (tenant_id, source, marketplace, kind, term, (coalesce(category, '')))
                   where origin = 'catalogue' and deleted_at is null
               do update set sync_id = excluded.sync_id, next_due_at = excluded.next_due_at, priority = 2,
                             traceparent = excluded.traceparent";
    let column = |of: fn(&(String, Listing)) -> String| searches.iter().map(of).collect::<Vec<_>>();
    let categories: Vec<Option<String>> = searches
        .iter()
        .map(|(_, listing)| listing.category.clone())
        .collect();
    sqlx::query(sql)
        .bind(work.tenant_id)
        .bind(work.source.clone())
        .bind(MOST)
        .bind(now)
        .bind(work.id)
        .bind(work.traceparent.clone())
        .bind(searches.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
        .bind(column(|(_, listing)| listing.kind.clone()))
        .bind(column(|(_, listing)| listing.term.clone()))
        .bind(categories)
        .bind(column(|(marketplace, _)| marketplace.clone()))
        .bind(column(|(_, listing)| listing.name()))
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    go_on(tx, work, "listing").await?;
    tx.execute_unprepared(crate::wake::NOTIFY).await?;
    Ok(())
}

/// The claimed sync is in its next phase.
///
/// # Errors
/// When the statement fails.
pub async fn go_on(tx: &SystemTx, work: &Work, phase: &str) -> Result<(), DbErr> {
    let sql = "update crawl.sync set phase = $4, status = 'processing', claimed_until = null
               where tenant_id = $1 and id = $2 and phase = $3";
    let values = [
        work.tenant_id.into(),
        work.id.into(),
        work.phase.as_str().into(),
        phase.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Adds codes to a sync; doing it again changes nothing.
///
/// # Errors
/// When a statement fails.
pub async fn add(
    tx: &SystemTx,
    tenant_id: Uuid,
    sync_id: Uuid,
    mut items: Vec<Item>,
) -> Result<(), DbErr> {
    items.retain(|item| !item.named.variant);
    // A statement cannot write a row twice.
    items.sort_by(|a, b| {
        let key = |item: &Item| (item.named.marketplace.clone(), item.named.code.clone());
        key(a).cmp(&key(b))
    });
    items.dedup_by(|a, b| {
        a.named.marketplace == b.named.marketplace && a.named.code == b.named.code
    });
    let sql = "with added as (
                   insert into crawl.sync_item as i
                       (tenant_id, sync_id, marketplace, code, listing_id, url, outcome, reason)
                   select $1, $2, u.marketplace, u.code, u.listing_id, u.url,
                          case when u.listing_id is null then 'failed' end, u.reason
                   from unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
                       as u (marketplace, code, listing_id, url, reason)
                   on conflict (tenant_id, sync_id, marketplace, code) do update
                       set listing_id = excluded.listing_id, url = excluded.url, outcome = excluded.outcome,
                           reason = excluded.reason
                   returning (xmax = 0) as new
               )
               update crawl.sync s set total = s.total + (select count(*) from added where new)
               where s.tenant_id = $1 and s.id = $2";
    let text = |of: fn(&Named) -> &String| {
        let texts = items.iter().map(|item| of(&item.named).clone());
        texts.collect::<Vec<_>>()
    };
    sqlx::query(sql)
        .bind(tenant_id)
        .bind(sync_id)
        .bind(text(|named| &named.marketplace))
        .bind(text(|named| &named.code))
        .bind(items.iter().map(|item| item.listing_id).collect::<Vec<_>>())
        .bind(text(|named| &named.url))
        .bind(
            items
                .iter()
                .map(|item| item.reason.clone())
                .collect::<Vec<_>>(),
        )
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(())
}

/// A search of a sync has ended; after the last one what was listed is crawled.
///
/// # Errors
/// When a statement fails.
pub async fn searched(
    tx: &SystemTx,
    tenant_id: Uuid,
    sync_id: Uuid,
    trouble: Option<Trouble>,
) -> Result<(), DbErr> {
    // Searches that end at the same time come one after the other, so that the last one sees that it is the last.
    let lock = "select id from crawl.sync where tenant_id = $1 and id = $2 for update";
    tx.query_one_raw(statement(lock, [tenant_id.into(), sync_id.into()]))
        .await?;
    if let Some(trouble) = trouble {
        let sql =
            "insert into crawl.sync_item (tenant_id, sync_id, marketplace, code, outcome, reason)
                   values ($1, $2, $3, $4, $5, $6)
                   on conflict (tenant_id, sync_id, marketplace, code) do update
                       set outcome = excluded.outcome, reason = excluded.reason";
        let values = [
            tenant_id.into(),
            sync_id.into(),
            trouble.marketplace.into(),
            trouble.search.into(),
            trouble.outcome.into(),
            trouble.reason.into(),
        ];
        tx.execute_raw(statement(sql, values)).await?;
    }
    let sql = "update crawl.sync set phase = 'listed', claimed_until = null
               where tenant_id = $1 and id = $2 and phase = 'listing'
                 and not exists (select from crawl.monitor m where m.tenant_id = $1 and m.sync_id = $2)";
    tx.execute_raw(statement(sql, [tenant_id.into(), sync_id.into()]))
        .await?;
    Ok(())
}
