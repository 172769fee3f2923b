//! How a source and we stand: its pauses, its refusals, and how much wider than usual the gaps are.
//! Rules alone: who keeps the standing, this process or all of them, is decided elsewhere.

use std::time::Duration;

/// When a source is left alone and when it is asked less.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Refusals in a row after which the source is left alone.
    pub refusals: u32,
    /// How long, the first time; doubled with every probe that fails.
    pub first_rest: Duration,
    /// The longest of these rests.
    pub longest_rest: Duration,
    /// "Too often" said twice within this time is lasting.
    pub lasting: Duration,
    /// How much wider the gaps get then, in percent of the usual.
    pub widest_percent: u32,
    /// Good answers after which the gaps get narrower by [`STEP_PERCENT`].
    pub good_run: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            refusals: 3,
            first_rest: Duration::from_secs(120),
            longest_rest: Duration::from_secs(3600),
            lasting: Duration::from_secs(600),
            widest_percent: 200,
            good_run: 5,
        }
    }
}

/// The longest pause that is obeyed. A source that asks for days, by malice or by mistake, is asked
/// again after this.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// By how much the gaps get narrower at once.
const STEP_PERCENT: u32 = 25;

/// What an answer says about our standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The source serves us.
    Good,
    /// Asked too often; leave it alone for this long.
    Limited(Duration),
    /// Refused, perhaps with a time.
    Refused(Option<Duration>),
    /// No answer, or one that says nothing about us.
    Neither,
}

/// All times are milliseconds of one clock, whose zero is long ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Nobody starts before it.
    pub(crate) paused_until: i64,
    /// Refusals in a row.
    pub(crate) refused: u32,
    /// Rests in a row; 0 while the source is asked as usual.
    pub(crate) rests: u32,
    /// When one request may try again; only while resting.
    pub(crate) probe_at: i64,
    /// Until then a probe is under way and nobody else tries.
    pub(crate) probing_until: i64,
    /// Gaps in percent of the usual.
    pub(crate) percent: u32,
    /// Good answers since the gaps last changed.
    pub(crate) good: u32,
    /// When the source last said "too often".
    pub(crate) limited_at: i64,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            paused_until: 0,
            refused: 0,
            rests: 0,
            probe_at: 0,
            probing_until: 0,
            percent: 100,
            good: 0,
            limited_at: 0,
        }
    }
}

/// One request that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) verdict: Verdict,
    /// How long ago it started, in milliseconds.
    pub(crate) age: i64,
    /// Whether it was the one that tries again after a rest.
    pub(crate) probe: bool,
    /// From [0, 1): spreads the probes of many.
    pub(crate) chance: f64,
}

impl Standing {
    /// Left alone: how much of the rest, or of somebody's probe, is left.
    pub(crate) fn resting(&self, now: i64) -> Option<Duration> {
        if self.rests == 0 {
            return None;
        }
        let until = self.probe_at.max(self.probing_until);
        (until > now).then(|| length(until - now))
    }

    /// What is left of a pause.
    pub(crate) fn paused(&self, now: i64) -> Duration {
        length(self.paused_until - now)
    }

    /// Requests that may be under way at once, of those that usually may.
    pub(crate) fn concurrency(&self, usual: u16) -> u16 {
        if self.percent > 100 { 1 } else { usual }
    }

    /// A gap as wide as it has to be now.
    pub(crate) fn gap(&self, usual: Duration) -> Duration {
        if self.percent <= 100 {
            return usual;
        }
        usual.max(LEAST_WIDENED) * self.percent / 100
    }

    /// A longer pause in force stays.
    pub(crate) fn pause(&mut self, now: i64, length: Duration) {
        let until = now + millis(length.min(LONGEST_PAUSE));
        self.paused_until = self.paused_until.max(until);
    }

