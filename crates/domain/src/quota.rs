//! When a tenant is told that it has used most of what its plan allows, and when all of it.

use chrono::NaiveDate;

/// How much of it, in percent, is worth telling.
pub const LEVELS: [u8; 2] = [80, 100];

/// What a tenant was last told about one thing that its plan limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// One of [`LEVELS`]; 0: nothing yet.
    pub percent: u8,
    /// What the plan allowed then.
    pub allowed: u64,
    /// The first day of the period that it was about.
    pub period: Option<NaiveDate>,
}

/// How much is used, in whole percent; of nothing allowed everything is used.
#[must_use]
pub fn percent(used: u64, allowed: u64) -> u64 {
    let percent = (u128::from(used) * 100).checked_div(allowed.into());
    percent.map_or(100, |percent| u64::try_from(percent).unwrap_or(u64::MAX))
}

/// What is worth telling now; `None`: it was told before, or there is much left. Each level is told once a period, and
/// anew when the plan allows something else.
#[must_use]
pub fn warning(used: u64, allowed: u64, before: Told, period: NaiveDate) -> Option<Told> {
    let reached = percent(used, allowed);
    let level = LEVELS
        .into_iter()
        .rfind(|level| reached >= u64::from(*level))?;
    let same = before.period == Some(period) && before.allowed == allowed;
    (!same || before.percent < level).then_some(Told {
        percent: level,
        allowed,
        period: Some(period),
    })
}

/// The level that going from `before` to `after` reaches, for what knows no period and is told each time it is reached;
/// `None`: it was reached before, or there is much left.
#[must_use]
pub fn reached(before: u64, after: u64, allowed: u64) -> Option<u8> {
    let level = |used| {
        let percent = percent(used, allowed);
        LEVELS.into_iter().rfind(|at| percent >= u64::from(*at))
    };
    level(after).filter(|_| level(after) > level(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).expect("a day")
    }

    #[test]
    fn each_level_is_told_once_a_period() {
        let mut told = Told::default();
        let mut heard = Vec::new();
        for used in 0..=110 {
            if let Some(next) = warning(used, 100, told, day(1)) {
                heard.push((used, next.percent));
                told = next;
            }
        }
        assert_eq!(heard, [(80, 80), (100, 100)]);
        // Less is used, and then more again: that is known already.
        assert_eq!(warning(79, 100, told, day(1)), None);
        assert_eq!(warning(85, 100, told, day(1)), None);
        let tomorrow = warning(85, 100, told, day(2)).expect("another period");
        assert_eq!(tomorrow.percent, 80);
    }

    #[test]
    fn another_plan_is_another_story() {
        let told = warning(50, 50, Told::default(), day(1)).expect("all of it");
        assert_eq!(told.percent, 100);
        assert_eq!(warning(50, 2_000, told, day(1)), None);
        let larger = warning(1_700, 2_000, told, day(1)).expect("most of the larger plan");
        assert_eq!((larger.percent, larger.allowed), (80, 2_000));
    }

    #[test]
    fn jumping_over_a_level_tells_the_higher_one() {
        let told = warning(300, 100, Told::default(), day(1)).expect("more than all");
        assert_eq!(told.percent, 100);
        assert_eq!(
            warning(1, 0, Told::default(), day(1)).map(|told| told.percent),
            Some(100)
        );
    }

    #[test]
    fn without_a_period_each_reaching_is_told() {
        let told: Vec<_> = (0..10)
            .filter_map(|used| reached(used, used + 1, 10))
            .collect();
        assert_eq!(told, [80, 100]);
        assert_eq!(reached(8, 9, 10), None);
        assert_eq!(reached(0, 1, 1), Some(100));
        assert_eq!(reached(9, 7, 10), None);
    }

    #[test]
    fn percents_are_whole_and_never_say_full_too_early() {
        assert_eq!(percent(199, 200), 99);
        assert_eq!(percent(u64::MAX, 1), u64::MAX);
        assert_eq!(percent(0, 0), 100);
    }
}
