//! Crawls as their tenant starts and reads them.

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// A crawl's row.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Crawl {
    /// Its id; later crawls have greater ones.
    pub id: Uuid,
    /// `manual`, `monitor` or `schedule`.
    pub trigger: String,
    /// 1 high, 2 medium, 3 low.
    pub priority: i16,
    /// `running`, `completed`, `partial`, `failed` or `cancelled`.
    pub status: String,
    /// Where what it fetches is listed.
    pub sources: Vec<String>,
    /// Targets.
    pub total: i32,
    /// Targets fetched.
    pub succeeded: i32,
    /// Targets that ended otherwise.
    pub failed: i32,
    /// Targets that were not fetched, because it was stopped before.
    pub cancelled: i32,
    /// When it was asked for.
    pub started_at: DateTime<Utc>,
    /// When somebody began with it.
    pub begun_at: Option<DateTime<Utc>>,
    /// When its last target ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A target of a crawl.
#[derive(Debug, Clone, FromQueryResult)]
pub struct CrawlTarget {
    /// The listing's id.
    pub target_id: i64,
    /// How its round ended; `None` while it is under way.
    pub outcome: Option<String>,
    /// For people.
    pub reason: Option<String>,
    /// Tries so far.
    pub attempts: i16,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Its source.
    pub source: String,
    /// Whether it is handed out.
    pub under_way: bool,
    /// When it is due, while it waits.
    pub next_try_at: Option<DateTime<Utc>>,
}

/// Which crawls; all that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The stored status.
    pub status: Option<&'static str>,
    /// Whether somebody has begun with it.
    pub begun: Option<bool>,
    /// `manual`, `monitor` or `schedule`.
    pub trigger: Option<&'static str>,
    /// That fetch something there.
    pub source: Option<String>,
    /// Asked for at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Asked for before.
    pub to: Option<DateTime<Utc>>,
}

/// Which targets of a crawl.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ended {
    /// All of them.
    #[default]
    All,
    /// Those that have not ended.
    Pending,
    /// Those that were tried in vain.
    Failed,
    /// Those that ended with this word.
    As(&'static str),
}

/// A listing the tenant tracks.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Tracked {
    /// The listing's id.
    pub target_id: i64,
    /// The source's own id.
    pub external_id: String,
}

/// A tracking of a listing.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct TrackedListing {
    /// The tracking's id.
    pub id: Uuid,
    /// The listing's id.
    pub target_id: i64,
}

/// How a tracking stands.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TrackingState {
    /// The tracking's id.
    pub id: Uuid,
    /// When it is due; `None` while stopped.
    pub next_due_at: Option<DateTime<Utc>>,
    /// The end of its last round.
    pub last_crawl_at: Option<DateTime<Utc>>,
    /// How that went.
    pub last_outcome: Option<String>,
}

/// A crawl to start.
#[derive(Debug, Clone)]
pub struct NewCrawl {
    /// Its id, made by us.
    pub id: Uuid,
    /// `manual`, `monitor` or `schedule`.
    pub trigger: &'static str,
    /// 1 high, 2 medium, 3 low.
    pub priority: i16,
    /// What to fetch.
    pub listing_ids: Vec<i64>,
    /// The trace of the request.
    pub traceparent: Option<String>,
}

#[derive(FromQueryResult)]
struct Hastened {
    target_id: i64,
    round: i64,
}

/// The tenant's live trackings among these listing ids and external ids.
///
/// # Errors
/// When the statement fails.
pub async fn tracked(
    tx: &TenantTx,
    listing_ids: Vec<i64>,
    external_ids: Vec<String>,
) -> Result<Vec<Tracked>, DbErr> {
    // Two looks, each through its own index; with `or` in one look all of the tenant's trackings are read.
    let sql = "select target_id, external_id from crawl.tenant_tracking where live and target_id = any ($1)
               union
               select target_id, external_id from crawl.tenant_tracking where live and external_id = any ($2)";
    let values = [listing_ids.into(), external_ids.into()];
    Tracked::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}

