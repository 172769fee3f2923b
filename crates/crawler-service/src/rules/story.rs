//! How a crawl goes, in one sentence for people.

use chrono::{DateTime, Utc};

use super::progress::{CANCELLED, Counts};

/// A source that the crawl needs and that is not asked just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The source.
    pub source: String,
    /// What people call it.
    pub name: String,
    /// `paused`: it asked us to wait. `open`: it refuses us.
    pub state: &'static str,
    /// When it is asked again.
    pub until: Option<DateTime<Utc>>,
    /// The source's last trouble; empty when it told none.
    pub reason: String,
}

impl Hold {
    fn told(&self) -> String {
        let at = |word: &str| {
            self.until.map_or_else(String::new, |at| {
                format!("{word}{}", at.format("%H:%M UTC"))
            })
        };
        match self.state {
            "paused" => format!("{} asks us to pause{}", self.name, at(" until ")),
            _ => format!("{} refuses us{}", self.name, at("; the next try is at ")),
        }
    }
}

/// The sentence. `status` as people see it.
#[must_use]
pub fn told(counts: &Counts, status: &str, holds: &[Hold]) -> String {
    let tally = counts.tally;
    let total = counts.total;
    let mut text = match status {
        "idle" => format!("{total} waiting to be fetched"),
        "completed" => format!("All {total} fetched"),
        _ => format!("{} of {total} fetched", tally.succeeded),
    };
    if tally.failed > 0 {
        text = format!("{text}, {} failed", tally.failed);
    }
    if status == CANCELLED {
        text = format!("Cancelled: {text}, {} not fetched", tally.cancelled);
        let under_way = total.saturating_sub(tally.done());
        if under_way > 0 {
            text = format!("{text}; {under_way} still under way");
        }
    }
    if counts.finished_at.is_none() {
        for hold in holds {
            text = format!("{text}; {}", hold.told());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::progress::Tally;

    fn counts(succeeded: u32, failed: u32, cancelled: u32) -> Counts {
        let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time");
        Counts {
            total: 500,
            tally: Tally {
                succeeded,
                failed,
                cancelled,
            },
            started_at: at,
            begun_at: Some(at),
            finished_at: None,
        }
    }

    fn over(counts: Counts) -> Counts {
        Counts {
            finished_at: Some(counts.started_at),
            ..counts
        }
    }

    fn hold(state: &'static str) -> Hold {
        Hold {
            source: "popmart".to_owned(),
            name: "PopMart".to_owned(),
            state,
            until: DateTime::from_timestamp(1_800_000_180, 0),
            reason: String::new(),
        }
    }

    #[test]
    fn what_goes_on_is_told() {
        let cases = [
            (counts(0, 0, 0), "idle", "500 waiting to be fetched"),
            (counts(0, 0, 0), "running", "0 of 500 fetched"),
            (
                counts(340, 12, 0),
                "running",
                "340 of 500 fetched, 12 failed",
            ),
            (over(counts(500, 0, 0)), "completed", "All 500 fetched"),
            (
                over(counts(488, 12, 0)),
                "partial",
                "488 of 500 fetched, 12 failed",
            ),
            (
                over(counts(0, 500, 0)),
                "failed",
                "0 of 500 fetched, 500 failed",
            ),
            (
                counts(340, 12, 140),
                "cancelled",
                "Cancelled: 340 of 500 fetched, 12 failed, 140 not fetched; 8 still under way",
            ),
            (
                over(counts(340, 0, 160)),
                "cancelled",
                "Cancelled: 340 of 500 fetched, 160 not fetched",
            ),
        ];
        for (counts, status, sentence) in cases {
            assert_eq!(told(&counts, status, &[]), sentence);
        }
    }

    #[test]
    fn who_holds_it_up_is_told_until_it_is_over() {
        let waiting = told(&counts(340, 12, 0), "running", &[hold("paused")]);
        assert_eq!(
            waiting,
            "340 of 500 fetched, 12 failed; PopMart asks us to pause until 08:03 UTC"
        );
        let refused = told(&counts(0, 0, 0), "idle", &[hold("open")]);
        assert_eq!(
            refused,
            "500 waiting to be fetched; PopMart refuses us; the next try is at 08:03 UTC"
        );
        let done = over(counts(500, 0, 0));
        assert_eq!(told(&done, "completed", &[hold("open")]), "All 500 fetched");
    }
}
