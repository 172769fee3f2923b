//! What a batch raises, and what tenants are told of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use db::outbox;
use sea_orm::DbErr;
use sea_orm::sqlx::PgConnection;

use super::alerts::{Evaluation, evaluate};
use super::decide::{Item, Work};
use super::incoming::Origin;
use super::plan::Held;
use super::{events, store};

/// Evaluates rules, stores what they raise, and returns what tenants are told.
pub async fn alert_and_tell(
    connection: &mut PgConnection,
    work: &Work,
    now: DateTime<Utc>,
) -> Result<Vec<outbox::NewEvent>, DbErr> {
    let evaluations: Vec<Evaluation<'_>> = work
        .planned
        .iter()
        .map(|(id, planned)| Evaluation {
            listing_id: *id,
            transitions: &planned.transitions,
            late: planned.late && !planned.transitions.is_empty(),
        })
        .filter(Evaluation::matters)
        .collect();
    let moved = evaluations
        .iter()
        .map(|evaluation| evaluation.listing_id)
        .collect();
    let rules = store::alerts::rules(connection, moved).await?;
    let (raised, silent) = evaluate(&evaluations, &rules);
    store::alerts::supersede(connection, &silent, now).await?;
    let mut alerts = store::alerts::raise(connection, &raised).await?;
    metrics::counter!("alerts_raised_total").increment(alerts.len() as u64);
    alerts.retain(|alert| events::is_news(alert, now));

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
