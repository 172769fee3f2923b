//! `POST /alert-rules/test`.

use axum::extract::State as Shared;
use chrono::{DateTime, TimeDelta, Utc};
use db::TenantTx;
use domain::alert::{
    Anchors, Fired, Moved, Recall, Rule, Sight, Terms, Timeline, evaluate_local, replay,
};
use domain::history::Transition;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Json, auth};

use super::enough::Known;
use super::store::{self, Looks, MOST};
use super::view::{AlertRuleTest, AlertRuleTrial, TrialAlert};
use crate::State;
use crate::alerts::rules::{store as rules, wish};
use crate::error::database;
use crate::ingest::Replayed;
use crate::products::history::reach::shown_from;

/// Most alerts that an answer names.
const SHOWN: usize = 500;

/// The range where none is named, and the longest.
const USUAL: TimeDelta = TimeDelta::days(90);
const LONGEST: TimeDelta = TimeDelta::days(366);

/// Tries a rule on what was seen of a product: says where it would have fired, had it been there from the beginning of
/// the range. Nothing is stored and nobody is told.
#[utoipa::path(post, path = "/api/v1/alert-rules/test", tag = "alerts", request_body = AlertRuleTest,
    responses((status = 200, body = AlertRuleTrial), ReadProblems))]
pub async fn test_alert_rule(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    Json(body): Json<AlertRuleTest>,
) -> ApiResult<Json<AlertRuleTrial>> {
    let now = Utc::now();
    let (wanted_from, to) = range(&body, now)?;
    if body.product_id.is_some() == body.tracking_id.is_some() {
        return Err(ApiError::invalid(
            "product_id",
            "give exactly one of `product_id` and `tracking_id`",
        ));
    }
    let shown_from = shown_from(&state, caller.tenant_id, now).await?;
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let rule = tested(&tx, &body).await?;
    let subject = store::subject(&tx, body.product_id, body.tracking_id).await?;
    let reach = store::reach(&tx, subject.id).await?;
    let known = Known {
        shown_from,
        reach,
        tracked_at: subject.tracked_at,
    };
    let begins = wanted_from - rule.looks_back();
    let limited_to = known.limit(begins);
    if limited_to.is_some_and(|limit| to <= limit) {
        let day = shown_from.format("%Y-%m-%d");
        let message = format!("must be after {day}: your plan shows nothing before");
        return Err(ApiError::invalid("to", message));
    }
    let (from, begins) = match limited_to {
        Some(limit) => (wanted_from.max(limit), begins.max(limit)),
        None => (wanted_from, begins),
    };
    let mut looks = store::looks(&tx, subject.id, begins, to)
        .await?
        .ok_or_else(|| {
            let message = format!(
                "there are more than {MOST} looks from it on, with the {} days before it that the rule needs; choose a later one",
                rule.looks_back().num_days()
            );
            ApiError::invalid("from", message)
        })?;
    if let Some(limit) = limited_to {
        looks.begin_at(limit);
    }
    let content = match rule.watches().touches(Moved::CONTENT) {
        true => store::content(&tx, subject.id, from, to).await?,
        false => Vec::new(),
    };
    let anchors = match known.tracked_since() {
        Some(at) => store::anchors(&tx, subject.id, at, &rule.anchors()).await?,
        None => Anchors::default(),
    };
    tx.commit().await.map_err(database)?;
    let history = known.history(&rule, (wanted_from, to), limited_to);
    let turn = super::effort::turn().await?;
    let trial = tokio::task::spawn_blocking(move || {
        // Until it is done, whether or not anybody still waits for it.
        let _turn = turn;
        let count = looks.points.iter().filter(|(at, _)| *at >= from).count();
        (count, go_through(&rule, looks, content, from, anchors))
    });
    let (looks, fired) = trial.await.map_err(ApiError::internal)?;
    let fired = fired?;
    Ok(Json(AlertRuleTrial {
        product_id: subject.id,
        tracking_id: subject.tracking_id,
        from,
        to,
        looks,
        count: fired.len(),
        truncated: fired.len() > SHOWN,
        limited_to,
        fired: fired.iter().take(SHOWN).map(TrialAlert::of).collect(),
        history,
    }))
}

fn range(body: &AlertRuleTest, now: DateTime<Utc>) -> ApiResult<(DateTime<Utc>, DateTime<Utc>)> {
    let to = body.to.unwrap_or(now);
    let sensible = DateTime::UNIX_EPOCH..=now + LONGEST;
    if !sensible.contains(&to) {
        return Err(ApiError::invalid("to", "must be a time of ours"));
    }
    let from = body.from.unwrap_or(to - USUAL);
    if from >= to {
        return Err(ApiError::invalid("from", "must be before `to`"));
    }
    if to - from > LONGEST {
        let days = LONGEST.num_days();
        let message =
            format!("must be at most {days} days before `to`; try one year after the other");
        return Err(ApiError::invalid("from", message));
    }
    Ok((from, to))
}

async fn tested(tx: &TenantTx, body: &AlertRuleTest) -> ApiResult<Rule> {
    match (&body.rule_id, &body.rule) {
        (Some(id), None) => rules::find(tx, *id, false)
            .await?
            .rule()
            .ok_or_else(ApiError::not_found),
        (None, Some(rule)) => wish::rule(&rule.condition, rule.severity.as_deref(), "rule.")
            .map_err(ApiError::invalid_fields),
        _ => Err(ApiError::invalid(
            "rule",
            "give exactly one of `rule_id` and `rule`",
        )),
    }
}

/// Replays the rule with the code that judges what arrives.
fn go_through(
    rule: &Rule,
    looks: Looks,
    content: Vec<(DateTime<Utc>, Vec<domain::alert::ContentChange>)>,
    from: DateTime<Utc>,
    anchors: Anchors,
) -> ApiResult<Vec<Fired>> {
    if rule.is_local() {
        return Ok(step_by_step(rule, looks, from));
    }
    let mut replayed = Replayed {
        sights: looks
            .points
            .iter()
            .map(|(at, values)| Sight::of(*at, values))
            .collect(),
        begins: looks.begins,
    };
    replayed.tell(content);
    let recall = Recall::default();
    let line = Timeline::new(&replayed.sights, replayed.begins).with(&recall);
    let first = replayed.sights.partition_point(|sight| sight.at < from);
    let terms = Terms {
        since: from,
        anchors: Some(anchors),
    };
    let mut fired = Vec::new();
    for look in first..replayed.sights.len() {
        let told = replay(rule, &line, look..look + 1, &terms);
        fired.extend(
            told.map_err(|_| ApiError::internal("a rule needs more history than it says"))?,
        );
        super::effort::check(&recall)?;
    }
    Ok(fired)
}

fn step_by_step(rule: &Rule, looks: Looks, from: DateTime<Utc>) -> Vec<Fired> {
    let mut known = looks.known;
    let mut fired = Vec::new();
    let mut first = looks.begins;
    for (at, after) in looks.points {
        let transition = Transition {
            at,
            before: known.clone(),
            first,
            after,
        };
        if at >= from {
            fired.extend(evaluate_local(rule, &transition));
        }
        first = false;
        known.learn(&transition.after);
    }
    fired
}
