//! Which due targets their tenants' plans still admit, and until when the others wait.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

/// The plans' names of what is limited here.
pub const CRAWLS: &str = "crawls_per_day";
/// See [`CRAWLS`].
pub const SPEND: &str = "source_spend_cents_per_month";

/// Millionths of a US dollar in a cent.
pub const MICRO_A_CENT: u64 = 10_000;

/// What is left of a tenant's plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Fetches on this day.
    pub crawls: u64,
    /// Whether it may still spend something on the source that is asked.
    pub spend: bool,
}

/// What a due target needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The listing's id.
    pub id: i64,
    /// Who pays for it.
    pub payer: Uuid,
    /// Who else could: those that track it, too.
    pub others: Vec<Uuid>,
}

/// What becomes of due targets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// How many fetches each tenant pays for.
    pub charges: BTreeMap<Uuid, u64>,
    /// Targets that another tenant pays for than whose turn it was.
    pub moved: Vec<(i64, Uuid)>,
    /// Targets that nobody's plan admits before the next day.
    pub until_tomorrow: Vec<i64>,
    /// Targets that nobody's plan admits before the next month.
    pub until_next_month: Vec<i64>,
}

/// Settles who pays for what, in the order given. Of a tenant that `left` does not name nothing is known, and it is
/// admitted. Who has used up its own is passed over for somebody else who tracks the same, the one with most left.
#[must_use]
pub fn settle(wanted: &[Wanted], mut left: BTreeMap<Uuid, Left>) -> Settled {
    let mut settled = Settled::default();
    for target in wanted {
        let room = |tenant: &Uuid, left: &BTreeMap<Uuid, Left>| match left.get(tenant) {
            None => u64::MAX,
            Some(left) if left.spend => left.crawls,
            Some(_) => 0,
        };
        let payer = if room(&target.payer, &left) > 0 {
            Some(target.payer)
        } else {
            let others = target.others.iter().copied();
            let other = others.max_by_key(|other| room(other, &left));
            other.filter(|other| room(other, &left) > 0)
        };
        let Some(payer) = payer else {
            // Tomorrow is enough for who may spend and has only fetched enough for today.
            let mut all = std::iter::once(&target.payer).chain(&target.others);
            let may_spend = all.any(|tenant| left.get(tenant).is_none_or(|left| left.spend));
            if may_spend {
                settled.until_tomorrow.push(target.id);
            } else {
                settled.until_next_month.push(target.id);
            }
            continue;
        };
        if payer != target.payer {
            settled.moved.push((target.id, payer));
        }
        if let Some(left) = left.get_mut(&payer) {
            left.crawls = left.crawls.saturating_sub(1);
        }
        *settled.charges.entry(payer).or_default() += 1;
    }
    settled
}

/// When the next UTC day begins.
#[must_use]
pub fn tomorrow(now: DateTime<Utc>) -> DateTime<Utc> {
    let day = now.date_naive();
    midnight(day.checked_add_days(Days::new(1)).unwrap_or(day))
}

/// The first day of the UTC month.
#[must_use]
pub fn month(now: DateTime<Utc>) -> NaiveDate {
    let day = now.date_naive();
    day.with_day(1).unwrap_or(day)
}

/// When the next UTC month begins.
#[must_use]
pub fn next_month(now: DateTime<Utc>) -> DateTime<Utc> {
    let month = month(now);
    midnight(month.checked_add_months(Months::new(1)).unwrap_or(month))
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: Uuid = Uuid::from_u128(1);
    const BOLT: Uuid = Uuid::from_u128(2);

    fn wanted(id: i64, payer: Uuid, others: &[Uuid]) -> Wanted {
        Wanted {
            id,
            payer,
            others: others.to_vec(),
        }
    }

    fn left(crawls: u64, spend: bool) -> Left {
        Left { crawls, spend }
    }

    #[test]
    fn what_a_plan_does_not_admit_is_paid_by_another_or_waits() {
        let all = [
            wanted(1, ACME, &[]),
            wanted(2, ACME, &[BOLT]),
            wanted(3, ACME, &[]),
            wanted(4, ACME, &[BOLT]),
        ];
        let settled = settle(
            &all,
            BTreeMap::from([(ACME, left(1, true)), (BOLT, left(1, true))]),
        );
        assert_eq!(settled.charges, BTreeMap::from([(ACME, 1), (BOLT, 1)]));
        assert_eq!(settled.moved, [(2, BOLT)]);
        assert_eq!(settled.until_tomorrow, [3, 4]);
        assert_eq!(settled.until_next_month, [0_i64; 0]);
    }

    #[test]
    fn who_may_spend_no_more_waits_for_the_month() {
        let all = [wanted(1, ACME, &[]), wanted(2, ACME, &[BOLT])];
        let settled = settle(
            &all,
            BTreeMap::from([(ACME, left(9, false)), (BOLT, left(0, true))]),
        );
        assert_eq!(settled.until_next_month, [1]);
        assert_eq!(settled.until_tomorrow, [2], "the other one may tomorrow");
        assert!(settled.charges.is_empty());
    }

    #[test]
    fn of_whom_nothing_is_known_nothing_is_refused() {
        let settled = settle(
            &[wanted(1, ACME, &[]), wanted(2, ACME, &[])],
            BTreeMap::new(),
        );
        assert_eq!(settled.charges, BTreeMap::from([(ACME, 2)]));
    }

    #[test]
    fn days_and_months_begin_at_midnight_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let now = at("2026-12-31T23:59:59Z");
        assert_eq!(tomorrow(now), at("2027-01-01T00:00:00Z"));
        assert_eq!(next_month(now), at("2027-01-01T00:00:00Z"));
        assert_eq!(
            next_month(at("2027-01-01T00:00:00Z")),
            at("2027-02-01T00:00:00Z")
        );
        assert_eq!(month(now).to_string(), "2026-12-01");
    }
}
