//! Rules in the tenant's own transaction.

use chrono::{DateTime, Utc};
use db::TenantTx;
use domain::alert::{Metric, Rule, SeverityChoice, default_rules};
use http_kit::{ApiError, ApiResult, PageRequest};
use sea_orm::sqlx::{self, AssertSqlSafe};
use sea_orm::{FromQueryResult, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use super::view::AlertRuleFilter;
use crate::error::database;
use crate::sql::{execute, fetch, statement};

/// Most rules of a tenant that are for all its trackings or for a tag: each batch of observations reads them all.
pub const MOST_WIDE: i64 = 200;
/// Most own rules of a tracking.
pub const MOST_OWN: i64 = 20;

/// A row of `catalog.alert_rule`.
#[derive(Debug, Clone, FromQueryResult)]
pub struct RuleRow {
    /// Its id.
    pub id: Uuid,
    /// The tracking it is for.
    pub tracking_id: Option<Uuid>,
    /// The tag whose trackings it is for.
    pub tag: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// The domain's own JSON.
    pub condition: Json,
    /// A domain choice of severity.
    pub severity: String,
    /// Whether it is on.
    pub enabled: bool,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Since when this version applies.
    pub since: DateTime<Utc>,
}

/// The columns of [`RuleRow`].
pub const COLUMNS: &str =
    "id, tracking_id, tag, name, version, condition, severity, enabled, created_at, since";

impl RuleRow {
    /// What it says; nothing when it is one of a newer version of the program.
    pub fn rule(&self) -> Option<Rule> {
        Some(Rule {
            condition: serde_json::from_value(self.condition.clone()).ok()?,
            severity: SeverityChoice::parse(&self.severity)?,
        })
    }
}

/// A rule to store.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// The tracking it is for.
    pub tracking_id: Option<Uuid>,
    /// The tag whose trackings it is for.
    pub tag: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// What it says.
    pub rule: Rule,
    /// Whether it is on.
    pub enabled: bool,
}

/// One page of rules, newest first, with one row more when there is a next page.
///
/// # Errors
/// 422 for a foreign cursor; when the database fails.
pub async fn list(
    tx: &TenantTx,
    filter: &AlertRuleFilter,
    page: &PageRequest,
) -> ApiResult<Vec<RuleRow>> {
    let mut values: Vec<Value> = vec![i64::try_from(page.fetch()).unwrap_or(i64::MAX).into()];
    let mut conditions = vec!["deleted_at is null".to_owned()];
    if let Some(tracking_id) = filter.tracking_id {
        values.push(tracking_id.into());
        conditions.push(format!("tracking_id = ${}", values.len()));
    }
    if let Some(tag) = &filter.tag {
        values.push(tag.clone().into());
        conditions.push(format!("tag = ${}", values.len()));
    }
    if let Some((at, id)) = page.after::<(DateTime<Utc>, Uuid)>()? {
        values.extend([at.into(), id.into()]);
        let place = values.len();
        conditions.push(format!("(created_at, id) < (${}, ${place})", place - 1));
    }
    let sql = format!(
        "select {COLUMNS} from catalog.alert_rule where {} order by created_at desc, id desc limit $1",
        conditions.join(" and ")
    );
    RuleRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await
        .map_err(database)
}

/// One rule, locked when it is about to change.
///
/// # Errors
/// The same 404 for an unknown rule and another tenant's.
pub async fn find(tx: &TenantTx, id: Uuid, for_update: bool) -> ApiResult<RuleRow> {
    // Weak enough for the foreign keys of alerts that ingest is just writing.
    let lock = if for_update { "for no key update" } else { "" };
    let sql = format!(
        "select {COLUMNS} from catalog.alert_rule where id = $1 and deleted_at is null {lock}"
    );
    RuleRow::find_by_statement(statement(sql, [id.into()]))
        .one(tx)
        .await
        .map_err(database)?
        .ok_or_else(ApiError::not_found)
}