    /// What the end of a request changes.
    pub(crate) fn end(&mut self, rules: &Rules, now: i64, ended: Ended) {
        let resting = self.rests > 0;
        match ended.verdict {
            Verdict::Good => {
                self.refused = 0;
                if ended.probe {
                    (self.rests, self.probe_at, self.probing_until) = (0, 0, 0);
                }
                self.narrow(rules);
            }
            Verdict::Limited(pause) => {
                self.pause(now, pause);
                self.good = 0;
                self.widen(rules, now, now - ended.age);
            }
            Verdict::Refused(pause) => {
                if let Some(pause) = pause {
                    self.pause(now, pause);
                }
                self.good = 0;
                self.refused = self.refused.saturating_add(1);
            }
            Verdict::Neither => {}
        }
        let failed_probe = ended.probe && ended.verdict != Verdict::Good;
        let refused_enough =
            matches!(ended.verdict, Verdict::Refused(_)) && self.refused >= rules.refusals;
        // One that was under way when the rest began changes nothing about it.
        if (failed_probe && resting) || (refused_enough && !resting) {
            self.rest(rules, now, ended.chance);
        }
    }

    fn rest(&mut self, rules: &Rules, now: i64, chance: f64) {
        let doubled = rules.first_rest * 2_u32.saturating_pow(self.rests.min(16));
        let rest = doubled.min(rules.longest_rest).mul_f64(1.0 + chance / 4.0);
        self.rests = self.rests.saturating_add(1);
        self.probe_at = (now + millis(rest)).max(self.paused_until);
        self.probing_until = 0;
    }

    fn widen(&mut self, rules: &Rules, now: i64, started: i64) {
        // Those that were under way together were told the same thing once.
        if started <= self.limited_at {
            return;
        }
        let again = self.limited_at > 0 && now - self.limited_at <= millis(rules.lasting);
        self.limited_at = now;
        if again {
            self.percent = rules.widest_percent;
        }
    }

    fn narrow(&mut self, rules: &Rules) {
        if self.percent <= 100 {
            return;
        }
        self.good += 1;
        if self.good >= rules.good_run {
            self.good = 0;
            self.percent = self.percent.saturating_sub(STEP_PERCENT).max(100);
        }
    }

    /// Both at once, where two clerks wrote apart from each other: whatever is kinder to the source.
    pub(crate) fn stricter(&self, other: &Self) -> Self {
        let (resting, less) = if (self.rests, self.probe_at) >= (other.rests, other.probe_at) {
            (self, other)
        } else {
            (other, self)
        };
        Self {
            paused_until: self.paused_until.max(other.paused_until),
            refused: self.refused.max(other.refused),
            rests: resting.rests,
            probe_at: resting.probe_at,
            probing_until: resting.probing_until.max(less.probing_until),
            percent: self.percent.max(other.percent),
            good: self.good.min(other.good),
            limited_at: self.limited_at.max(other.limited_at),
        }
    }

    /// The same by a clock that shows `by` more.
    pub(crate) fn shifted(&self, by: i64) -> Self {
        let shift = |time: i64| if time == 0 { 0 } else { (time + by).max(1) };
        Self {
            paused_until: shift(self.paused_until),
            probe_at: shift(self.probe_at),
            probing_until: shift(self.probing_until),
            limited_at: shift(self.limited_at),
            ..self.clone()
        }
    }
}

/// Widening a gap of nothing would leave nothing.
pub(crate) const LEAST_WIDENED: Duration = Duration::from_millis(100);

/// Whole milliseconds, rounded up so that no limit gets shorter.
pub(crate) fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX / 4)
}

