//! What a batch raises, and what tenants are told of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use db::outbox;
use sea_orm::DbErr;
use sea_orm::sqlx::PgConnection;
use uuid::Uuid;

use super::alerts::{By, Evaluation, Known, Replay, Verdicts, anchors_of, evaluate, spans_of};
use super::decide::{Item, Work};
use super::incoming::Origin;
use super::plan::Held;
use super::store::looks::{Relearnt, Span};
use super::store::rules::Listing;
use super::{events, store};

/// Evaluates rules, stores what they raise, and returns what tenants are told.
pub async fn alert_and_tell(
    connection: &mut PgConnection,
    work: &Work,
    relearnt: &[Relearnt],
    now: DateTime<Utc>,
) -> Result<Vec<outbox::NewEvent>, DbErr> {
    let verdicts = judge(connection, work, relearnt).await?;
    store::alerts::supersede(connection, &verdicts, now).await?;
    store::alerts::clear(connection, &verdicts.cleared, now).await?;
    let mut alerts = store::alerts::raise(connection, &verdicts.raised).await?;
    metrics::counter!("alerts_raised_total").increment(alerts.len() as u64);
    let versions: HashMap<Uuid, &By> = verdicts
        .raised
        .iter()
        .map(|raised| (raised.by.rule_id, &raised.by))
        .collect();
    alerts.retain(|alert| {
        let by = alert.rule_id.and_then(|rule| versions.get(&rule));
        events::is_news(alert, by.copied(), now)
    });

    let changed: BTreeMap<i64, Held> = work
        .planned
        .iter()
        .filter(|(id, planned)| {
            let crawled = |item: &Item| item.origin == Origin::Crawl;
            planned.figures_changed
                && work
                    .items
                    .get(id)
                    .is_some_and(|items| items.iter().any(crawled))
        })
        .map(|(id, planned)| (*id, planned.held.clone()))
        .collect();
    let mut told = Vec::new();
    if !alerts.is_empty() {
        let listing_ids = alerts.iter().filter_map(|alert| alert.listing_id).collect();
        let heads = store::content::heads(connection, listing_ids).await?;
        told.extend(events::alerts_raised(alerts, &heads));
    }
    told.extend(events::listings_changed(&changed));
    Ok(told)
}

/// What the rules say of a batch's looks.
async fn judge(
    connection: &mut PgConnection,
    work: &Work,
    relearnt: &[Relearnt],
) -> Result<Verdicts, DbErr> {
    let evaluations = evaluations(work, relearnt);
    let listings: Vec<Listing> = evaluations
        .iter()
        .map(|evaluation| Listing {
            id: evaluation.listing_id,
            seen_at: evaluation.before.map(|(at, _)| at),
            moved: !evaluation.moved().is_nothing(),
        })
        .collect();
    let trackings = store::rules::trackings(connection, &listings).await?;
    let rules = store::rules::of(connection, &trackings).await?;
    let (mut verdicts, open) = evaluate(&evaluations, &trackings, &rules);
    if !open.is_empty() {
        let spans = spans_of(&open);
        let known = Known {
            anchors: store::looks::anchors(connection, &anchors_of(&open)).await?,
            content: store::looks::content(connection, &spans).await?,
        };
        let mut replay = Replay::new(open, known);
        let judge = |span: &Span, loaded| replay.judge(span, loaded, &mut verdicts);
        store::looks::read(connection, &spans, judge).await?;
    }
    Ok(verdicts)
}

/// The looks of a batch that rules are judged at.
fn evaluations<'a>(work: &'a Work, relearnt: &'a [Relearnt]) -> Vec<Evaluation<'a>> {
    let content: BTreeMap<i64, &Relearnt> = relearnt
        .iter()
        .map(|relearnt| (relearnt.listing_id, relearnt))
        .collect();
    let listing_ids: BTreeSet<i64> = work.planned.keys().chain(content.keys()).copied().collect();
    listing_ids
        .into_iter()
        .map(|listing_id| {
            let planned = work.planned.get(&listing_id);
            let before = work.locked.get(&listing_id);
            let before = before.and_then(|held| held.newest.as_ref());
            Evaluation {
                listing_id,
                before: before.map(|(at, values)| (*at, values)),
                transitions: planned.map_or(&[], |planned| &planned.transitions),
                late: planned.is_some_and(|planned| planned.late),
                content: content
                    .get(&listing_id)
                    .map(|relearnt| (relearnt.at, relearnt.changes.as_slice())),
            }
        })
        .collect()
}
