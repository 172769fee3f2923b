//! What a batch does to its listings, decided under their locks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use domain::observation::Values;
use sea_orm::DbErr;
use sea_orm::sqlx::PgConnection;

use super::apart::{Screen, Screened};
use super::incoming::{Incoming, Origin};
use super::plan::{Held, Planned, is_late, plan};
use super::store;
use super::store::history::{Metrics, Span};

/// A good observation of a known listing, and where its outcome goes.
pub struct Item {
    /// Position among all outcomes.
    pub slot: usize,
    /// The listing.
    pub listing_id: i64,
    /// Where it comes from.
    pub origin: Origin,
    /// What was seen.
    pub incoming: Incoming,
}

impl Item {
    /// A list that a search went through told no figure: what it says of the listing is worth keeping, but nobody looked
    /// at it, so there is no point of history.
    fn tells_no_figure(&self) -> bool {
        self.origin == Origin::Crawl
            && self.incoming.round == 0
            && self.incoming.values == Values::default()
    }
}

/// What a batch does to its listings.
#[derive(Default)]
pub struct Work {
    /// The states as they were locked.
    pub locked: BTreeMap<i64, Held>,
    /// What becomes of them.
    pub planned: BTreeMap<i64, Planned>,
    /// The observations that were planned, by listing and in that order.
    pub items: BTreeMap<i64, Vec<Item>>,
    /// Those that tell no figure.
    pub figureless: Vec<Item>,
    /// The observations that were not planned, by their place among all outcomes, and why.
    pub set_apart: Vec<(usize, String)>,
    /// What that changed.
    pub screened: Vec<(i64, Screened)>,
}

/// Locks the listings' states, drops rounds that were accepted before, and plans each listing.
pub async fn decide(
    connection: &mut PgConnection,
    items: Vec<Item>,
    now: DateTime<Utc>,
) -> Result<Work, DbErr> {
    let listing_ids: BTreeSet<i64> = items.iter().map(|item| item.listing_id).collect();
    let locked = store::state::lock(connection, listing_ids.into_iter().collect()).await?;
    let mut screens: BTreeMap<i64, Screen> = BTreeMap::new();
    let mut held: BTreeMap<i64, Held> = BTreeMap::new();
    for (id, state) in locked {
        screens.insert(id, Screen::new(&state.held, state.apart));
        held.insert(id, state.held);
    }
    let mut work = Work {
        locked: held.clone(),
        ..Work::default()
    };
    for item in fresh(items, &mut held, &mut screens, &mut work.set_apart, now) {
        if item.tells_no_figure() {
            work.figureless.push(item);
        } else {
            work.items.entry(item.listing_id).or_default().push(item);
        }
    }
    work.screened = screens
        .into_iter()
        .filter_map(|(id, screen)| Some((id, screen.finish()?)))
        .collect();
    metrics::counter!("observations_quarantined_total").increment(work.set_apart.len() as u64);
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
            let known = &held.get(id)?.known;
            let mut told = known.clone();
            points.iter().for_each(|(_, values)| told.learn(values));
            Some(Span {
                listing_id: *id,
                first: points.iter().map(|(at, _)| *at).min()?,
                last: points.iter().map(|(at, _)| *at).max()?,
                known: Metrics::of(known),
                told: Metrics::of(&told),
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

/// The observations to store: those whose round was not accepted before and whose figures can be believed, noting the
/// rounds of these as accepted now. What is set apart is noted with its reason; its round stays open for another look.
///
/// A variant's round is its parent's target's, and counted apart from that of a target of its own.
fn fresh(
    items: Vec<Item>,
    held: &mut BTreeMap<i64, Held>,
    screens: &mut BTreeMap<i64, Screen>,
    set_apart: &mut Vec<(usize, String)>,
    now: DateTime<Utc>,
) -> Vec<Item> {
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
            let (Some(held), Some(screen)) = (
                held.get_mut(&item.listing_id),
                screens.get_mut(&item.listing_id),
            ) else {
                return false;
            };
            let turn = (item.listing_id, of_parent, round);
            if round != 0 && (round <= last || seen.contains(&turn)) {
                return false;
            }
            match item.origin {
                // What an operator hands in was looked at already.
                Origin::Import => screen.believe(&item.incoming),
                Origin::Crawl => {
                    if let Err(reason) = screen.judge(&item.incoming, now) {
                        set_apart.push((item.slot, reason));
                        return false;
                    }
                }
            }
            if round == 0 {
                return true;
            }
            seen.insert(turn);
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