/// How many rules there are for a tracking, or for none.
///
/// # Errors
/// When the database fails.
pub async fn count(tx: &TenantTx, tracking_id: Option<Uuid>) -> ApiResult<i64> {
    let query = sqlx::query_scalar(
        "select count(*) from catalog.alert_rule
         where deleted_at is null and tracking_id is not distinct from $1",
    );
    query
        .bind(tracking_id)
        .fetch_one(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)
        .map_err(database)
}

/// Stores rules; they are shown in the order given.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &TenantTx, rules: &[NewRow], seeded: bool) -> ApiResult<Vec<RuleRow>> {
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = rules.iter().map(|new| new.rule.topic());
    let metrics = kinds
        .clone()
        .map(|topic| topic.and_then(|topic| topic.metric));
    let sql = format!(
        "insert into catalog.alert_rule
             (tenant_id, id, tracking_id, tag, name, kind, metric, condition, severity, enabled, first_sight, seeded)
         select $1, n.id, n.tracking_id, n.tag, n.name, n.kind, n.metric, n.condition, n.severity, n.enabled,
                n.first_sight, $2
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::jsonb[], $10::text[],
                     $11::boolean[], $12::boolean[])
             as n (id, tracking_id, tag, name, kind, metric, condition, severity, enabled, first_sight)
         on conflict (tenant_id, kind) where seeded do nothing
         returning {COLUMNS}"
    );
    let conditions = rules
        .iter()
        .map(|new| serde_json::json!(new.rule.condition));
    let severities = rules.iter().map(|new| new.rule.severity.as_str());
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(tx.tenant_id())
        .bind(seeded)
        .bind(rules.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
        .bind(rules.iter().map(|new| new.tracking_id).collect::<Vec<_>>())
        .bind(rules.iter().map(|new| new.tag.clone()).collect::<Vec<_>>())
        .bind(rules.iter().map(|new| new.name.clone()).collect::<Vec<_>>())
        .bind(
            kinds
                .map(|topic| topic.map(|topic| topic.kind.as_str()))
                .collect::<Vec<_>>(),
        )
        .bind(
            metrics
                .map(|metric| metric.map(Metric::as_str))
                .collect::<Vec<_>>(),
        )
        .bind(conditions.collect::<Vec<_>>())
        .bind(severities.collect::<Vec<_>>())
        .bind(rules.iter().map(|new| new.enabled).collect::<Vec<_>>())
        .bind(
            rules
                .iter()
                .map(|new| new.rule.stands())
                .collect::<Vec<_>>(),
        );
    fetch(&mut *tx.sqlx().await, query).await.map_err(database)
}

/// Gives a tenant that never had them the rules every tenant starts with.
///
/// # Errors
/// When the database fails.
pub async fn ensure_defaults(tx: &TenantTx) -> ApiResult<()> {
    let known = sqlx::query_scalar("select exists (select from catalog.alert_rule where seeded)")
        .fetch_one(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)
        .map_err(database)?;
    if known {
        return Ok(());
    }
    let rules = default_rules().map(|rule| NewRow {
        tracking_id: None,
        tag: None,
        name: None,
        rule,
        enabled: true,
    });
    insert(tx, &rules, true).await?;
    Ok(())
}

/// What of a rule becomes another thing.
#[derive(Debug)]
pub struct Change<'a> {
    /// What people call it.
    pub name: Option<&'a str>,
    /// What it says.
    pub rule: &'a Rule,
    /// Whether it is on.
    pub enabled: bool,
    /// Whether that makes it a new version, whose memory is empty.
    pub anew: bool,
}

