//! Making and changing monitors, in sets.

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::{DbErr, sqlx};
use serde_json::Value as Json;
use uuid::Uuid;

use super::Wanted;

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, PgArguments>;

/// Makes monitors of one category or of none, each due now if it is active.
///
/// # Errors
/// When the statement fails.
pub async fn create(
    tx: &TenantTx,
    category_id: Option<Uuid>,
    new: &[(Uuid, Wanted)],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if new.is_empty() {
        return Ok(());
    }
    let sql = "insert into crawl.monitor
                   (tenant_id, id, category_id, source, kind, term, category, marketplace, name, status,
                    interval_seconds, hits_limit, alert, track_up_to, tags, created_at, updated_at, next_due_at,
                    traceparent)
               select $1, n.id, $10, n.source, n.kind, n.term, n.category, n.marketplace, n.name, n.status,
                      n.interval_seconds, n.hits_limit, n.alert, n.track_up_to,
                      array(select jsonb_array_elements_text(n.tags)), $11, $11,
                      case when n.status = 'active' then $11 end, $12
               from unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::boolean[],
                           $8::integer[], $9::jsonb[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
                   as n (id, name, status, interval_seconds, hits_limit, alert, track_up_to, tags,
                         source, kind, term, category, marketplace)";
    let column = |of: fn(&Wanted) -> &str| -> Vec<String> {
        new.iter()
            .map(|(_, wanted)| of(wanted).to_owned())
            .collect()
    };
    let categories: Vec<Option<String>> = new
        .iter()
        .map(|(_, wanted)| wanted.category.clone())
        .collect();
    let options = Options::of(new.iter().map(|(id, wanted)| (*id, wanted)));
    let query = options
        .bind(sqlx::query(sql).bind(tx.tenant_id()))
        .bind(category_id)
        .bind(now)
        .bind(telemetry::propagation::current_traceparent())
        .bind(column(|wanted| &wanted.source))
        .bind(column(|wanted| &wanted.kind))
        .bind(column(|wanted| &wanted.term))
        .bind(categories)
        .bind(column(|wanted| &wanted.marketplace));
    execute(tx, query).await
}

/// A locked monitor, what it is to be, and when it runs next.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Which.
    pub id: Uuid,
    /// What it searches for stays, whatever stands here.
    pub wanted: Wanted,
    /// `None`: it runs on request alone.
    pub due_at: Option<DateTime<Utc>>,
}

/// Changes locked monitors; runs under way go on.
///
/// # Errors
/// When the statement fails.
pub async fn update(tx: &TenantTx, changed: &[Changed], now: DateTime<Utc>) -> Result<(), DbErr> {
    if changed.is_empty() {
        return Ok(());
    }
    let sql = "update crawl.monitor m
               set name = n.name, status = n.status, interval_seconds = n.interval_seconds, hits_limit = n.hits_limit,
                   alert = n.alert, track_up_to = n.track_up_to, tags = array(select jsonb_array_elements_text(n.tags)),
                   next_due_at = n.due_at, updated_at = $10
               from unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::boolean[],
                           $8::integer[], $9::jsonb[], $11::timestamptz[])
                   as n (id, name, status, interval_seconds, hits_limit, alert, track_up_to, tags, due_at)
               where m.tenant_id = $1 and m.id = n.id";
    let due: Vec<Option<DateTime<Utc>>> = changed.iter().map(|one| one.due_at).collect();
    let options = Options::of(changed.iter().map(|one| (one.id, &one.wanted)));
    let query = options
        .bind(sqlx::query(sql).bind(tx.tenant_id()))
        .bind(now)
        .bind(due);
    execute(tx, query).await
}

async fn execute(tx: &TenantTx, query: Query<'_>) -> Result<(), DbErr> {
    let done = query.execute(&mut *tx.sqlx().await).await;
    done.map(drop).map_err(db::query_error)
}

/// What can change of monitors, by column, as UNNEST wants it.
#[derive(Default)]
struct Options {
    ids: Vec<Uuid>,
    names: Vec<String>,
    statuses: Vec<&'static str>,
    intervals: Vec<i32>,
    limits: Vec<i32>,
    alerts: Vec<bool>,
    tracked: Vec<i32>,
    tags: Vec<Json>,
}

impl Options {
    fn of<'a>(all: impl Iterator<Item = (Uuid, &'a Wanted)>) -> Self {
        let mut columns = Self::default();
        for (id, wanted) in all {
            columns.ids.push(id);
            columns.names.push(wanted.name.clone());
            columns
                .statuses
                .push(if wanted.active { "active" } else { "paused" });
            columns.intervals.push(wanted.interval_seconds);
            columns.limits.push(wanted.hits_limit);
            columns.alerts.push(wanted.alert);
            columns.tracked.push(wanted.track_up_to);
            columns.tags.push(serde_json::json!(wanted.tags));
        }
        columns
    }

    /// Binds `$2` to `$9`.
    fn bind(self, query: Query<'_>) -> Query<'_> {
        query
            .bind(self.ids)
            .bind(self.names)
            .bind(self.statuses)
            .bind(self.intervals)
            .bind(self.limits)
            .bind(self.alerts)
            .bind(self.tracked)
            .bind(self.tags)
    }
}
