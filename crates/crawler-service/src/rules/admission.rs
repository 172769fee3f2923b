//! Whether a source is asked at all: an open breaker stops the claiming, until it is time to probe.

use chrono::{DateTime, Utc};

/// Whether workers ask a source, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// As usual.
    Closed,
    /// Left alone.
    Open,
    /// One request is trying.
    HalfOpen,
}

impl Breaker {
    /// The word in contract and table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Closed, Self::Open, Self::HalfOpen]
            .into_iter()
            .find(|breaker| breaker.as_str() == text)
    }
}

/// How much of a source's work may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// As much as the window has room for.
    All,
    /// One task, which finds out whether the source is back.
    Probe,
    /// Nothing.
    Nothing,
}

/// Decides by the breaker of the source as a whole; `under_way` counts what is leased already. A probe that is lost
/// ends with its lease, and the next one goes.
#[must_use]
pub fn admission(
    breaker: Breaker,
    probe_at: Option<DateTime<Utc>>,
    under_way: u32,
    now: DateTime<Utc>,
) -> Admission {
    match breaker {
        Breaker::Closed => Admission::All,
        Breaker::Open if probe_at.is_some_and(|at| at > now) => Admission::Nothing,
        Breaker::Open | Breaker::HalfOpen if under_way == 0 => Admission::Probe,
        Breaker::Open | Breaker::HalfOpen => Admission::Nothing,
    }
}

/// What people read of a source's state.
#[must_use]
pub fn word(
    breaker: Breaker,
    paused_until: Option<DateTime<Utc>>,
    gap_percent: u32,
    now: DateTime<Utc>,
) -> &'static str {
    if breaker != Breaker::Closed {
        "open"
    } else if paused_until.is_some_and(|until| until > now) {
        "paused"
    } else if gap_percent > 100 {
        "slowed"
    } else {
        "ok"
    }
}

/// How bad a word is: the worst of several stands for all.
#[must_use]
pub fn badness(word: &str) -> u8 {
    match word {
        "open" => 3,
        "paused" => 2,
        "slowed" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
    }

    #[test]
    fn an_open_breaker_stops_until_one_probe_may_go() {
        let later = Some(now() + TimeDelta::seconds(30));
        let due = Some(now());
        assert_eq!(admission(Breaker::Closed, later, 9, now()), Admission::All);
        assert_eq!(
            admission(Breaker::Open, later, 0, now()),
            Admission::Nothing
        );
        assert_eq!(admission(Breaker::Open, due, 0, now()), Admission::Probe);
        assert_eq!(admission(Breaker::Open, None, 0, now()), Admission::Probe);
        assert_eq!(admission(Breaker::Open, due, 1, now()), Admission::Nothing);
        assert_eq!(
            admission(Breaker::HalfOpen, None, 1, now()),
            Admission::Nothing,
            "the probe is under way"
        );
        assert_eq!(
            admission(Breaker::HalfOpen, later, 0, now()),
            Admission::Probe,
            "the probe was lost"
        );
    }

    #[test]
    fn words_tell_the_worst() {
        let later = Some(now() + TimeDelta::seconds(30));
        assert_eq!(word(Breaker::Open, later, 300, now()), "open");
        assert_eq!(word(Breaker::HalfOpen, None, 100, now()), "open");
        assert_eq!(word(Breaker::Closed, later, 300, now()), "paused");
        assert_eq!(word(Breaker::Closed, Some(now()), 200, now()), "slowed");
        assert_eq!(word(Breaker::Closed, None, 100, now()), "ok");
        assert!(badness("open") > badness("paused") && badness("slowed") > badness("ok"));
        for breaker in [Breaker::Closed, Breaker::Open, Breaker::HalfOpen] {
            assert_eq!(Breaker::parse(breaker.as_str()), Some(breaker));
        }
        assert_eq!(Breaker::parse("broken"), None);
    }
}
