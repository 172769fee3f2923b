//! Syncs and their log, as their tenant starts and reads them.

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;
use crate::rules::sync::{Asked, Mode, Trigger};

/// A log's row. Of a crawl under way the counts are the crawl's.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Log {
    /// Its id; later ones are greater.
    pub id: Uuid,
    /// What is read.
    pub kind: String,
    /// Where; `None`: in several sources.
    pub source: Option<String>,
    /// Upper-case country code, where one is meant.
    pub marketplace: Option<String>,
    /// `full` or `incremental`; `None`: no sync of a catalogue.
    pub mode: Option<String>,
    /// Why.
    pub trigger: String,
    /// `pending`, `processing`, `success`, `failed` or `partial`.
    pub status: String,
    /// The crawl that does it.
    pub crawl_id: Option<Uuid>,
    /// Codes.
    pub total: i32,
    /// Those that ended well.
    pub success: i32,
    /// Those that did not.
    pub failed: i32,
    /// For people.
    pub message: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub completed_at: Option<DateTime<Utc>>,
}

/// What did not go well.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Failure {
    /// The source's own id, or the search that listed nothing.
    pub code: String,
    /// As a worker told it.
    pub outcome: String,
    /// For people.
    pub reason: Option<String>,
}

/// Which logs.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What was read.
    pub kind: Option<String>,
    /// How it stands.
    pub status: Option<String>,
    /// Where.
    pub source: Option<String>,
    /// Begun at or after.
    pub from: Option<DateTime<Utc>>,
    /// Begun before.
    pub to: Option<DateTime<Utc>>,
}

/// A sync to begin.
#[derive(Debug, Clone)]
pub struct NewSync {
    /// Its id, made by us.
    pub id: Uuid,
    /// Where.
    pub source: String,
    /// Upper-case country code.
    pub marketplace: String,
    /// How much.
    pub mode: Mode,
    /// Why.
    pub trigger: Trigger,
    /// Of what.
    pub asked: Asked,
}

const COLUMNS: &str = "s.id, s.kind, s.source, s.marketplace, s.mode, s.trigger, s.status, s.crawl_id, \
                       case when s.phase = 'crawling' then c.total + s.failed else s.total end as total, \
                       case when s.phase = 'crawling' then c.succeeded else s.success end as success, \
                       case when s.phase = 'crawling' then c.failed + s.failed else s.failed end as failed, \
                       s.message, s.started_at, s.completed_at";
const TABLES: &str =
    "crawl.sync s left join crawl.crawl c on c.tenant_id = s.tenant_id and c.id = s.crawl_id";

/// Stores a sync that is to be done; false: one of this tenant and source is under way.
///
/// # Errors
/// When the statement fails.
pub async fn begin(tx: &TenantTx, new: NewSync, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql = "insert into crawl.sync (tenant_id, id, kind, source, marketplace, mode, trigger, phase, codes, category,
                                       brand, started_at, traceparent)
               values ($1, $2, $3, $4, $5, $6, $7, 'choosing', $8, $9, $10, $11, $12)
               on conflict (tenant_id, source) where mode is not null and completed_at is null do nothing";
    let values = [
        tx.tenant_id().into(),
        new.id.into(),
        new.asked.kind().into(),
        new.source.into(),
        new.marketplace.into(),
        new.mode.as_str().into(),
        new.trigger.as_str().into(),
        new.asked.codes.into(),
        new.asked.category.into(),
        new.asked.brand.into(),
        now.into(),
        telemetry::propagation::current_traceparent().into(),
    ];
    let begun = tx.execute_raw(statement(sql, values)).await?;
    if begun.rows_affected() == 0 {
        return Ok(false);
    }
    // Whoever does syncs in another process hears of it when this commits.
    tx.execute_unprepared(crate::wake::NOTIFY).await?;
    Ok(true)
}

/// The sync of a source that is under way.
///
/// # Errors
/// When the statement fails.
pub async fn under_way(tx: &TenantTx, source: &str) -> Result<Option<Log>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from {TABLES}
         where s.tenant_id = $1 and s.source = $2 and s.mode is not null and s.completed_at is null"
    );
    Log::find_by_statement(statement(&sql, [tx.tenant_id().into(), source.into()]))
        .one(tx)
        .await
}

/// Whether a full sync of a source ever went well, at least in part.
///
/// # Errors
/// When the statement fails.
pub async fn was_full(tx: &TenantTx, source: &str) -> Result<bool, DbErr> {
    let sql = "select exists (select from crawl.sync where tenant_id = $1 and source = $2 and mode = 'full'
                              and status in ('success', 'partial')) as found";
    let row = tx
        .query_one_raw(statement(sql, [tx.tenant_id().into(), source.into()]))
        .await?;
    row.map_or(Ok(false), |row| row.try_get("", "found"))
}

