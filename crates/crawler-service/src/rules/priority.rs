//! Urgency, between its three spellings: the tables' number, the queue's name, the contract's enum.

use bus::topology::Priority;
use contracts::crawl::v1::Priority as Wire;

/// The tables' number: 1 high, 2 medium, 3 low.
#[must_use]
pub const fn number(priority: Priority) -> i16 {
    match priority {
        Priority::High => 1,
        Priority::Medium => 2,
        Priority::Low => 3,
    }
}

/// The urgency of a tables' number; the tables' checks admit no other than these three.
#[must_use]
pub const fn of_number(number: i16) -> Priority {
    match number {
        1 => Priority::High,
        2 => Priority::Medium,
        _ => Priority::Low,
    }
}

/// The contract's value; `None` when the caller left it out.
#[must_use]
pub const fn of_wire(wire: Wire) -> Option<Priority> {
    match wire {
        Wire::Unspecified => None,
        Wire::High => Some(Priority::High),
        Wire::Medium => Some(Priority::Medium),
        Wire::Low => Some(Priority::Low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for priority in Priority::ALL {
            assert_eq!(of_number(number(priority)), priority);
        }
    }
}
