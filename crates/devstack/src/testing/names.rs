//! Names that tell which test process a database belongs to, so that what a crashed one left
//! behind can be recognised and dropped.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::{Identity, boot_id};

/// What every name of a test starts with.
pub(crate) const PREFIX: &str = "bwt_";

/// A name that no other test has: letters, digits and underscores only.
pub(crate) fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let pid = std::process::id();
    let started =
        Identity::of(i32::try_from(pid).unwrap_or_default()).map_or(0, |process| process.started);
    format!("{PREFIX}{}_{pid}_{started}_{count}", place())
}

/// Whether `name` was made by [`unique`] in a process of this machine that has ended.
pub(crate) fn orphaned(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return false;
    };
    let parts: Vec<_> = rest.split('_').collect();
    let [place_of_name, pid, started, _count] = parts[..] else {
        return false;
    };
    let (Ok(pid), Ok(started)) = (pid.parse(), started.parse()) else {
        return false;
    };
    // Another machine (or container) that uses the same server knows its own processes.
    place_of_name == place()
        && !Identity {
            pid,
            started,
            boot: boot_id(),
        }
        .alive()
}

/// This boot of the machine and our view of its processes.
fn place() -> String {
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let text = format!("{} {}", boot_id(), namespace.display());
    crate::fnv1a(text.as_bytes())[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ended_processes_are_orphaned() {
        let mine = unique();
        assert_ne!(mine, unique());
        assert!(!orphaned(&mine));
        let pid = std::process::id().to_string();
        // No process has id 0.
        assert!(orphaned(&mine.replace(&format!("_{pid}_"), "_0_")));
        assert!(!orphaned("bwt_ffffffff_1_1_0"), "another machine's");
        assert!(!orphaned("bellwether"));
    }
}
