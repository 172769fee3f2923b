//! How many searches of a source may run at once.
//!
//! Each may be many requests or one paid run; targets go on beside them. Urgent searches find a slot that less urgent
//! ones leave free, and each priority has one that nobody takes from it: bulk neither blocks nor is blocked for ever.

use bus::topology::Priority;

use super::window::PerPriority;

/// How many searches of this priority may be started while `running` are under way.
#[must_use]
pub fn room(priority: Priority, running: PerPriority) -> u32 {
    let shared = most(priority).saturating_sub(running.total());
    let own = 1_u32.saturating_sub(running.of(priority));
    shared.max(own)
}

/// Searches of all priorities below which one of this priority may start.
const fn most(priority: Priority) -> u32 {
    match priority {
        Priority::High => 5,
        Priority::Medium => 4,
        Priority::Low => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(high: u32, medium: u32, low: u32) -> PerPriority {
        PerPriority { high, medium, low }
    }

    #[test]
    fn less_urgent_searches_leave_slots_to_more_urgent_ones() {
        assert_eq!(room(Priority::Low, running(0, 0, 0)), 3);
        assert_eq!(room(Priority::Low, running(0, 0, 3)), 0);
        assert_eq!(room(Priority::Medium, running(0, 0, 3)), 1);
        assert_eq!(room(Priority::High, running(0, 1, 3)), 1);
    }

    #[test]
    fn nobody_is_kept_out_for_ever() {
        assert_eq!(room(Priority::Low, running(0, 4, 0)), 1);
        assert_eq!(room(Priority::Low, running(3, 4, 0)), 1);
        assert_eq!(room(Priority::Low, running(3, 4, 1)), 0);
        assert_eq!(room(Priority::High, running(0, 4, 1)), 1);
        assert_eq!(room(Priority::High, running(1, 4, 1)), 0);
    }
}
