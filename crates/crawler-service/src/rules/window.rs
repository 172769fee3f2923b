//! How much of a source's work may be under way, and whose.
//!
//! The backlog lives in Postgres; only a window of it is leased and in RabbitMQ. Each priority has a reserve in the
//! window that the others leave free, so bulk work can neither keep urgent work waiting nor be starved for ever.

use bus::topology::Priority;

/// Tasks of the full size that a window always holds, however slow the source: enough to keep its workers busy.
const LEAST_TASKS: u32 = 4;
/// And however fast.
const MOST_TASKS: u32 = 500;
/// The reserve of high work, as a share of the window.
const HIGH_RESERVE: u32 = 5;
/// The reserves of medium and of low work.
const OTHER_RESERVE: u32 = 10;

/// Targets under way, or wanted, by priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PerPriority {
    /// Manual work and first crawls.
    pub high: u32,
    /// Monitors.
    pub medium: u32,
    /// Schedules.
    pub low: u32,
}

impl PerPriority {
    /// The number of one priority.
    #[must_use]
    pub const fn of(self, priority: Priority) -> u32 {
        match priority {
            Priority::High => self.high,
            Priority::Medium => self.medium,
            Priority::Low => self.low,
        }
    }

    /// Adds to the number of one priority.
    pub const fn add(&mut self, priority: Priority, count: u32) {
        let number = match priority {
            Priority::High => &mut self.high,
            Priority::Medium => &mut self.medium,
            Priority::Low => &mut self.low,
        };
        *number = number.saturating_add(count);
    }

    /// Over all priorities.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.high
            .saturating_add(self.medium)
            .saturating_add(self.low)
    }
}

/// A source's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Targets that may be under way.
    pub size: u32,
    /// Targets in a full task.
    pub task_items: u32,
}

impl Window {
    /// The window of a source that finished `done` targets within the time the window is to last.
    ///
    /// A source that has been idle starts with the least; as it works the window grows with it.
    #[must_use]
    pub fn measured(done: u64, task_items: u32) -> Self {
        let task_items = task_items.max(1);
        let size = u32::try_from(done)
            .unwrap_or(u32::MAX)
            .clamp(LEAST_TASKS * task_items, MOST_TASKS * task_items);
        Self { size, task_items }
    }

    /// What each priority has for itself. The three together fit into the least window.
    #[must_use]
    pub fn reserves(self) -> PerPriority {
        let other = (self.size / OTHER_RESERVE).max(self.task_items.div_ceil(2));
        PerPriority {
            high: (self.size / HIGH_RESERVE).max(self.task_items),
            medium: other,
            low: other,
        }
    }

