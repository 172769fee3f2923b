//! Whether enough is known of a product to try a rule on it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Baseline, Rule, Test};

use super::store::Reach;
use super::view::TrialHistory;

/// How far back a product is known to who asks.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The plan shows nothing before this.
    pub shown_from: DateTime<Utc>,
    /// How far what is kept goes back.
    pub reach: Reach,
    /// Since when the tenant tracks it.
    pub tracked_at: Option<DateTime<Utc>>,
}

impl Known {
    /// Where what is read must begin because of the plan, when it would begin at `from`; nothing where there is nothing
    /// that the plan hides.
    pub fn limit(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let older = self.reach.first.is_some_and(|at| at < self.shown_from);
        (older && from < self.shown_from).then_some(self.shown_from)
    }

    /// Since when it is tracked, where the plan shows what was then.
    pub fn tracked_since(&self) -> Option<DateTime<Utc>> {
        self.tracked_at.filter(|at| self.limit(*at).is_none())
    }

    /// Whether enough is known to try the rule in a range, and what is missing.
    pub fn history(
        &self,
        rule: &Rule,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        limited_to: Option<DateTime<Utc>>,
    ) -> TrialHistory {
        let days = days(rule);
        let needed_from = from - TimeDelta::days(days.into());
        let minute = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
        let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
        let anchored = !rule.anchors().is_empty();
        let gone = |first: DateTime<Utc>| {
            let raw_from = self.reach.raw_from?;
            (needed_from < raw_from && first < raw_from).then_some(raw_from)
        };
        let note = match self.reach.first {
            None => Some("The product has not been looked at yet.".to_owned()),
            Some(_) if anchored && self.tracked_at.is_none() => Some(
                "You do not track this product, so there is no value when it was tracked."
                    .to_owned(),
            ),
            Some(_) if anchored && self.tracked_since().is_none() => Some(format!(
                "You have tracked this product since before {}, and your plan shows nothing before: the value when it was tracked is not told.",
                day(self.shown_from),
            )),
            Some(first) if first > to => {
                Some("The product was not looked at yet in this range.".to_owned())
            }
            Some(_) if self.limit(needed_from).is_some() => Some(format!(
                "Your plan shows nothing before {}; for this range the rule would like to know the product since {}.",
                day(self.shown_from),
                minute(needed_from),
            )),
            Some(first) if gone(first).is_some() => Some(format!(
                "Single looks before {} are no longer kept, and a rule is tried on looks; for this range it would like to know the product since {}.",
                day(self.reach.raw_from.unwrap_or_default()),
                minute(needed_from),
            )),
            Some(first) if days > 0 && first > needed_from => Some(format!(
                "The first look was at {}; for this range the rule would like to know the product since {}. Before it knows enough it says nothing.",
                minute(first),
                minute(needed_from),
            )),
            Some(_) => None,
        };
        TrialHistory {
            from: self.reach.first.max(limited_to),
            needed_from,
            enough: note.is_none(),
            note,
        }
    }
}

/// How many days before a look the rule compares it with.
fn days(rule: &Rule) -> u16 {
    let days = |test: &Test| match test {
        Test::Move(test) => match test.baseline {
            Baseline::Median { days, .. } | Baseline::Average { days, .. } => days,
            Baseline::Previous | Baseline::Tracked | Baseline::Fixed { .. } => 0,
        },
        Test::Extreme(test) => test.days,
        _ => 0,
    };
    let tests = rule.condition.tests();
    let days = tests.iter().map(|test| days(test)).max();
    days.unwrap_or_default()
}
