//! One batch: one transaction, a handful of statements.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use cache::Cache;
use chrono::{DateTime, NaiveDate, Utc};
use contracts::catalog::v1 as wire;
use db::outbox::{self, Schema};
use db::{SystemPool, SystemTx};
use domain::history::Accepted;
use sea_orm::DbErr;
use sea_orm::sqlx::PgConnection;

use super::Months;
use super::content::NewContent;
use super::decide::{Item, Work, decide};
use super::incoming::{self, Incoming, ListingName, Origin, Refused, RefusedLook};
use super::known::KnownNames;
use super::store::looks::Relearnt;
use super::store::names::{Found, NewVariant};
use super::store::refusals::Refusal;
use super::telling::alert_and_tell;
use super::{recalled, store};
use crate::answers::tell_changed;
use crate::retention;

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
    /// Set apart for this reason until another look decides.
    Quarantined(String),
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
    known: Arc<KnownNames>,
    cache: Option<Cache>,
}

impl Ingest {
    /// Stores through this pool.
    #[must_use]
    pub fn new(pool: SystemPool, months: Arc<Months>) -> Self {
        Self {
            pool,
            months,
            known: Arc::default(),
            cache: None,
        }
    }

    /// The names that were looked up before.
    #[must_use]
    pub fn known(&self) -> Arc<KnownNames> {
        Arc::clone(&self.known)
    }

    /// Makes what is kept about the stored listings worthless before it says that they are stored. Other processes
    /// hear of it from the database.
    #[must_use]
    pub fn forgetting_in(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Stores batches together and says per batch what became of each observation. All or nothing: an error means
    /// that nothing was stored. `now` is the receiver's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn store(
        &self,
        batches: &[Batch],
        now: DateTime<Utc>,
    ) -> Result<Vec<Vec<Outcome>>, DbErr> {
        let sizes: Vec<usize> = batches
            .iter()
            .map(|batch| batch.observations.len())
            .collect();
        let mut outcomes = vec![Outcome::Duplicate; sizes.iter().sum()];
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let sent = batches.iter().flat_map(|batch| {
            let observations = batch.observations.iter();
            observations.map(|observation| (batch.origin, observation))
        });
        for (slot, (origin, observation)) in sent.enumerate() {
            match incoming::read(observation.clone(), now) {
                Ok(incoming) => good.push((slot, origin, incoming)),
                Err(Refused { reason, look }) => {
                    outcomes[slot] = Outcome::Refused(reason.clone());
                    if let (Some(look), Origin::Crawl) = (look, origin) {
                        bad.push((*look, reason));
                    }
                }
            }
        }
        let (items, refusals) = self.identify(good, bad, &mut outcomes).await?;
        if !items.is_empty() || !refusals.is_empty() {
            let instants = items.iter().map(|item| item.incoming.observed_at);
            self.months.ensure(&self.pool, instants, now).await?;
            self.write(items, refusals, &mut outcomes, now).await?;
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
        bad: Vec<(RefusedLook, String)>,
        outcomes: &mut [Outcome],
    ) -> Result<(Vec<Item>, Vec<Refusal>), DbErr> {
        let named = |(_, _, incoming): &(usize, Origin, Incoming)| {
            [Some(incoming.name.clone()), incoming.parent.clone()]
        };
        let refused = bad.iter().map(|(look, _)| look.name.clone());
        let names: BTreeSet<ListingName> = good
            .iter()
            .flat_map(named)
            .flatten()
            .chain(refused)
            .collect();
        let (mut found, unknown) = self.remembered(names, &good);
        if !unknown.is_empty() {
            self.look_up(unknown, &good, &mut found).await?;
        }
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
        let refusals = bad.into_iter().filter_map(|(look, reason)| {
            Some(Refusal {
                listing_id: found.get(&look.name)?.id,
                code: look.code,
                reason,
                observed_at: look.observed_at,
            })
        });
        Ok((items, refusals.collect()))
    }

    /// Splits names into those whose listing is remembered and those to look up.
    ///
    /// A variant remembered without its parent is looked up: it may have to be put under it.
    fn remembered(
        &self,
        names: BTreeSet<ListingName>,
        good: &[(usize, Origin, Incoming)],
    ) -> (BTreeMap<ListingName, Found>, Vec<ListingName>) {
        let variants: HashSet<&ListingName> = good
            .iter()
            .filter(|(_, _, incoming)| incoming.parent.is_some())
            .map(|(_, _, incoming)| &incoming.name)
            .collect();
        let names: Vec<ListingName> = names.into_iter().collect();
        let known = self.known.find(&names);
        let (mut found, mut unknown) = (BTreeMap::new(), Vec::new());
        for (name, known) in names.into_iter().zip(known) {
            match known {
                Some(known) if known.parent_id.is_some() || !variants.contains(&name) => {
                    found.insert(name, known);
                }
                _ => unknown.push(name),
            }
        }
        (found, unknown)
    }

    /// Looks names up, and makes the variants among them that are not there yet.
    async fn look_up(
        &self,
        names: Vec<ListingName>,
        good: &[(usize, Origin, Incoming)],
        found: &mut BTreeMap<ListingName, Found>,
    ) -> Result<(), DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let mut connection = tx.sqlx().await;
        let mut told = store::names::resolve(&mut connection, &names).await?;
        found.extend(told.clone());
        let variants = new_variants(good, found);
        if !variants.is_empty() {
            let made: Vec<ListingName> = variants
                .iter()
                .map(|variant| variant.name.clone())
                .collect();
            store::names::make_variants(&mut connection, variants).await?;
            told.extend(store::names::resolve(&mut connection, &made).await?);
        }
        drop(connection);
        tx.commit().await?;
        // Not before the commit: what was made may be undone.
        self.known.learn(&told);
        found.extend(told);
        Ok(())
    }