/// Changes a rule.
///
/// # Errors
/// When the database fails.
pub async fn update(tx: &TenantTx, id: Uuid, change: Change<'_>) -> ApiResult<RuleRow> {
    let before = scopes(tx, &[id]).await?;
    let topic = change.rule.topic();
    let sql = format!(
        "update catalog.alert_rule
         set name = $2, kind = coalesce($3, kind), metric = $4, condition = $5, severity = $6, enabled = $7,
             first_sight = $8, version = version + case when $9 then 1 else 0 end,
             since = case when $9 then now() else since end
         where id = $1 and deleted_at is null returning {COLUMNS}"
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(id)
        .bind(change.name)
        .bind(topic.map(|topic| topic.kind.as_str()))
        .bind(topic.and_then(|topic| topic.metric).map(Metric::as_str))
        .bind(serde_json::json!(change.rule.condition))
        .bind(change.rule.severity.as_str())
        .bind(change.enabled)
        .bind(change.rule.stands())
        .bind(change.anew);
    let rows: Vec<RuleRow> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    let kind = topic.map(|topic| topic.kind.as_str());
    let metric = topic.and_then(|topic| topic.metric).map(Metric::as_str);
    let left = before
        .into_iter()
        .filter(|scope| Some(scope.kind.as_str()) != kind || scope.metric.as_deref() != metric);
    let left = left.collect();
    make_way(tx, left).await?;
    rows.into_iter().next().ok_or_else(ApiError::not_found)
}

/// What a rule is about, and for whom.
#[derive(Debug, FromQueryResult)]
struct Scope {
    tracking_id: Option<Uuid>,
    tag: Option<String>,
    kind: String,
    metric: Option<String>,
}

/// Of those rules that are for some trackings only.
async fn scopes(tx: &TenantTx, ids: &[Uuid]) -> ApiResult<Vec<Scope>> {
    let query = sqlx::query(
        "select tracking_id, tag, kind, metric from catalog.alert_rule
         where id = any($1) and deleted_at is null and (tracking_id is not null or tag is not null)",
    );
    fetch(&mut *tx.sqlx().await, query.bind(ids))
        .await
        .map_err(database)
}

/// Lets trackings begin anew with the wider rules whose place these took: what is true by then is told at the next look.
async fn make_way(tx: &TenantTx, scopes: Vec<Scope>) -> ApiResult<()> {
    if scopes.is_empty() {
        return Ok(());
    }
    let (mut trackings, mut tags) = (Vec::new(), Vec::new());
    let (mut kinds, mut metrics) = (Vec::new(), Vec::new());
    for scope in scopes {
        trackings.push(scope.tracking_id);
        tags.push(scope.tag);
        kinds.push(scope.kind);
        metrics.push(scope.metric);
    }
    let update = sqlx::query(
        "update catalog.tracking t set rules_since = now()
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as s (tracking_id, tag, kind, metric)
         where t.deleted_at is null and (t.id = s.tracking_id or s.tag = any(t.tags))
           and exists (select from catalog.alert_rule r
                       where r.tenant_id = t.tenant_id and r.tracking_id is null and r.deleted_at is null and r.enabled
                         and r.kind = s.kind and r.metric is not distinct from s.metric
                         and (r.tag is null or s.tracking_id is not null and r.tag = any(t.tags)))",
    );
    let update = update.bind(trackings).bind(tags).bind(kinds).bind(metrics);
    execute(&mut *tx.sqlx().await, update)
        .await
        .map_err(database)?;
    Ok(())
}

/// Ends rules; their alerts stay.
///
/// # Errors
/// When the database fails.
pub async fn delete(tx: &TenantTx, ids: &[Uuid]) -> ApiResult<u64> {
    let ended = scopes(tx, ids).await?;
    let query = sqlx::query(
        "update catalog.alert_rule set deleted_at = now() where id = any($1) and deleted_at is null",
    );
    let count = execute(&mut *tx.sqlx().await, query.bind(ids))
        .await
        .map_err(database)?;
    make_way(tx, ended).await?;
    Ok(count)
}

/// The own rules of trackings, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_trackings(tx: &TenantTx, tracking_ids: Vec<Uuid>) -> ApiResult<Vec<RuleRow>> {
    let sql = format!(
        "select {COLUMNS} from catalog.alert_rule
         where tracking_id = any($1) and tracking_id is not null and deleted_at is null order by created_at, id"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(tracking_ids);
    fetch(&mut *tx.sqlx().await, query).await.map_err(database)
}
