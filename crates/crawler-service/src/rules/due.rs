//! When the next fetch is due.

use chrono::{DateTime, TimeDelta, Utc};
use domain::schedule::{Phase, mix};

/// The part of the interval over which due times are spread, in per cent.
const SPREAD_PERCENT: u64 = 5;
/// Wait before the second try; each further one waits [`GROWTH`] times as long.
const FIRST_WAIT_SECONDS: f64 = 10.0;
const GROWTH: f64 = 3.0;
/// Wait before a second look at something unlikely.
const SECOND_LOOK_SECONDS: f64 = 5.0;
/// The longest wait between two tries of a round, also when the source asks for more: the round then ends instead of
/// blocking the listing for days.
const LONGEST_WAIT_SECONDS: f64 = 3600.0;

/// When a target is due after a round that ended at `now`.
///
/// Up to 5 % earlier than the interval, never later, by a fixed share for each target and round: what was added in one
/// import does not stay together for ever, and the same input always gives the same answer.
#[must_use]
pub fn next_due(now: DateTime<Utc>, interval_seconds: u32, phase: Phase) -> DateTime<Utc> {
    let interval_ms = u64::from(interval_seconds) * 1000;
    let spread_ms = interval_ms * SPREAD_PERCENT / 100;
    let earlier = mix(phase.id, phase.round) % (spread_ms + 1);
    now + milliseconds(interval_ms - earlier)
}

/// How long to wait before try `attempts + 1`, `attempts` being those that failed so far.
///
/// What the source asked for (Retry-After) counts where it did; otherwise the wait grows threefold from 10 seconds.
/// `luck` in 0..1 adds up to half of that again, so that what failed together does not return together.
#[must_use]
pub fn retry_wait(attempts: i16, retry_after_seconds: Option<u32>, luck: f64) -> TimeDelta {
    let base = retry_after_seconds.map_or_else(
        || FIRST_WAIT_SECONDS * GROWTH.powi(i32::from(attempts.max(1)) - 1),
        f64::from,
    );
    let seconds = (base * (1.0 + luck.clamp(0.0, 1.0) / 2.0)).min(LONGEST_WAIT_SECONDS);
    TimeDelta::milliseconds((seconds * 1000.0) as i64)
}

/// How long to wait before the look that confirms or refutes an unlikely one.
#[must_use]
pub fn second_look(luck: f64) -> TimeDelta {
    TimeDelta::milliseconds(
        (SECOND_LOOK_SECONDS * (1.0 + luck.clamp(0.0, 1.0) / 2.0) * 1000.0) as i64,
    )
}

fn milliseconds(count: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
    }

    #[test]
    fn due_times_stay_within_five_per_cent_before_the_interval_and_spread_over_it() {
        let due = |id, round| next_due(noon(), 3600, Phase { id, round });
        let waits: Vec<i64> = (0..1000)
            .map(|id| (due(id, 1) - noon()).num_seconds())
            .collect();
        assert!(waits.iter().all(|wait| (3420..=3600).contains(wait)));
        let early = waits.iter().filter(|wait| **wait < 3510).count();
        assert!(
            (400..600).contains(&early),
            "{early} of 1000 in the earlier half"
        );
        assert_ne!(due(7, 1), due(7, 2));
        assert_eq!(due(7, 2), due(7, 2));
    }

    #[test]
    fn waits_grow_and_the_source_has_the_last_word() {
        assert_eq!(retry_wait(1, None, 0.0).num_seconds(), 10);
        assert_eq!(retry_wait(2, None, 0.0).num_seconds(), 30);
        assert_eq!(retry_wait(1, None, 1.0).num_seconds(), 15);
        assert_eq!(retry_wait(1, Some(120), 0.0).num_seconds(), 120);
        assert_eq!(retry_wait(1, Some(0), 0.5).num_seconds(), 0);
        assert_eq!(retry_wait(1, Some(1_000_000), 0.0).num_seconds(), 3600);
        assert_eq!(retry_wait(30, None, 0.0).num_seconds(), 3600);
    }
}
