//! Permits of one bucket that this process has taken, and the bucket as it goes by it alone.
//!
//! Pure: the time is told in microseconds of any one clock.

/// How long permits are used without asking whether others want them.
const FRESH: u64 = 1_000_000;

/// A batch is this part of what the bucket holds: what processes may have taken and not used is little of it.
const PART: u32 = 20;

const MINUTE: f64 = 60e6;

/// What became of a wish for a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It was taken.
    Permit,
    /// There is none for so many microseconds.
    Wait(u64),
    /// Redis has to be asked.
    Ask,
}

/// What Redis is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wish {
    /// Microseconds a permit takes to come back.
    pub period: f64,
    /// Permits the bucket holds.
    pub holds: u32,
    /// Permits wanted.
    pub wanted: u32,
    /// Permits given back.
    pub back: u32,
    /// Permits used while Redis was away, as far as they have not come back.
    pub owed: u32,
}

/// What Redis answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// Permits that are ours now.
    pub granted: u32,
    /// Permits left there.
    pub left: u32,
    /// Microseconds until the next permit, when there is none.
    pub wait: u64,
}

/// One bucket as this process knows it.
#[derive(Debug)]
pub(super) struct Lease {
    per_minute: u32,
    /// Ours, until they are no longer fresh.
    permits: u32,
    taken_at: u64,
    /// In Redis, when it was last asked.
    left: u32,
    /// Redis said that there is none until then.
    empty_until: u64,
    /// While Redis is away: when the bucket would be whole.
    alone: Option<f64>,
}

impl Lease {
    /// Of a bucket that holds a minute's worth; nothing is taken yet.
    pub(super) fn new(per_minute: u32) -> Self {
        let per_minute = per_minute.max(1);
        Self {
            per_minute,
            permits: 0,
            taken_at: 0,
            left: per_minute,
            empty_until: 0,
            alone: None,
        }
    }

    /// The limit may have become another one.
    pub(super) fn limit(&mut self, per_minute: u32) {
        let per_minute = per_minute.max(1);
        if per_minute != self.per_minute {
            *self = Self {
                // Taken from the smaller bucket they are fewer than a batch of the larger one.
                permits: self.permits.min(per_minute),
                taken_at: self.taken_at,
                left: self.left.min(per_minute),
                ..Self::new(per_minute)
            };
        }
    }

    fn period(&self) -> f64 {
        MINUTE / f64::from(self.per_minute)
    }

    /// Permits the bucket holds.
    pub(super) const fn holds(&self) -> u32 {
        self.per_minute
    }

    /// Takes one of our permits.
    pub(super) const fn take(&mut self, now: u64) -> Taken {
        if self.permits > 0 && now.saturating_sub(self.taken_at) < FRESH {
            self.permits -= 1;
            Taken::Permit
        } else if now < self.empty_until {
            Taken::Wait(self.empty_until - now)
        } else {
            Taken::Ask
        }
    }

    /// How long nobody is admitted, as far as that is known here.
    pub(super) const fn closed(&self, now: u64) -> Option<u64> {
        if self.permits == 0 && now < self.empty_until {
            Some(self.empty_until - now)
        } else {
            None
        }
    }

    /// Puts a permit back that was not used after all.
    pub(super) fn put_back(&mut self) {
        let period = self.period();
        match &mut self.alone {
            Some(whole) => *whole -= period,
            None => self.permits += 1,
        }
    }

    /// What to ask Redis for. What we have goes back with it.
    pub(super) fn wish(&mut self, now: u64) -> Wish {
        let period = self.period();
        let owed = self
            .alone
            .map_or(0.0, |whole| (whole - now as f64) / period);
        Wish {
            period,
            holds: self.per_minute,
            wanted: (self.per_minute / PART).max(1),
            back: std::mem::take(&mut self.permits),
            owed: owed.ceil().clamp(0.0, f64::from(self.per_minute)) as u32,
        }
    }

    /// What Redis answered to a wish.
    pub(super) fn told(&mut self, told: Told, now: u64) {
        self.permits = told.granted;
        self.taken_at = now;
        self.left = told.left;
        self.empty_until = if told.granted == 0 {
            now + told.wait.max(1)
        } else {
            0
        };
        self.alone = None;
    }

    /// Takes a permit from this process's own bucket, because Redis is away. It begins with what was left and what has
    /// come back since; `given_back` was on its way there.
    pub(super) fn take_alone(&mut self, given_back: u32, now: u64) -> Taken {
        let period = self.period();
        let holds = f64::from(self.per_minute);
        let left = self
            .left
            .saturating_add(self.permits)
            .saturating_add(given_back);
        let here = now as f64;
        let came_back = now.saturating_sub(self.taken_at) as f64 / period;
        let used = (holds - f64::from(left) - came_back).max(0.0);
        let whole = self.alone.unwrap_or(here + used * period).max(here);
        let wait = whole + period - holds * period - here;
        self.permits = 0;
        self.empty_until = 0;
        if wait > 0.5 {
            self.alone = Some(whole);
            return Taken::Wait((wait.ceil() as u64).max(1));
        }
        self.alone = Some(whole + period);
        Taken::Permit
    }

    /// Permits left, as far as is known here.
    pub(super) fn remaining(&self, now: u64) -> u32 {
        let Some(whole) = self.alone else {
            return self.left.saturating_add(self.permits).min(self.per_minute);
        };
        let used = ((whole - now as f64) / self.period()).ceil().max(0.0);
        self.per_minute.saturating_sub(used as u32)
    }

