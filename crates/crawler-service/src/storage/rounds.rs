//! Starting whole rounds: everything tracked, and searches.

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::{ConnectionTrait, DbErr, sqlx};
use uuid::Uuid;

use super::{crawls, statement};
use crate::rules::rounds::Search;

/// A round to start.
#[derive(Debug, Clone)]
pub struct NewRound {
    /// The crawl's id, made by us.
    pub id: Uuid,
    /// `manual` or `schedule`.
    pub trigger: &'static str,
    /// 1 high, 2 medium, 3 low.
    pub priority: i16,
    /// Whether everything tracked is fetched.
    pub tracked: bool,
    /// Of which sources; `None`: of all.
    pub sources: Option<Vec<String>>,
    /// What is searched.
    pub searches: Vec<Search>,
    /// Enough hits of one search.
    pub most_hits: i32,
    /// Whether new hits are told of, from now on.
    pub tells: bool,
    /// The trace of the request.
    pub traceparent: Option<String>,
}

/// Makes targets and searches due and stores the crawl that waits for them; tells how many they are. Without any there
/// is no crawl.
///
/// # Errors
/// When a statement fails.
pub async fn start(tx: &TenantTx, round: &NewRound, now: DateTime<Utc>) -> Result<u64, DbErr> {
    // The total is known when all of it is due.
    let insert = "insert into crawl.crawl (tenant_id, id, trigger, priority, total, started_at)
                  values ($1, $2, $3, $4, 1, $5)";
    let values = [
        tx.tenant_id().into(),
        round.id.into(),
        round.trigger.into(),
        round.priority.into(),
        now.into(),
    ];
    tx.execute_raw(statement(insert, values)).await?;
    let mut total = 0;
    if round.tracked {
        total += wait_for_tracked(tx, round, now).await?;
    }
    if !round.searches.is_empty() {
        total += wait_for_searches(tx, round, now).await?;
    }
    if total == 0 {
        let discard = "delete from crawl.crawl where tenant_id = $1 and id = $2";
        tx.execute_raw(statement(discard, [tx.tenant_id().into(), round.id.into()]))
            .await?;
        return Ok(0);
    }
    let count = "update crawl.crawl set total = $3 where tenant_id = $1 and id = $2";
    let values = [
        tx.tenant_id().into(),
        round.id.into(),
        i32::try_from(total).unwrap_or(i32::MAX).into(),
    ];
    tx.execute_raw(statement(count, values)).await?;
    crawls::describe(tx, round.id, now).await?;
    Ok(total)
}

async fn wait_for_tracked(
    tx: &TenantTx,
    round: &NewRound,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let sql = "insert into crawl.crawl_target (tenant_id, crawl_id, target_id, round)
               select $1, $2, h.target_id, h.round from crawl.hasten_tracked($3, $4, $5, $6) h";
    let done = sqlx::query(sql)
        .bind(tx.tenant_id())
        .bind(round.id)
        .bind(&round.sources)
        .bind(round.priority)
        .bind(&round.traceparent)
        .bind(now)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(done.rows_affected())
}

async fn wait_for_searches(
    tx: &TenantTx,
    round: &NewRound,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let column = |of: fn(&Search) -> &str| -> Vec<String> {
        round
            .searches
            .iter()
            .map(|search| of(search).to_owned())
            .collect()
    };
    let ids: Vec<Uuid> = round.searches.iter().map(|_| Uuid::now_v7()).collect();
    let sql = "insert into crawl.crawl_search (tenant_id, crawl_id, monitor_id, source, kind, term, round)
               select $1, $2, h.monitor_id, h.source, h.kind, h.term, h.round
               from crawl.hasten_searches($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) h";
    let done = sqlx::query(sql)
        .bind(tx.tenant_id())
        .bind(round.id)
        .bind(ids)
        .bind(column(|search| search.source.as_str()))
        .bind(column(|search| search.kind.as_str()))
        .bind(column(|search| &search.term))
        .bind(column(|search| &search.marketplace))
        .bind(column(|search| &search.name))
        .bind(round.most_hits)
        .bind(round.tells)
        .bind(round.priority)
        .bind(&round.traceparent)
        .bind(now)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(done.rows_affected())
}
