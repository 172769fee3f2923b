//! One batch: one transaction, a handful of statements.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use contracts::catalog::v1 as wire;
use db::outbox::{self, Schema};
use db::{SystemPool, SystemTx};
use domain::history::Accepted;
use sea_orm::DbErr;
use sea_orm::sqlx::PgConnection;

use super::alerts::{Evaluation, evaluate};
use super::content::NewContent;
use super::incoming::{self, Incoming, ListingName, Origin};
use super::plan::{Held, Planned, is_late, plan};
use super::store;
use super::store::history::Span;
use super::store::names::{Found, NewVariant};
use super::{Months, events};

/// What one caller sent.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where it comes from.
    pub origin: Origin,
    /// As on the wire.
    pub observations: Vec<wire::Observation>,
}

/// What became of one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Stored; it differs from the one before it.
    Changed,
    /// Stored, equal to the one before it.
    Unchanged,
    /// Known already.
    Duplicate,
    /// Not stored, for this reason.
    Refused(String),
}

impl From<Accepted> for Outcome {
    fn from(accepted: Accepted) -> Self {
        match accepted {
            Accepted::Changed => Self::Changed,
            Accepted::Unchanged => Self::Unchanged,
            Accepted::Duplicate => Self::Duplicate,
        }
    }
}

/// Stores observations.
#[derive(Debug, Clone)]
pub struct Ingest {
    pool: SystemPool,
    months: Arc<Months>,
}

/// A good observation of a known listing, and where its outcome goes.
struct Item {
    /// Position among all outcomes.
    slot: usize,
    listing_id: i64,
    origin: Origin,
    incoming: Incoming,
}

/// What a batch does to its listings.
#[derive(Default)]
struct Work {
    /// The states as they were locked.
    locked: BTreeMap<i64, Held>,
    planned: BTreeMap<i64, Planned>,
    /// The observations that were planned, by listing and in that order.
    items: BTreeMap<i64, Vec<Item>>,
}

impl Ingest {
    /// Stores through this pool.
    #[must_use]
    pub const fn new(pool: SystemPool, months: Arc<Months>) -> Self {
        Self { pool, months }
    }

    /// Stores batches together and says per batch what became of each observation. All or nothing: an error means
    /// that nothing was stored. `now` is the receiver's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn store(
        &self,
        batches: Vec<Batch>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Vec<Outcome>>, DbErr> {
        let sizes: Vec<usize> = batches
            .iter()
            .map(|batch| batch.observations.len())
            .collect();
        let mut outcomes = vec![Outcome::Duplicate; sizes.iter().sum()];
        let mut good = Vec::new();
        let sent = batches.into_iter().flat_map(|batch| {
            let origin = batch.origin;
            batch
                .observations
                .into_iter()
                .map(move |observation| (origin, observation))
        });
        for (slot, (origin, observation)) in sent.enumerate() {
            match incoming::read(observation, now) {
                Ok(incoming) => good.push((slot, origin, incoming)),
                Err(reason) => outcomes[slot] = Outcome::Refused(reason),
            }
        }
        let items = self.identify(good, &mut outcomes).await?;
        if !items.is_empty() {
            let instants = items.iter().map(|item| item.incoming.observed_at);
            self.months.ensure(&self.pool, instants).await?;
            self.write(items, &mut outcomes, now).await?;
        }
        let mut outcomes = outcomes.into_iter();
        Ok(sizes
            .into_iter()
            .map(|size| outcomes.by_ref().take(size).collect())
            .collect())
    }

    /// Finds each observation's listing; makes variants of known parents; refuses what nobody ever tracked.
    async fn identify(
        &self,
        good: Vec<(usize, Origin, Incoming)>,
        outcomes: &mut [Outcome],
    ) -> Result<Vec<Item>, DbErr> {
        let named = |(_, _, incoming): &(usize, Origin, Incoming)| {
            [Some(incoming.name.clone()), incoming.parent.clone()]
        };
        let names: BTreeSet<ListingName> = good.iter().flat_map(named).flatten().collect();
        let names: Vec<ListingName> = names.into_iter().collect();
        let tx = SystemTx::begin(&self.pool).await?;
        let mut connection = tx.sqlx().await;
        let mut found = store::names::resolve(&mut connection, &names).await?;
        let variants = new_variants(&good, &found);
        if !variants.is_empty() {
            let made: Vec<ListingName> = variants
                .iter()
                .map(|variant| variant.name.clone())
                .collect();
            store::names::make_variants(&mut connection, variants).await?;
            found.extend(store::names::resolve(&mut connection, &made).await?);
        }
        drop(connection);
        tx.commit().await?;
        let mut items = Vec::with_capacity(good.len());
        for (slot, origin, incoming) in good {
            match found.get(&incoming.name) {
                Some(Found { id, .. }) => items.push(Item {
                    slot,
                    listing_id: *id,
                    origin,
                    incoming,
                }),
                None => outcomes[slot] = Outcome::Refused("unknown listing".to_owned()),
            }
        }
        Ok(items)
    }

    async fn write(
        &self,
        items: Vec<Item>,
        outcomes: &mut [Outcome],
        now: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let mut connection = tx.sqlx().await;
        let work = decide(&mut connection, items).await?;
        for (listing_id, items) in &work.items {
            let Some(planned) = work.planned.get(listing_id) else {
                continue;
            };
            for (item, accepted) in items.iter().zip(&planned.accepted) {
                outcomes[item.slot] = (*accepted).into();
            }
        }
        store_figures(&mut connection, &work).await?;
        let events = alert_and_tell(&mut connection, &work, now).await?;
        outbox::append(&mut connection, Schema::Catalog, events).await?;
        drop(connection);
        tx.commit().await
    }
}

