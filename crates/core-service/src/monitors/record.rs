//! From hits to listings that the tenant watches, alerts about new ones, and trackings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use contracts::catalog::v1 as wire;
use contracts::catalog::v1::record_hits_response::Hit as Answer;
use db::outbox::{self, Schema};
use db::{SystemTx, TenantTx};
use http_kit::{ApiError, ApiResult};
use uuid::Uuid;

use super::named::{self, Hit};
use super::store;
use super::tracking::{self, Tracked};
use crate::State;
use crate::error::database;
use crate::ingest::{Batch, ListingName, NotStored, Origin, resolve};
use crate::trackings::store as watches;
use crate::trackings::timing::Limits;

/// Whose hits they are.
#[derive(Debug, Clone)]
pub struct Monitor {
    /// Its id.
    pub id: Uuid,
    /// Its name, for people.
    pub name: String,
    /// Whether new hits are told.
    pub tell: bool,
    /// Hits are tracked while there are fewer of its trackings than this.
    pub track_up_to: i64,
    /// For those trackings.
    pub tags: Vec<String>,
}

/// Records hits for a tenant and says, in the order sent, what became of each. Without a monitor they come from a live
/// read. Doing it again changes nothing.
///
/// # Errors
/// When the database cannot take them; then some of the listings may exist already, unseen.
pub async fn record(
    state: &State,
    tenant_id: Uuid,
    monitor: Option<Monitor>,
    sent: Vec<wire::Observation>,
    now: DateTime<Utc>,
) -> ApiResult<Vec<Answer>> {
    let mut answers = vec![Answer::default(); sent.len()];
    let mut hits: Vec<(usize, Hit)> = Vec::with_capacity(sent.len());
    for (place, told) in sent.into_iter().enumerate() {
        match named::read(tenant_id, told) {
            Ok(hit) => hits.push((place, hit)),
            Err(reason) => answers[place].reason = reason,
        }
    }
    let mut ids = find_or_make(state, tenant_id, &hits).await?;
    ingest(state, &hits, &ids).await?;
    ids.extend(variants(state, &hits).await?);
    let mut listed: Vec<i64> = Vec::with_capacity(hits.len());
    for (place, hit) in &hits {
        match ids.get(&hit.name) {
            Some(id) => {
                answers[*place].listing_id = *id;
                if !hit.variant && !listed.contains(id) {
                    listed.push(*id);
                }
            }
            None => "its parent is not known".clone_into(&mut answers[*place].reason),
        }
    }
    let shown = show(state, tenant_id, monitor, &listed, now).await?;
    for answer in &mut answers {
        answer.new = shown.new.contains(&answer.listing_id);
        answer.tracked = shown.tracked.listings.contains(&answer.listing_id);
        if let Some(plan) = shown
            .plan
            .as_ref()
            .filter(|_| shown.tracked.without_place.contains(&answer.listing_id))
        {
            answer.reason = no_place(plan);
        }
    }
    Ok(answers)
}

/// Forgets a monitor's hits, and the watches that nothing else needs.
///
/// # Errors
/// When the database fails.
pub async fn forget(state: &State, tenant_id: Uuid, monitor_id: Uuid) -> ApiResult<()> {
    let tx = begin(state, tenant_id).await?;
    watches::hold_watches(&tx).await?;
    let listings = store::forget(&tx, monitor_id).await?;
    watches::drop_idle_watches(&tx, &listings).await?;
    tx.commit().await.map_err(database)
}

/// Why a hit is not tracked by itself.
fn no_place(limits: &Limits) -> String {
    let (plan, most) = (&limits.plan, limits.tracked_products);
    format!(
        "new hits are not tracked: the plan {plan} allows {most} tracked products, and all are taken"
    )
}

async fn begin(state: &State, tenant_id: Uuid) -> ApiResult<TenantTx> {
    TenantTx::begin(&state.pools().api, tenant_id)
        .await
        .map_err(database)
}

/// The listings of hits that are no variants. In a transaction of its own, so that ingest finds them.
async fn find_or_make(
    state: &State,
    tenant_id: Uuid,
    hits: &[(usize, Hit)],
) -> ApiResult<BTreeMap<ListingName, i64>> {
    let wanted: BTreeMap<&ListingName, &Hit> = hits
        .iter()
        .filter(|(_, hit)| !hit.variant)
        .map(|(_, hit)| (&hit.name, hit))
        .collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let named: Vec<watches::Named> = wanted.values().map(|hit| hit.named()).collect();
    let tx = begin(state, tenant_id).await?;
    let ids = watches::resolve_listings(&tx, &named).await?;
    tx.commit().await.map_err(database)?;
    Ok(wanted.into_keys().cloned().zip(ids).collect())
}

