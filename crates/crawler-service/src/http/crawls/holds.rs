//! Who holds crawls up.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::DbErr;

use crate::rules::admission::{Breaker, word};
use crate::rules::story::Hold;
use crate::storage::crawls::Crawl;
use crate::storage::sources::{self, SourceState};

/// The sources that these crawls still need and that are not asked at `now`.
pub(crate) async fn holds(
    tx: &TenantTx,
    crawls: &[Crawl],
    now: DateTime<Utc>,
) -> Result<Vec<Hold>, DbErr> {
    let needed: BTreeSet<&str> = crawls
        .iter()
        .filter(|crawl| crawl.finished_at.is_none())
        .flat_map(|crawl| crawl.sources.iter().map(String::as_str))
        .collect();
    if needed.is_empty() {
        return Ok(Vec::new());
    }
    let needed = needed.into_iter().map(ToOwned::to_owned).collect();
    let states = sources::standings(tx, needed).await?;
    Ok(states.iter().filter_map(|row| hold(row, now)).collect())
}

fn hold(row: &SourceState, now: DateTime<Utc>) -> Option<Hold> {
    let breaker = Breaker::parse(&row.breaker)?;
    let state = word(
        breaker,
        row.paused_until,
        row.gap_percent.unsigned_abs(),
        now,
    );
    let until = match state {
        "open" => row.probe_at,
        "paused" => row.paused_until,
        _ => return None,
    };
    let name = row.source.parse().ok().and_then(connectors::about);
    Some(Hold {
        source: row.source.clone(),
        name: name.map_or_else(|| row.source.clone(), |about| about.name.to_owned()),
        state,
        // A probe that was due is under way.
        until: until.filter(|at| *at > now),
        reason: row.last_error.clone(),
    })
}