    async fn write(
        &self,
        items: Vec<Item>,
        refusals: Vec<Refusal>,
        outcomes: &mut [Outcome],
        now: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let mut connection = tx.sqlx().await;
        let named: Vec<(usize, i64)> = items
            .iter()
            .map(|item| (item.slot, item.listing_id))
            .collect();
        let work = decide(&mut connection, items, now).await?;
        for (slot, listing_id) in named {
            // Its tenant was erased since its name was looked up.
            if !work.locked.contains_key(&listing_id) {
                self.known.forget_all();
                outcomes[slot] = Outcome::Refused("unknown listing".to_owned());
            }
        }
        for (slot, reason) in &work.set_apart {
            outcomes[*slot] = Outcome::Quarantined(reason.clone());
        }
        for item in &work.figureless {
            outcomes[item.slot] = Outcome::Unchanged;
        }
        for (listing_id, items) in &work.items {
            let Some(planned) = work.planned.get(listing_id) else {
                continue;
            };
            for (item, accepted) in items.iter().zip(&planned.accepted) {
                outcomes[item.slot] = (*accepted).into();
            }
        }
        let relearnt = store_figures(&mut connection, &work).await?;
        recalled::restore(&mut connection, &work).await?;
        retention::mark(&mut connection, &old_days(&work, now)).await?;
        store::apart::write(&mut connection, &work.screened, now).await?;
        store::refusals::count(&mut connection, refusals, now).await?;
        let events = alert_and_tell(&mut connection, &work, &relearnt, now).await?;
        outbox::append(&mut connection, Schema::Catalog, events).await?;
        drop(connection);
        tx.commit().await?;
        if let Some(cache) = &self.cache {
            let figures = work.items.keys().copied();
            let figureless = work.figureless.iter().map(|item| item.listing_id);
            let listings: Vec<i64> = figures.chain(figureless).collect();
            cache.forget(&listings).await;
        }
        Ok(())
    }
}

/// The days before today that have looks they had not before.
fn old_days(work: &Work, now: DateTime<Utc>) -> BTreeSet<(i64, NaiveDate)> {
    let today = now.date_naive();
    let mut days = BTreeSet::new();
    for (id, planned) in &work.planned {
        let items = work.items.get(id).map(Vec::as_slice).unwrap_or_default();
        for (item, accepted) in items.iter().zip(&planned.accepted) {
            let day = item.incoming.observed_at.date_naive();
            if day < today && *accepted != Accepted::Duplicate {
                days.insert((*id, day));
            }
        }
    }
    days
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

/// Writes history, states and content; says what listings say otherwise than before.
async fn store_figures(connection: &mut PgConnection, work: &Work) -> Result<Vec<Relearnt>, DbErr> {
    let (mut newer, mut among) = (Vec::new(), Vec::new());
    let (mut states, mut untold) = (Vec::new(), Vec::new());
    for (id, planned) in &work.planned {
        let items = work.items.get(id).map(Vec::as_slice).unwrap_or_default();
        let origin_at: BTreeMap<DateTime<Utc>, Origin> = items
            .iter()
            .map(|item| (item.incoming.observed_at, item.origin))
            .collect();
        let rows = if planned.late { &mut among } else { &mut newer };
        rows.extend(planned.writes.iter().map(|row| {
            // A row that stood before keeps its origin: writing replaces only its values.
            let origin = origin_at.get(&row.at).copied().unwrap_or(Origin::Crawl);
            (*id, origin.code(), row.clone())
        }));
        if work.locked.get(id) != Some(&planned.held) {
            states.push((*id, planned.held.clone()));
        } else if !planned.writes.is_empty() {
            // A late look: it changes the past and not the state, whose trigger would tell.
            untold.push(*id);
        }
    }
    let mut told: BTreeMap<i64, Vec<&Item>> = BTreeMap::new();
    for item in work.items.values().flatten().chain(&work.figureless) {
        told.entry(item.listing_id).or_default().push(item);
    }
    let (mut learnt, mut filling) = (Vec::new(), Vec::new());
    for (id, items) in &told {
        let newest = work
            .locked
            .get(id)
            .and_then(|held| Some(held.newest.as_ref()?.0));
        let (now, then): (Vec<&Item>, Vec<&Item>) =
            items.iter().partition(|item| tells_now(item, newest));
        learnt.extend(content_of(*id, &now));
        filling.extend(content_of(*id, &then));
    }
    store::history::append(connection, &newer).await?;
    store::history::fit(connection, among).await?;
    store::state::write(connection, states).await?;
    tell_changed(connection, untold).await?;
    let relearnt = store::content::learn(connection, learnt).await?;
    store::content::fill(connection, filling).await?;
    store::looks::note(connection, &relearnt).await?;
    Ok(relearnt)
}

/// Whether an observation says what its listing is like now: a crawl newer than the newest look before. When its words
/// were last confirmed is nowhere noted, so what is older must not take their place.
fn tells_now(item: &Item, newest: Option<DateTime<Utc>>) -> bool {
    item.origin == Origin::Crawl && newest.is_none_or(|newest| item.incoming.observed_at > newest)
}

/// What a listing's observations say of it together.
fn content_of<'a>(
    listing_id: i64,
    items: &[&'a Item],
) -> Option<(i64, DateTime<Utc>, Cow<'a, NewContent>)> {
    let told = items
        .iter()
        .filter_map(|item| Some((item.incoming.observed_at, item.incoming.content.as_ref()?)));
    let (newest, content) = NewContent::together(told.collect())?;
    Some((listing_id, newest, content))
}