/// Stores what the list told, except of listings that are crawled: their own crawls tell more, and a list's silence would
/// take from what they know.
async fn ingest(
    state: &State,
    hits: &[(usize, Hit)],
    ids: &BTreeMap<ListingName, i64>,
) -> ApiResult<()> {
    let tx = SystemTx::begin(&state.pools().system)
        .await
        .map_err(database)?;
    let known: Vec<i64> = ids.values().copied().collect();
    let crawled = store::crawled(&tx, known).await?;
    tx.commit().await.map_err(database)?;
    let parent_of = |hit: &Hit| ListingName {
        external_id: hit
            .told
            .parent_external_id
            .clone()
            .unwrap_or_else(|| hit.name.external_id.clone()),
        ..hit.name.clone()
    };
    let observations: Vec<wire::Observation> = hits
        .iter()
        .filter(|(_, hit)| {
            let family = ids.get(&parent_of(hit));
            // A bare name tells nothing.
            let told = hit.told.values.is_some() || hit.told.content.is_some();
            told && family.is_none_or(|id| !crawled.contains(id))
        })
        .map(|(_, hit)| hit.told.clone())
        .collect();
    if observations.is_empty() {
        return Ok(());
    }
    let batch = Batch {
        origin: Origin::Crawl,
        observations,
    };
    // What it refuses or sets apart stands in the ledger; the listing is found all the same.
    state
        .ingest()
        .store(batch)
        .await
        .map(drop)
        .map_err(|error| match error {
            NotStored::Unavailable => ApiError::unavailable(error),
            NotStored::Failed => ApiError::internal(error),
        })
}

/// The variants among the hits, which ingest made where their parent is known.
async fn variants(state: &State, hits: &[(usize, Hit)]) -> ApiResult<BTreeMap<ListingName, i64>> {
    let names: BTreeSet<ListingName> = hits
        .iter()
        .filter(|(_, hit)| hit.variant)
        .map(|(_, hit)| hit.name.clone())
        .collect();
    let names: Vec<ListingName> = names.into_iter().collect();
    let tx = SystemTx::begin(&state.pools().system)
        .await
        .map_err(database)?;
    let found = resolve(&mut *tx.sqlx().await, &names)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    Ok(found
        .into_iter()
        .map(|(name, found)| (name, found.id))
        .collect())
}

/// What is different for the tenant afterwards.
#[derive(Debug, Default)]
struct Shown {
    /// Listings that the monitor never had.
    new: BTreeSet<i64>,
    /// Which listings are tracked from now on, and which would be with a larger plan.
    tracked: Tracked,
    /// The plan that was asked.
    plan: Option<Arc<Limits>>,
}

/// Lets the tenant watch the listings, notes whose hits they are, tells of new ones and tracks them: all or nothing.
async fn show(
    state: &State,
    tenant_id: Uuid,
    monitor: Option<Monitor>,
    listed: &[i64],
    now: DateTime<Utc>,
) -> ApiResult<Shown> {
    let mut shown = Shown::default();
    if listed.is_empty() {
        return Ok(shown);
    }
    // Asked before anything is held.
    let limits = match &monitor {
        Some(monitor) if monitor.track_up_to > 0 => Some(state.plans().of(tenant_id).await?),
        _ => None,
    };
    let tx = begin(state, tenant_id).await?;
    watches::hold_watches(&tx).await?;
    watches::watch(&tx, listed, monitor.is_none()).await?;
    if let Some(monitor) = monitor {
        let noted = store::note(&tx, monitor.id, listed, now).await?;
        let is_new = |id: &&i64| noted.get(*id).is_some_and(|hit| hit.new);
        let new: Vec<i64> = listed.iter().filter(is_new).copied().collect();
        if monitor.tell && !new.is_empty() {
            let alerts = store::raise(&tx, &monitor, &new, now).await?;
            metrics::counter!("alerts_raised_total").increment(alerts.len() as u64);
            outbox::append(&mut *tx.sqlx().await, Schema::Catalog, alerts)
                .await
                .map_err(database)?;
        }
        // Each hit is tracked by itself once at most: what a person ended is not made again.
        let never = |id: &&i64| noted.get(*id).is_some_and(|hit| !hit.tracked_before);
        let candidates: Vec<i64> = listed.iter().filter(never).copied().collect();
        if let Some(limits) = limits {
            shown.tracked = tracking::track(&tx, &monitor, candidates, &limits, now).await?;
            shown.plan = Some(limits);
        }
        shown.new.extend(new);
    }
    tx.commit().await.map_err(database)?;
    Ok(shown)
}