    /// Seconds until the bucket is whole when nobody asks.
    pub(super) fn resets_in(&self, now: u64) -> u64 {
        let used = self.per_minute - self.remaining(now);
        (f64::from(used) * self.period() / 1e6).ceil() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    /// How many are admitted when one asks every `gap` for `long`, without Redis.
    fn alone(per_minute: u32, gap: u64, long: u64) -> u64 {
        let mut lease = Lease::new(per_minute);
        let times = (0..long / gap).map(|n| 7 + n * gap);
        times
            .filter(|now| lease.take_alone(0, *now) == Taken::Permit)
            .count() as u64
    }

    #[test]
    fn a_minutes_worth_may_come_at_once_and_then_it_comes_evenly() {
        assert_eq!(alone(120, 1, 1_000), 120, "all at once");
        // A minute's worth, and what comes back meanwhile.
        assert_eq!(alone(120, 10_000, 60 * SECOND), 240 - 1);
        assert_eq!(
            alone(120, 500_000, 600 * SECOND),
            1_200,
            "at just this pace nobody is refused"
        );
    }

    #[test]
    fn who_waits_as_long_as_told_is_admitted() {
        let mut lease = Lease::new(60);
        for _ in 0..60 {
            assert_eq!(lease.take_alone(0, 5), Taken::Permit);
        }
        let Taken::Wait(wait) = lease.take_alone(0, 5) else {
            panic!("a 61st");
        };
        assert_eq!(wait, SECOND);
        assert!(matches!(lease.take_alone(0, 5 + wait / 2), Taken::Wait(_)));
        assert_eq!(lease.take_alone(0, 5 + wait), Taken::Permit);
        assert_eq!(
            (lease.remaining(5 + wait), lease.resets_in(5 + wait)),
            (0, 60)
        );
    }

    #[test]
    fn permits_are_used_while_they_are_fresh_and_go_back_afterwards() {
        let mut lease = Lease::new(600);
        assert_eq!(lease.take(0), Taken::Ask);
        let wish = lease.wish(0);
        assert_eq!((wish.wanted, wish.back, wish.owed), (30, 0, 0));
        lease.told(
            Told {
                granted: 30,
                left: 570,
                wait: 0,
            },
            0,
        );
        assert_eq!(lease.take(10), Taken::Permit);
        assert_eq!(lease.remaining(10), 599);
        assert_eq!(lease.take(SECOND + 1), Taken::Ask, "too old");
        assert_eq!(lease.wish(SECOND + 1).back, 29);

        lease.told(
            Told {
                granted: 0,
                left: 0,
                wait: 100_000,
            },
            2 * SECOND,
        );
        assert_eq!(lease.take(2 * SECOND), Taken::Wait(100_000));
        assert_eq!(lease.closed(2 * SECOND + 1), Some(99_999));
        assert_eq!(lease.take(2 * SECOND + 100_000), Taken::Ask);
    }

    #[test]
    fn an_outage_begins_with_what_was_left_and_is_owed_afterwards() {
        let mut lease = Lease::new(60);
        lease.told(
            Told {
                granted: 3,
                left: 7,
                wait: 0,
            },
            0,
        );
        let back = lease.wish(10).back;
        let taken = (0..60)
            .filter(|_| lease.take_alone(back, 10) == Taken::Permit)
            .count();
        assert_eq!(taken, 10, "what was left there and here");
        assert_eq!(lease.wish(10).owed, 60);
        assert_eq!(lease.wish(10 + 30 * SECOND).owed, 30);
        lease.told(
            Told {
                granted: 1,
                left: 29,
                wait: 0,
            },
            30 * SECOND,
        );
        assert_eq!(lease.wish(30 * SECOND).owed, 0);
    }

    #[test]
    fn what_came_back_before_an_outage_is_there_in_it_and_no_more_than_the_bucket_holds() {
        for (later, expected) in [(30 * SECOND, 35), (3600 * SECOND, 60)] {
            let mut lease = Lease::new(60);
            lease.told(
                Told {
                    granted: 0,
                    left: 5,
                    wait: 1,
                },
                0,
            );
            let back = lease.wish(later).back;
            let taken = (0..100)
                .filter(|_| lease.take_alone(back, later) == Taken::Permit)
                .count();
            assert_eq!(taken, expected, "{later}");
        }
    }

    #[test]
    fn another_plan_is_another_bucket() {
        let mut lease = Lease::new(120);
        lease.told(
            Told {
                granted: 0,
                left: 0,
                wait: 500_000,
            },
            0,
        );
        lease.limit(120);
        assert!(lease.closed(1).is_some());
        lease.limit(600);
        assert_eq!(
            (lease.closed(1), lease.take(1), lease.holds()),
            (None, Taken::Ask, 600)
        );
    }

    #[test]
    fn what_is_put_back_can_be_taken_again() {
        let mut lease = Lease::new(1);
        assert_eq!(lease.take_alone(0, 0), Taken::Permit);
        lease.put_back();
        assert_eq!(lease.take_alone(0, 0), Taken::Permit);
        let mut lease = Lease::new(20);
        lease.told(
            Told {
                granted: 1,
                left: 0,
                wait: 0,
            },
            0,
        );
        assert_eq!(lease.take(0), Taken::Permit);
        lease.put_back();
        assert_eq!(lease.take(0), Taken::Permit);
        assert_eq!(lease.take(0), Taken::Ask);
    }
}
