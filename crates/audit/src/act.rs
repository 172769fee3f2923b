//! A request that may change something.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use uuid::Uuid;

use crate::{Actor, Entry, Outcome, Subject};

/// Characters of a user agent that are kept: what comes from outside must not fill the log.
const LONGEST_AGENT: usize = 200;

/// What is known of a request so far.
#[derive(Debug)]
pub struct Act {
    so_far: Mutex<Entry>,
    kept: AtomicBool,
}

impl Act {
    /// Somebody unknown asks for `action`.
    #[must_use]
    pub fn new(action: &str, subject: Subject) -> Self {
        Self {
            so_far: Mutex::new(Entry::by(Actor::ANONYMOUS, action, None, subject)),
            kept: AtomicBool::new(false),
        }
    }

    /// The same from this address, with a program that says this of itself, under this trace.
    #[must_use]
    pub fn from(self, address: String, user_agent: &str, trace_id: String) -> Self {
        {
            let mut entry = self.so_far();
            entry.address = address;
            entry.trace_id = trace_id;
            entry.user_agent = user_agent.chars().take(LONGEST_AGENT).collect();
        }
        self
    }

    /// Who acts, in which tenant, and by which session or key.
    pub fn identified(&self, tenant_id: Uuid, actor: Actor, credential: Option<Uuid>) {
        let mut entry = self.so_far();
        entry.tenant_id = Some(tenant_id);
        entry.actor = actor;
        entry.credential = credential;
    }

    /// What it is about.
    pub fn about(&self, subject: Subject) {
        self.so_far().subject = subject;
    }

    /// Something more that is known.
    pub fn detail(&self, name: &str, value: Value) {
        self.so_far().details.insert(name.to_owned(), value);
    }

    /// Why it is refused.
    pub fn refused_because(&self, reason: &str) {
        reason.clone_into(&mut self.so_far().reason);
    }

    /// The line as far as it is known now.
    #[must_use]
    pub fn entry(&self, outcome: Outcome) -> Entry {
        Entry {
            outcome,
            ..self.so_far().clone()
        }
    }

    /// Its line has been committed.
    pub fn kept(&self) {
        self.kept.store(true, Ordering::Release);
    }

    /// Whether its line has been committed.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// Nothing that holds it can panic, so there is nothing half-written to fear.
    fn so_far(&self) -> MutexGuard<'_, Entry> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