    /// How many more targets of `priority` may be claimed while `leased` are under way.
    ///
    /// The window minus what the others still have to expect; but always up to the own reserve, also when the window
    /// has just become smaller. What is not urgent, or has its reserve under way, waits until half a task fits: a source
    /// that reports one item at a time would get tasks of one item otherwise, each perhaps a paid run.
    #[must_use]
    pub fn room(self, priority: Priority, leased: PerPriority) -> u32 {
        let reserves = self.reserves();
        let kept_for_others: u32 = Priority::ALL
            .into_iter()
            .filter(|other| *other != priority)
            .map(|other| reserves.of(other).saturating_sub(leased.of(other)))
            .sum();
        let free = self
            .size
            .saturating_sub(leased.total())
            .saturating_sub(kept_for_others);
        let own = reserves.of(priority).saturating_sub(leased.of(priority));
        let room = free.max(own);
        let at_once = priority == Priority::High && own > 0;
        if !at_once && room < self.task_items.div_ceil(2) {
            return 0;
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: Window = Window {
        size: 1000,
        task_items: 100,
    };

    #[test]
    fn the_window_follows_the_source_between_its_bounds() {
        assert_eq!(Window::measured(0, 20).size, 80);
        assert_eq!(Window::measured(3_000, 20).size, 3_000);
        assert_eq!(Window::measured(10_000_000, 20).size, 10_000);
    }

    #[test]
    fn low_work_alone_leaves_the_reserves_free() {
        let room = WINDOW.room(Priority::Low, PerPriority::default());
        assert_eq!(room, 1000 - 200 - 100);
        let full = PerPriority {
            low: room,
            ..PerPriority::default()
        };
        assert_eq!(WINDOW.room(Priority::Low, full), 0);
        assert_eq!(
            WINDOW.room(Priority::High, full),
            200,
            "high always has room"
        );
        assert_eq!(WINDOW.room(Priority::Medium, full), 100);
    }

    #[test]
    fn urgent_work_does_not_starve_bulk() {
        let high = WINDOW.room(Priority::High, PerPriority::default());
        let leased = PerPriority {
            high,
            ..PerPriority::default()
        };
        assert_eq!(WINDOW.room(Priority::Low, leased), 100);
    }

    #[test]
    fn never_more_than_the_window_whatever_the_order() {
        for order in [
            [Priority::High, Priority::Medium, Priority::Low],
            [Priority::Low, Priority::Medium, Priority::High],
            [Priority::Medium, Priority::Low, Priority::High],
        ] {
            for size in [4, 7, 80, 81, 1000] {
                let window = Window {
                    size: size * 5,
                    task_items: 5,
                };
                let mut leased = PerPriority::default();
                for priority in order {
                    leased.add(priority, window.room(priority, leased));
                }
                assert!(leased.total() <= window.size, "{order:?} {leased:?}");
                assert!(
                    Priority::ALL
                        .iter()
                        .all(|priority| leased.of(*priority) > 0)
                );
            }
        }
    }

    #[test]
    fn bulk_waits_until_half_a_task_fits() {
        let leased = PerPriority {
            low: 660,
            ..PerPriority::default()
        };
        assert_eq!(WINDOW.room(Priority::Low, leased), 0);
        let leased = PerPriority {
            low: 650,
            ..PerPriority::default()
        };
        assert_eq!(WINDOW.room(Priority::Low, leased), 50);
    }

    #[test]
    fn urgent_work_beyond_its_reserve_waits_until_half_a_task_fits() {
        let leased = |high| PerPriority {
            high,
            ..PerPriority::default()
        };
        assert_eq!(WINDOW.room(Priority::High, leased(199)), 601);
        assert_eq!(WINDOW.room(Priority::High, leased(751)), 0);
        assert_eq!(WINDOW.room(Priority::High, leased(750)), 50);
        let crowded = PerPriority {
            high: 199,
            medium: 100,
            low: 700,
        };
        assert_eq!(WINDOW.room(Priority::High, crowded), 1, "its own, at once");
    }

    #[test]
    fn a_window_that_shrank_still_takes_urgent_work() {
        let leased = PerPriority {
            low: 5_000,
            ..PerPriority::default()
        };
        assert_eq!(WINDOW.room(Priority::High, leased), 200);
    }

    proptest! {
        /// Whatever is under way and however the window moves, nobody is kept out of its reserve, and nobody takes more
        /// than what the others leave.
        #[test]
        fn every_priority_always_has_its_reserve(
            done in 0_u64..50_000, task_items in 1_u32..200,
            high in 0_u32..20_000, medium in 0_u32..20_000, low in 0_u32..20_000,
        ) {
            let window = Window::measured(done, task_items);
            let leased = PerPriority { high, medium, low };
            for priority in Priority::ALL {
                let room = window.room(priority, leased);
                let reserve = window.reserves().of(priority);
                if leased.of(priority) == 0 {
                    prop_assert!(room >= reserve, "{priority:?} has {room} of {reserve}");
                }
                let most = window.size.saturating_sub(leased.total()).max(reserve);
                prop_assert!(room <= most, "{priority:?} takes {room} of {most}");
            }
        }

        /// Urgent work without end and bulk work without end: both go on, and what is urgent always finds room.
        #[test]
        fn bulk_neither_starves_urgent_work_nor_is_starved(
            task_items in 1_u32..100, steps in prop::collection::vec((0_u32..500, 0_u32..500, 0_u32..500), 20..60),
        ) {
            let window = Window::measured(u64::from(task_items) * 20, task_items);
            let mut leased = PerPriority::default();
            let mut claimed = PerPriority::default();
            for (high, medium, low) in steps {
                // Everybody has more to do than there is room for; the most urgent are asked first.
                for priority in Priority::ALL {
                    let room = window.room(priority, leased);
                    leased.add(priority, room);
                    claimed.add(priority, room);
                }
                prop_assert!(leased.total() <= window.size);
                for priority in Priority::ALL {
                    prop_assert!(leased.of(priority) > 0, "{priority:?} has nothing under way");
                }
                // Some of each ends; at least one, for a source that does nothing at all serves nobody.
                let left = |done: u32, of: u32| of.saturating_sub(done.max(1));
                leased = PerPriority {
                    high: left(high, leased.high),
                    medium: left(medium, leased.medium),
                    low: left(low, leased.low),
                };
            }
            let reserves = window.reserves();
            prop_assert!(claimed.low >= reserves.low && claimed.medium >= reserves.medium);
        }
    }
}
