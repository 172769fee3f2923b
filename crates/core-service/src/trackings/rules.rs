//! Own rules of trackings.

use std::collections::HashMap;

use db::TenantTx;
use domain::alert::{Metric, Rule};
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::view::{NewTrackingRule, TrackingRule};
pub use crate::alerts::rules::store::ensure_defaults;
use crate::alerts::rules::store::{self, Change, NewRow, RuleRow};
use crate::alerts::rules::{basis_points, wish};
use crate::error::database;
use crate::sql::statement;

/// An own rule that a person wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// What it is called.
    name: Option<String>,
    /// What it says.
    rule: Rule,
}

/// Reads the rules of a request.
///
/// # Errors
/// 422 with all that is wrong, by field.
pub fn wanted(rules: &[NewTrackingRule]) -> ApiResult<Vec<Wanted>> {
    let (mut wanted, mut wrong) = (Vec::new(), Vec::new());
    for (index, rule) in rules.iter().enumerate() {
        match one(rule, &format!("rules[{index}].")) {
            Ok(rule) => wanted.push(rule),
            Err(errors) => wrong.extend(errors),
        }
    }
    let plain = || rules.iter().filter(|rule| rule.condition.is_none());
    let mut kinds: Vec<_> = plain().filter_map(|rule| rule.kind.as_deref()).collect();
    kinds.sort_unstable();
    if kinds.windows(2).any(|pair| pair[0] == pair[1]) {
        wrong.push(FieldError::new("rules", "must name each kind once"));
    }
    if wrong.is_empty() {
        Ok(wanted)
    } else {
        Err(ApiError::invalid_fields(wrong))
    }
}

fn one(wanted: &NewTrackingRule, path: &str) -> Result<Wanted, Vec<FieldError>> {
    let name = wanted.name.as_deref();
    let name = name.map(|name| wish::name(name, path)).transpose();
    let severity = wanted.severity.as_deref();
    let rule = match &wanted.condition {
        Some(condition) => wish::rule(condition, severity, path),
        None => plain(wanted, path),
    };
    match (name, rule) {
        (Ok(name), Ok(rule)) => Ok(Wanted { name, rule }),
        (name, rule) => Err(rule
            .err()
            .unwrap_or_default()
            .into_iter()
            .chain(name.err())
            .collect()),
    }
}

/// A move of price or rank from the value before.
fn plain(wanted: &NewTrackingRule, path: &str) -> Result<Rule, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let metric = match wanted.kind.as_deref() {
        Some("price") => Some(Metric::Price),
        Some("rank") => Some(Metric::Rank),
        _ => {
            let message = "must be one of: price, rank; for other rules give a `condition`";
            wrong.push(FieldError::new(format!("{path}kind"), message));
            None
        }
    };
    let percent = wanted.percent.and_then(basis_points);
    if percent.is_none() {
        let message = "must be a number from 0.01 to 1000";
        wrong.push(FieldError::new(format!("{path}percent"), message));
    }
    let severity = wish::chosen(wanted.severity.as_deref(), path);
    match (metric.zip(percent), severity) {
        (Some((metric, percent)), Ok(severity)) => Ok(Rule {
            severity,
            ..Rule::moved(metric, percent)
        }),
        (_, severity) => Err(wrong.into_iter().chain(severity.err()).collect()),
    }
}

/// Makes `wanted` the tracking's own rules: new ones are added, changed ones of a kind get a new version, absent ones
/// end, and those that are there stay as they are.
///
/// # Errors
/// When the database fails.
pub async fn replace(tx: &TenantTx, tracking_id: Uuid, wanted: &[Wanted]) -> ApiResult<()> {
    let mut known = store::of_trackings(tx, vec![tracking_id]).await?;
    let mut open: Vec<&Wanted> = wanted.iter().collect();
    open.retain(|wanted| {
        let same = known.iter().position(|row| {
            row.enabled && row.name == wanted.name && row.rule().as_ref() == Some(&wanted.rule)
        });
        same.map(|place| known.remove(place)).is_none()
    });
    let mut new = Vec::new();
    for wanted in open {
        let alike = known.iter().position(|row| {
            let rule = row.rule();
            rule.is_some_and(|rule| rule.topic() == wanted.rule.topic())
        });
        match alike.map(|place| known.remove(place)) {
            Some(row) => {
                let change = Change {
                    name: wanted.name.as_deref(),
                    rule: &wanted.rule,
                    enabled: true,
                    anew: !row.enabled || row.rule().as_ref() != Some(&wanted.rule),
                };
                store::update(tx, row.id, change).await?;
            }
            None => new.push(NewRow {
                tracking_id: Some(tracking_id),
                tag: None,
                name: wanted.name.clone(),
                rule: wanted.rule.clone(),
                enabled: true,
            }),
        }
    }
    let absent: Vec<Uuid> = known.iter().map(|row| row.id).collect();
    store::delete(tx, &absent).await?;
    store::insert(tx, &new, false).await?;
    Ok(())
}

/// The own rules of trackings.
///
/// # Errors
/// When the database fails.
pub async fn of_trackings(
    tx: &TenantTx,
    tracking_ids: Vec<Uuid>,
) -> ApiResult<HashMap<Uuid, Vec<TrackingRule>>> {
    let rows = store::of_trackings(tx, tracking_ids).await?;
    let mut rules: HashMap<Uuid, Vec<TrackingRule>> = HashMap::new();
    for row in rows.into_iter().filter(|row| row.enabled) {
        let RuleRow {
            tracking_id, name, ..
        } = row.clone();
        // One of a newer version of the program is not ours to show.
        if let (Some(tracking_id), Some(rule)) = (tracking_id, row.rule()) {
            rules
                .entry(tracking_id)
                .or_default()
                .extend(TrackingRule::of(name, &rule));
        }
    }
    for rules in rules.values_mut() {
        rules.sort_by(|a, b| a.kind.cmp(&b.kind));
    }
    Ok(rules)
}

/// Whether the tenant has this tracking.
///
/// # Errors
/// When the database fails.
pub async fn is_live(tx: &TenantTx, tracking_id: Uuid) -> ApiResult<bool> {
    let found = tx
        .query_one_raw(statement(
            "select 1 from catalog.tracking where id = $1 and deleted_at is null",
            [tracking_id.into()],
        ))
        .await
        .map_err(database)?;
    Ok(found.is_some())
}
