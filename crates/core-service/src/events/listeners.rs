//! Which tenants listen in this process.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

/// Counts the open connections of each tenant; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Listeners(Arc<Mutex<HashMap<Uuid, usize>>>);

/// One connection; it no longer counts when dropped.
#[derive(Debug)]
pub struct Listener {
    of: Listeners,
    tenant_id: Uuid,
}

impl Listeners {
    /// Counts a connection.
    pub fn add(&self, tenant_id: Uuid) -> Listener {
        self.change(|counts| *counts.entry(tenant_id).or_default() += 1);
        Listener {
            of: self.clone(),
            tenant_id,
        }
    }

    /// Whoever has one now.
    pub fn tenants(&self) -> HashSet<Uuid> {
        self.change(|counts| counts.keys().copied().collect())
    }

    fn change<T>(&self, work: impl FnOnce(&mut HashMap<Uuid, usize>) -> T) -> T {
        // A count is whole even when somebody panicked beside it.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.of.change(|counts| {
            if let Some(count) = counts.get_mut(&self.tenant_id) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&self.tenant_id);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_listens_until_its_last_connection_ends() {
        let listeners = Listeners::default();
        let tenant = Uuid::from_u128(1);
        let first = listeners.add(tenant);
        let second = listeners.add(tenant);
        drop(first);
        assert_eq!(listeners.tenants(), HashSet::from([tenant]));
        drop(second);
        assert!(listeners.tenants().is_empty());
    }
}