/// The tenant's live tracking of a listing, by the source's own id.
///
/// # Errors
/// When the statement fails.
pub async fn tracking_of(
    tx: &TenantTx,
    source: &str,
    marketplace: &str,
    external_id: &str,
) -> Result<Option<TrackedListing>, DbErr> {
    let sql = "select id, target_id from crawl.tenant_tracking
               where live and source = $1 and marketplace = $2 and external_id = $3 order by id limit 1";
    let values = [source.into(), marketplace.into(), external_id.into()];
    TrackedListing::find_by_statement(statement(sql, values))
        .one(tx)
        .await
}

/// Makes the listings due and stores the crawl that waits for them; tells how many they are. Listings that the tenant
/// does not track are left out; without any nothing is stored.
///
/// # Errors
/// When a statement fails.
pub async fn start(tx: &TenantTx, crawl: NewCrawl, now: DateTime<Utc>) -> Result<usize, DbErr> {
    let hasten = "select target_id, round from crawl.hasten($1, $2, $3, $4)";
    let values = [
        crawl.listing_ids.into(),
        crawl.priority.into(),
        crawl.traceparent.into(),
        now.into(),
    ];
    let hastened = Hastened::find_by_statement(statement(hasten, values))
        .all(tx)
        .await?;
    if hastened.is_empty() {
        return Ok(0);
    }
    let insert = "insert into crawl.crawl (tenant_id, id, trigger, priority, total, started_at)
                  values ($1, $2, $3, $4, $5, $6)";
    let values = [
        tx.tenant_id().into(),
        crawl.id.into(),
        crawl.trigger.into(),
        crawl.priority.into(),
        i32::try_from(hastened.len()).unwrap_or(i32::MAX).into(),
        now.into(),
    ];
    tx.execute_raw(statement(insert, values)).await?;
    let targets: Vec<i64> = hastened.iter().map(|row| row.target_id).collect();
    let rounds: Vec<i64> = hastened.iter().map(|row| row.round).collect();
    let wait = "insert into crawl.crawl_target (tenant_id, crawl_id, target_id, round)
                select $1, $2, u.* from unnest($3::bigint[], $4::bigint[]) as u";
    let values = [
        tx.tenant_id().into(),
        crawl.id.into(),
        targets.into(),
        rounds.into(),
    ];
    tx.execute_raw(statement(wait, values)).await?;
    describe(tx, crawl.id, now).await?;
    Ok(hastened.len())
}

/// Remembers of a new crawl which sources it needs, and whether somebody is at some of it already.
pub(super) async fn describe(tx: &TenantTx, id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "update crawl.crawl k
               set sources = p.sources, begun_at = case when p.begun then $3 end
               from (select coalesce(array_agg(distinct source order by source), '{}') as sources, bool_or(begun) as begun
                     from (select source, under_way as begun from crawl.tenant_crawl_target
                           where tenant_id = $1 and crawl_id = $2
                           union all
                           select s.source, m.task_id is not null and m.round = s.round from crawl.crawl_search s
                           join crawl.monitor m on m.tenant_id = s.tenant_id and m.id = s.monitor_id
                           where s.tenant_id = $1 and s.crawl_id = $2) as parts) as p
               where k.tenant_id = $1 and k.id = $2";
    let values = [tx.tenant_id().into(), id.into(), now.into()];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

const COLUMNS: &str = "id, trigger, priority, status, sources, total, succeeded, failed, cancelled, started_at, \
                       begun_at, finished_at";

/// One crawl; `None`: the tenant has none with this id.
///
/// # Errors
/// When the statement fails.
pub async fn get(tx: &TenantTx, id: Uuid) -> Result<Option<Crawl>, DbErr> {
    let sql = format!("select {COLUMNS} from crawl.crawl where tenant_id = $1 and id = $2");
    Crawl::find_by_statement(statement(&sql, [tx.tenant_id().into(), id.into()]))
        .one(tx)
        .await
}

/// Crawls, the latest first, from before `before` on.
///
/// # Errors
/// When the statement fails.
pub async fn list(
    tx: &TenantTx,
    wanted: Wanted,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Crawl>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.crawl
         where tenant_id = $1 and ($2::uuid is null or id < $2)
           and ($3::text is null or status = $3) and ($4::boolean is null or (begun_at is not null) = $4)
           and ($5::text is null or trigger = $5) and ($6::text is null or $6 = any (sources))
           and ($7::timestamptz is null or started_at >= $7) and ($8::timestamptz is null or started_at < $8)
         order by id desc limit $9"
    );
    let values = [
        tx.tenant_id().into(),
        before.into(),
        wanted.status.into(),
        wanted.begun.into(),
        wanted.trigger.into(),
        wanted.source.into(),
        wanted.from.into(),
        wanted.to.into(),
        i64::from(limit).into(),
    ];
    Crawl::find_by_statement(statement(&sql, values))
        .all(tx)
        .await
}