fn length(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000_000;
    const SECOND: i64 = 1000;

    fn ended(verdict: Verdict) -> Ended {
        Ended {
            verdict,
            age: 100,
            probe: false,
            chance: 0.0,
        }
    }

    fn probe(verdict: Verdict) -> Ended {
        Ended {
            probe: true,
            ..ended(verdict)
        }
    }

    fn refused(times: u32) -> Standing {
        let mut standing = Standing::default();
        for _ in 0..times {
            standing.end(&Rules::default(), NOW, ended(Verdict::Refused(None)));
        }
        standing
    }

    #[test]
    fn three_refusals_in_a_row_are_a_rest_and_a_good_answer_between_is_none() {
        let rules = Rules::default();
        assert_eq!(refused(2).resting(NOW), None);
        assert_eq!(refused(3).resting(NOW), Some(rules.first_rest));
        let mut standing = refused(2);
        standing.end(&rules, NOW, ended(Verdict::Good));
        standing.end(&rules, NOW, ended(Verdict::Refused(None)));
        assert_eq!(standing.resting(NOW), None);
        standing.end(&rules, NOW, ended(Verdict::Neither));
        standing.end(&rules, NOW, ended(Verdict::Refused(None)));
        standing.end(&rules, NOW, ended(Verdict::Refused(None)));
        assert!(standing.resting(NOW).is_some());
    }

    #[test]
    fn rests_grow_with_each_failed_probe_and_end_with_a_good_one() {
        let rules = Rules::default();
        let mut standing = refused(3);
        let mut now = NOW;
        for minutes in [4, 8, 16, 32, 60, 60] {
            now = standing.probe_at;
            assert_eq!(standing.resting(now), None, "time to try");
            standing.end(&rules, now, probe(Verdict::Neither));
            let rest = standing.resting(now).expect("a rest");
            assert_eq!(rest, Duration::from_secs(minutes * 60));
        }
        // Neither a late answer of before nor one that is no probe ends it.
        let open = standing.clone();
        standing.end(&rules, now, ended(Verdict::Refused(None)));
        assert_eq!(
            (standing.rests, standing.probe_at),
            (open.rests, open.probe_at)
        );
        standing.end(&rules, now, ended(Verdict::Good));
        assert!(standing.resting(now).is_some());
        standing.end(&rules, standing.probe_at, probe(Verdict::Good));
        assert_eq!(standing, Standing::default());
    }

    #[test]
    fn a_probe_under_way_keeps_the_others_away() {
        let mut standing = refused(3);
        let now = standing.probe_at;
        standing.probing_until = now + 60 * SECOND;
        assert_eq!(standing.resting(now), Some(Duration::from_secs(60)));
    }

    #[test]
    fn lasting_limits_widen_and_good_answers_narrow_step_by_step() {
        let rules = Rules::default();
        let mut standing = Standing::default();
        let limited = ended(Verdict::Limited(Duration::from_secs(7)));
        standing.end(&rules, NOW, limited);
        // Under way at the same time as the first.
        standing.end(&rules, NOW + 50, limited);
        assert_eq!((standing.percent, standing.concurrency(3)), (100, 3));
        assert_eq!(standing.paused(NOW + 50), Duration::from_secs(7));
        standing.end(&rules, NOW + 8 * SECOND, limited);
        assert_eq!((standing.percent, standing.concurrency(3)), (200, 1));
        assert_eq!(
            standing.gap(Duration::from_millis(1500)),
            Duration::from_secs(3)
        );
        assert_eq!(standing.gap(Duration::ZERO), Duration::from_millis(200));
        for expected in [175, 150, 125, 100] {
            for _ in 0..rules.good_run {
                standing.end(&rules, NOW + 60 * SECOND, ended(Verdict::Good));
            }
            assert_eq!(standing.percent, expected);
        }
        assert_eq!(standing.concurrency(3), 3);
    }

    #[test]
    fn limits_far_apart_do_not_last() {
        let rules = Rules::default();
        let mut standing = Standing::default();
        let limited = ended(Verdict::Limited(Duration::from_secs(1)));
        standing.end(&rules, NOW, limited);
        standing.end(&rules, NOW + 3600 * SECOND, limited);
        assert_eq!(standing.percent, 100);
    }

    #[test]
    fn of_two_opinions_the_kinder_one_counts() {
        let mut paused = Standing::default();
        paused.pause(NOW, Duration::from_secs(60));
        let both = paused.stricter(&refused(3));
        assert!(both.resting(NOW).is_some() && !both.paused(NOW).is_zero());
        assert_eq!(both, refused(3).stricter(&paused));
        assert_eq!(both.shifted(5).shifted(-5), both);
    }
}
