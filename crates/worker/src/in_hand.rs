//! Which tasks this process works on.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The tasks in hand; clones share them.
///
/// After a lost connection the broker delivers a message again while we still work on it. Its second delivery must wait:
/// two would ask the source for the same products, and might each begin a paid run.
#[derive(Clone, Debug, Default)]
pub(crate) struct InHand(Arc<Mutex<HashSet<String>>>);

impl InHand {
    /// Takes a task in hand for as long as the answer lives; `None` when it is already.
    pub(crate) fn take(&self, task_id: &str) -> Option<Held> {
        self.lock().insert(task_id.to_owned()).then(|| Held {
            tasks: self.clone(),
            task_id: task_id.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task in hand.
#[derive(Debug)]
pub(crate) struct Held {
    tasks: InHand,
    task_id: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.tasks.lock().remove(&self.task_id);
    }
}
