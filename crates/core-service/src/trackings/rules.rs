//! Rules of trackings, and those every tenant starts with.

use std::collections::HashMap;

use db::TenantTx;
use domain::alert::{DEFAULT_RULES, Kind};
use http_kit::ApiResult;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::view::TrackingRule;
use crate::error::database;
use crate::sql::statement;

/// Gives a tenant that has no rules of its own the default ones.
///
/// # Errors
/// When the database fails.
pub async fn ensure_defaults(tx: &TenantTx) -> ApiResult<()> {
    let rules = DEFAULT_RULES.map(|rule| (rule.kind.as_str().to_owned(), rule.threshold));
    let (kinds, thresholds): (Vec<String>, Vec<i64>) = rules.into_iter().unzip();
    let ids: Vec<Uuid> = kinds.iter().map(|_| Uuid::now_v7()).collect();
    tx.execute_raw(statement(
        "insert into catalog.alert_rule (tenant_id, id, kind, threshold_bp)
         select $1, n.id, n.kind, n.threshold_bp
         from unnest($2::uuid[], $3::text[], $4::bigint[]) as n (id, kind, threshold_bp)
         -- Deleted ones count too: who removed a default does not get it back.
         where not exists (select from catalog.alert_rule where tracking_id is null)
         on conflict do nothing",
        [
            tx.tenant_id().into(),
            ids.into(),
            kinds.into(),
            thresholds.into(),
        ],
    ))
    .await
    .map_err(database)?;
    Ok(())
}

/// Makes `rules` the tracking's own rules: new ones are added, moved ones get a new version, absent ones end.
///
/// # Errors
/// When the database fails.
pub async fn replace(tx: &TenantTx, tracking_id: Uuid, rules: &[TrackingRule]) -> ApiResult<()> {
    let kinds: Vec<String> = rules
        .iter()
        .map(|rule| Kind::from(rule.kind).as_str().to_owned())
        .collect();
    let thresholds: Vec<i64> = rules.iter().map(|rule| rule.threshold()).collect();
    let ids: Vec<Uuid> = rules.iter().map(|_| Uuid::now_v7()).collect();
    tx.execute_raw(statement(
        "update catalog.alert_rule set deleted_at = now()
         where tracking_id = $1 and deleted_at is null and kind <> all($2)",
        [tracking_id.into(), kinds.clone().into()],
    ))
    .await
    .map_err(database)?;
    tx.execute_raw(statement(
        "insert into catalog.alert_rule as r (tenant_id, id, tracking_id, kind, threshold_bp)
         select $1, n.id, $2, n.kind, n.threshold_bp
         from unnest($3::uuid[], $4::text[], $5::bigint[]) as n (id, kind, threshold_bp)
         on conflict (tenant_id, tracking_id, kind) where deleted_at is null do update
         set threshold_bp = excluded.threshold_bp, version = r.version + 1, enabled = true
         where r.threshold_bp <> excluded.threshold_bp or not r.enabled",
        [
            tx.tenant_id().into(),
            tracking_id.into(),
            ids.into(),
            kinds.into(),
            thresholds.into(),
        ],
    ))
    .await
    .map_err(database)?;
    Ok(())
}

#[derive(FromQueryResult)]
struct RuleRow {
    tracking_id: Uuid,
    kind: String,
    threshold_bp: i64,
}

/// The own rules of trackings.
///
/// # Errors
/// When the database fails.
pub async fn of_trackings(
    tx: &TenantTx,
    tracking_ids: Vec<Uuid>,
) -> ApiResult<HashMap<Uuid, Vec<TrackingRule>>> {
    let rows = RuleRow::find_by_statement(statement(
        "select tracking_id, kind, threshold_bp from catalog.alert_rule
         where tracking_id = any($1) and deleted_at is null and enabled order by kind",
        [tracking_ids.into()],
    ))
    .all(tx)
    .await
    .map_err(database)?;
    let mut rules: HashMap<Uuid, Vec<TrackingRule>> = HashMap::new();
    for row in rows {
        // A kind of a newer version is not ours to show.
        let Some(kind) = Kind::parse(&row.kind) else {
            continue;
        };
        rules
            .entry(row.tracking_id)
            .or_default()
            .push(TrackingRule::of(kind, row.threshold_bp));
    }
    Ok(rules)
}