/// One log; `None`: the tenant has none with this id.
///
/// # Errors
/// When the statement fails.
pub async fn get(tx: &TenantTx, id: Uuid) -> Result<Option<Log>, DbErr> {
    let sql = format!("select {COLUMNS} from {TABLES} where s.tenant_id = $1 and s.id = $2");
    Log::find_by_statement(statement(&sql, [tx.tenant_id().into(), id.into()]))
        .one(tx)
        .await
}

/// Logs, the latest first, from before `before` on.
///
/// # Errors
/// When the statement fails.
pub async fn list(
    tx: &TenantTx,
    filter: Filter,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Log>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from {TABLES}
         where s.tenant_id = $1 and ($2::text is null or s.kind = $2) and ($3::text is null or s.status = $3)
           and ($4::text is null or s.source = $4) and ($5::timestamptz is null or s.started_at >= $5)
           and ($6::timestamptz is null or s.started_at < $6) and ($7::uuid is null or s.id < $7)
         order by s.id desc limit $8"
    );
    let values = [
        tx.tenant_id().into(),
        filter.kind.into(),
        filter.status.into(),
        filter.source.into(),
        filter.from.into(),
        filter.to.into(),
        before.into(),
        i64::from(limit).into(),
    ];
    Log::find_by_statement(statement(&sql, values))
        .all(tx)
        .await
}

/// What did not go well, by code, at most `limit`.
///
/// # Errors
/// When the statement fails.
pub async fn failures(tx: &TenantTx, log: &Log, limit: u32) -> Result<Vec<Failure>, DbErr> {
    let sql = if log.mode.is_some() {
        "select i.code, coalesce(i.outcome, t.outcome) as outcome, coalesce(i.reason, t.reason) as reason
         from crawl.sync_item i
         left join crawl.crawl_target t on t.tenant_id = i.tenant_id and t.crawl_id = $3 and t.target_id = i.listing_id
         where i.tenant_id = $1 and i.sync_id = $2 and coalesce(i.outcome, t.outcome) <> 'ok'
         order by i.code limit $4"
    } else {
        "select coalesce(g.external_id, t.target_id::text) as code, t.outcome, t.reason
         from crawl.crawl_target t
         left join lateral (select external_id from crawl.tenant_tracking g
                            where g.target_id = t.target_id limit 1) g on true
         where t.tenant_id = $1 and $2::uuid is not null and t.crawl_id = $3 and t.outcome <> 'ok'
         order by 1 limit $4"
    };
    let values = [
        tx.tenant_id().into(),
        log.id.into(),
        log.crawl_id.into(),
        i64::from(limit).into(),
    ];
    Failure::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}

/// Logs a crawl that a person started; it ends with the crawl.
///
/// # Errors
/// When the statement fails.
pub async fn log_crawl(tx: &TenantTx, crawl_id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "insert into crawl.sync (tenant_id, id, kind, source, trigger, status, phase, crawl_id, started_at)
               select $1, $2, 'manual', case when cardinality(k.sources) = 1 then k.sources[1] end, 'on_demand',
                      'processing', 'crawling', k.id, $4
               from crawl.crawl k where k.tenant_id = $1 and k.id = $3";
    let values = [
        tx.tenant_id().into(),
        Uuid::now_v7().into(),
        crawl_id.into(),
        now.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// A live read that is over.
#[derive(Debug, Clone)]
pub struct Read {
    /// What was read.
    pub kind: &'static str,
    /// Where.
    pub source: String,
    /// How many things came back; `None`: it failed.
    pub came: Option<i32>,
    /// For people.
    pub message: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
}

/// Logs a live read.
///
/// # Errors
/// When the statement fails.
pub async fn log_read(tx: &TenantTx, read: Read, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "insert into crawl.sync (tenant_id, id, kind, source, trigger, status, phase, total, success, failed,
                                       message, started_at, completed_at)
               values ($1, $2, $3, $4, 'on_demand', $5, 'done', $6, $7, $8, $9, $10, $11)";
    let good = read.came.is_some();
    let came = read.came.unwrap_or(0);
    let values = [
        tx.tenant_id().into(),
        Uuid::now_v7().into(),
        read.kind.into(),
        read.source.into(),
        if good { "success" } else { "failed" }.into(),
        if good { came } else { 1 }.into(),
        came.into(),
        i32::from(!good).into(),
        read.message.into(),
        read.started_at.into(),
        now.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}