/// Variants named in observations that do not exist yet or have no parent yet, where the parent does.
fn new_variants(
    good: &[(usize, Origin, Incoming)],
    found: &BTreeMap<ListingName, Found>,
) -> Vec<NewVariant> {
    good.iter()
        .filter_map(|(_, _, incoming)| {
            let parent_id = found.get(incoming.parent.as_ref()?)?.id;
            let missing = found
                .get(&incoming.name)
                .is_none_or(|known| known.parent_id.is_none());
            missing.then(|| NewVariant {
                name: incoming.name.clone(),
                parent_id,
            })
        })
        .collect()
}

/// Locks the listings' states, drops rounds that were accepted before, and plans each listing.
async fn decide(connection: &mut PgConnection, items: Vec<Item>) -> Result<Work, DbErr> {
    let listing_ids: BTreeSet<i64> = items.iter().map(|item| item.listing_id).collect();
    let mut held = store::state::lock(connection, listing_ids.into_iter().collect()).await?;
    let mut work = Work {
        locked: held.clone(),
        ..Work::default()
    };
    for item in fresh(items, &mut held) {
        work.items.entry(item.listing_id).or_default().push(item);
    }
    let arrived: BTreeMap<i64, Vec<_>> = work
        .items
        .iter()
        .map(|(id, items)| {
            let points = items
                .iter()
                .map(|item| (item.incoming.observed_at, item.incoming.values.clone()));
            (*id, points.collect())
        })
        .collect();
    let spans: Vec<Span> = arrived
        .iter()
        .filter(|(id, points)| held.get(id).is_some_and(|held| is_late(held, points)))
        .filter_map(|(id, points)| {
            Some(Span {
                listing_id: *id,
                first: points.iter().map(|(at, _)| *at).min()?,
                last: points.iter().map(|(at, _)| *at).max()?,
            })
        })
        .collect();
    let mut near = store::history::neighbourhoods(connection, &spans).await?;
    for (id, points) in arrived {
        let Some(held) = held.get(&id) else { continue };
        work.planned
            .insert(id, plan(held, near.remove(&id), &points));
    }
    Ok(work)
}

/// The observations whose round was not accepted before, noting the rounds of the others as accepted now.
///
/// A variant's round is its parent's target's, and counted apart from that of a target of its own.
fn fresh(items: Vec<Item>, held: &mut BTreeMap<i64, Held>) -> Vec<Item> {
    let known: BTreeMap<i64, (i64, i64)> = held
        .iter()
        .map(|(id, held)| (*id, (held.last_round, held.last_parent_round)))
        .collect();
    let mut seen = HashSet::new();
    items
        .into_iter()
        .filter(|item| {
            let round = item.incoming.round;
            let of_parent = item.incoming.parent.is_some();
            let (own, parents) = known.get(&item.listing_id).copied().unwrap_or_default();
            let last = if of_parent { parents } else { own };
            let Some(held) = held.get_mut(&item.listing_id) else {
                return false;
            };
            if round == 0 {
                return true;
            }
            if round <= last || !seen.insert((item.listing_id, of_parent, round)) {
                return false;
            }
            let counted = if of_parent {
                &mut held.last_parent_round
            } else {
                &mut held.last_round
            };
            *counted = round.max(*counted);
            true
        })
        .collect()
}

/// Writes history, states and content.
async fn store_figures(connection: &mut PgConnection, work: &Work) -> Result<(), DbErr> {
    let mut rows = Vec::new();
    let mut states = Vec::new();
    let mut learnt: Vec<(i64, DateTime<Utc>, NewContent)> = Vec::new();
    for (id, planned) in &work.planned {
        let items = work.items.get(id).map(Vec::as_slice).unwrap_or_default();
        let origin_at: BTreeMap<DateTime<Utc>, Origin> = items
            .iter()
            .map(|item| (item.incoming.observed_at, item.origin))
            .collect();
        rows.extend(planned.writes.iter().map(|row| {
            // A row that stood before keeps its origin: writing replaces only its values.
            let origin = origin_at.get(&row.at).copied().unwrap_or(Origin::Crawl);
            (*id, origin.code(), row.clone())
        }));
        if work.locked.get(id) != Some(&planned.held) {
            states.push((*id, planned.held.clone()));
        }
        learnt.extend(content_of(*id, items));
    }
    store::history::write(connection, rows).await?;
    store::state::write(connection, states).await?;
    store::content::learn(connection, learnt).await
}

/// What a listing's observations say of it together, oldest first.
fn content_of(listing_id: i64, items: &[Item]) -> Option<(i64, DateTime<Utc>, NewContent)> {
    let mut told: Vec<(DateTime<Utc>, &NewContent)> = items
        .iter()
        .filter_map(|item| Some((item.incoming.observed_at, item.incoming.content.as_ref()?)))
        .collect();
    told.sort_by_key(|(at, _)| *at);
    let newest = told.last()?.0;
    let mut content = NewContent::default();
    for (_, later) in told {
        content.learn(later.clone());
    }
    Some((listing_id, newest, content))
}

/// Evaluates rules, stores what they raise, and returns what tenants are told.
async fn alert_and_tell(
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
        let listing_ids = alerts.iter().map(|alert| alert.listing_id).collect();
        let heads = store::content::heads(connection, listing_ids).await?;
        told.extend(events::alerts_raised(alerts, &heads));
    }
    if !changed.is_empty() {
        let watchers =
            store::content::watchers(connection, changed.keys().copied().collect()).await?;
        told.extend(events::listings_changed(watchers, &changed));
    }
    Ok(told)
}
