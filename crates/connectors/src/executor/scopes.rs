//! The scopes that are asked, made when first needed and forgotten when idle.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use domain::source::Source;
use egress::{Politeness, Rest, SharedLimits};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::manners::Manners;
use super::tally::Tally;
use super::{Breaker, ScopeState};

/// Scopes kept in memory. A source with a scope a host meets any number of them.
const MOST: usize = 4096;

/// One source, or a part of it, with manners of its own.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) source: Source,
    pub(super) name: String,
    pub(super) politeness: Politeness,
    tally: Mutex<Tally>,
}

impl Scope {
    pub(super) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its state, and that it is told.
    fn tell(&self, now: Instant) -> ScopeState {
        let clock = Utc::now();
        let manner = self.politeness.manner();
        let mut tally = self.tally();
        let state = ScopeState {
            source: self.source,
            scope: self.name.clone(),
            breaker: match manner.resting {
                None => Breaker::Closed,
                Some(Rest::For(left)) => Breaker::Open {
                    probe_at: clock + left,
                },
                Some(Rest::Probing) => Breaker::HalfOpen,
            },
            paused_until: (!manner.paused.is_zero()).then(|| clock + manner.paused),
            gap_percent: manner.gap_percent,
            concurrency: manner.concurrency,
            last_error: tally.last_error.clone(),
            last_ok: tally.last_ok,
            requests: tally.requests,
            troubles: tally.troubles,
        };
        tally.told(now);
        state
    }
}

#[derive(Debug)]
struct Kept {
    scope: Arc<Scope>,
    used: Instant,
}

#[derive(Debug)]
pub(super) struct Scopes {
    manners: HashMap<Source, Manners>,
    shared: Option<SharedLimits>,
    kept: Mutex<HashMap<(Source, String), Kept>>,
    /// Something happened that may have to be told.
    pub(super) news: Notify,
}

impl Scopes {
    pub(super) fn new(manners: HashMap<Source, Manners>, shared: Option<SharedLimits>) -> Self {
        Self {
            manners,
            shared,
            kept: Mutex::new(HashMap::new()),
            news: Notify::new(),
        }
    }

    pub(super) fn get(&self, source: Source, name: &str) -> Arc<Scope> {
        let key = (source, name.to_owned());
        let mut kept = self.lock();
        if !kept.contains_key(&key) && kept.len() >= MOST {
            forget_idle(&mut kept);
        }
        let entry = kept.entry(key).or_insert_with(|| Kept {
            scope: Arc::new(self.make(source, name)),
            used: Instant::now(),
        });
        entry.used = Instant::now();
        Arc::clone(&entry.scope)
    }

    /// Requests to a source that may be under way at once.
    pub(super) fn at_once(&self, source: Source) -> u16 {
        self.manners(source).concurrency.max(1)
    }

    fn manners(&self, source: Source) -> Manners {
        self.manners.get(&source).cloned().unwrap_or_default()
    }

    fn make(&self, source: Source, name: &str) -> Scope {
        let manners = self.manners(source);
        let politeness = Politeness::new(manners.concurrency, manners.gap);
        let politeness = match &self.shared {
            Some(shared) if name.is_empty() => politeness.shared_by(shared, source.as_str()),
            Some(shared) => politeness.shared_by(shared, &format!("{}/{name}", source.as_str())),
            None => politeness,
        };
        Scope {
            source,
            name: name.to_owned(),
            politeness,
            tally: Mutex::default(),
        }
    }

    /// The states to tell now, and when the next will have to be.
    pub(super) fn to_tell(&self, now: Instant) -> (Vec<ScopeState>, Option<Instant>) {
        let scopes: Vec<_> = self
            .lock()
            .values()
            .map(|kept| Arc::clone(&kept.scope))
            .collect();
        let mut next = None;
        let mut states = Vec::new();
        for scope in scopes {
            let due = scope.tally().due(now);
            match due {
                Some(due) if due <= now => states.push(scope.tell(now)),
                Some(due) => next = Some(next.map_or(due, |next: Instant| next.min(due))),
                None => {}
            }
        }
        (states, next)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Source, String), Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room by a quarter: the longest unused of those that nobody holds.
fn forget_idle(kept: &mut HashMap<(Source, String), Kept>) {
    let mut idle: Vec<_> = kept
        .iter()
        .filter(|(_, kept)| Arc::strong_count(&kept.scope) == 1)
        .map(|(key, kept)| (kept.used, key.clone()))
        .collect();
    idle.sort_by_key(|(used, _)| *used);
    for (_, key) in idle.into_iter().take(MOST / 4) {
        kept.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_scopes_make_room_and_those_in_use_stay() {
        let web = Source::named("web");
        let scopes = Scopes::new(HashMap::new(), None);
        let held = scopes.get(web, "first.example");
        for number in 0..MOST + 10 {
            scopes.get(web, &format!("{number}.example"));
        }
        assert!(scopes.lock().len() <= MOST);
        assert!(Arc::ptr_eq(&held, &scopes.get(web, "first.example")));
    }
}
