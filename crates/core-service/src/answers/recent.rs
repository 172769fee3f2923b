//! Who has just changed what it watches.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// A replica that follows shows a change after that time.
const JUST: Duration = Duration::from_secs(6);
/// From so many on, who wrote longer ago is struck off.
const MANY: usize = 1_000;

/// Tenants, and until when they read from where they wrote.
#[derive(Debug, Default)]
pub struct Recent {
    until: Mutex<HashMap<Uuid, Instant>>,
}

impl Recent {
    fn until(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tenant wrote.
    pub fn note(&self, tenant: Uuid) {
        let now = Instant::now();
        let mut until = self.until();
        if until.len() >= MANY {
            until.retain(|_, until| *until > now);
        }
        until.insert(tenant, now + JUST);
    }

    /// Whether it did so just now.
    pub fn wrote(&self, tenant: Uuid) -> bool {
        let now = Instant::now();
        self.until().get(&tenant).is_some_and(|until| *until > now)
    }
}