/// Targets of a crawl by listing id, from after `after` on.
///
/// # Errors
/// When the statement fails.
pub async fn targets(
    tx: &TenantTx,
    crawl_id: Uuid,
    ended: Ended,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<CrawlTarget>, DbErr> {
    let (condition, word) = match ended {
        Ended::All => ("true", None),
        Ended::Pending => ("outcome is null", None),
        Ended::Failed => (FAILED, None),
        Ended::As(word) => ("true", Some(word)),
    };
    let sql = format!(
        "select target_id, outcome, reason, attempts, ended_at, source, under_way, next_try_at
         from crawl.tenant_crawl_target
         where tenant_id = $1 and crawl_id = $2 and ($3::bigint is null or target_id > $3)
           and ($5::text is null or outcome = $5) and {condition}
         order by target_id limit $4"
    );
    let values = [
        tx.tenant_id().into(),
        crawl_id.into(),
        after.into(),
        i64::from(limit).into(),
        word.into(),
    ];
    CrawlTarget::find_by_statement(statement(&sql, values))
        .all(tx)
        .await
}

/// Tried in vain.
const FAILED: &str = "outcome is not null and outcome not in ('ok', 'cancelled')";

/// Targets of a crawl that were tried in vain.
#[derive(Debug, Clone, Default)]
pub struct InVain {
    /// Those that the tenant still tracks, without `gone`.
    pub listings: Vec<i64>,
    /// Those that the tenant still tracks and that the source does not list any more.
    pub gone: Vec<i64>,
}

#[derive(FromQueryResult)]
struct InVainRow {
    target_id: i64,
    gone: bool,
}

/// What a crawl fetched in vain and the tenant still tracks.
///
/// # Errors
/// When the statement fails.
pub async fn in_vain(tx: &TenantTx, crawl_id: Uuid) -> Result<InVain, DbErr> {
    let sql = format!(
        "select c.target_id, c.outcome = 'not_found' as gone from crawl.crawl_target c
         where c.tenant_id = $1 and c.crawl_id = $2 and {FAILED}
           and exists (select from crawl.tracking t
                       where t.tenant_id = $1 and t.target_id = c.target_id and t.live)"
    );
    let values = [tx.tenant_id().into(), crawl_id.into()];
    let rows = InVainRow::find_by_statement(statement(&sql, values))
        .all(tx)
        .await?;
    let (gone, listings): (Vec<InVainRow>, Vec<InVainRow>) =
        rows.into_iter().partition(|row| row.gone);
    let ids = |rows: Vec<InVainRow>| rows.into_iter().map(|row| row.target_id).collect();
    Ok(InVain {
        listings: ids(listings),
        gone: ids(gone),
    })
}

/// How the tenant's trackings stand; unknown ids are left out.
///
/// # Errors
/// When the statement fails.
pub async fn tracking_states(tx: &TenantTx, ids: Vec<Uuid>) -> Result<Vec<TrackingState>, DbErr> {
    let sql =
        "select id, case when live then next_due_at end as next_due_at, last_crawl_at, last_outcome
               from crawl.tenant_tracking where id = any ($1)";
    TrackingState::find_by_statement(statement(sql, [ids.into()]))
        .all(tx)
        .await
}
