//! Whatever order looks arrive in, and however often: the alerts that stand are those of the whole history.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::plainly::{any_rule, looks};
use super::*;

/// History and alerts, kept as ingest keeps them.
struct Kept<'a> {
    rule: &'a Rule,
    tracked: DateTime<Utc>,
    looks: BTreeMap<DateTime<Utc>, Values>,
    alerts: BTreeMap<DateTime<Utc>, Fired>,
    loads: usize,
}

impl Kept<'_> {
    fn sights(&self) -> Vec<Sight> {
        let looks = self.looks.iter();
        looks.map(|(at, values)| Sight::of(*at, values)).collect()
    }

    /// What stood when it was tracked, or what was first told afterwards.
    fn terms(&self) -> Terms {
        let sights = self.sights();
        let value = |sight: &Sight| match sight.told(Metric::Price) {
            Told::Value(amount) => Some((sight.at, amount)),
            _ => None,
        };
        let then = sights.iter().rfind(|sight| sight.at <= self.tracked);
        let later = || {
            let mut later = sights.iter().filter(|sight| sight.at > self.tracked);
            later.find_map(value)
        };
        let mut anchors = Anchors::default();
        if let Some((at, amount)) = then.and_then(value).or_else(later) {
            anchors.set(Metric::Price, at, amount);
        }
        Terms {
            since: self.tracked,
            anchors: Some(anchors),
        }
    }

    fn arrive(&mut self, chunk: &[(DateTime<Utc>, Values)]) {
        let newest = self.looks.last_key_value().map(|(at, v)| (*at, v.clone()));
        let mut dirty: Vec<DateTime<Utc>> = Vec::new();
        for (at, values) in chunk {
            if self.looks.get(at).is_none_or(|known| known < values) {
                self.looks.insert(*at, values.clone());
                dirty.push(*at);
            }
        }
        dirty.sort_unstable();
        dirty.dedup();
        let (Some(first), Some(last)) = (dirty.first(), dirty.last()) else {
            return;
        };
        if newest.as_ref().is_some_and(|(newest, _)| first <= newest) {
            self.late(*first, *last);
        } else {
            self.in_order(newest, &dirty);
        }
    }

    /// With the look before and the new ones, and with history only where that is not enough.
    fn in_order(&mut self, newest: Option<(DateTime<Utc>, Values)>, dirty: &[DateTime<Utc>]) {
        let begins = newest.is_none();
        let mut near: Vec<Sight> = newest
            .iter()
            .map(|(at, values)| Sight::of(*at, values))
            .collect();
        near.extend(dirty.iter().map(|at| Sight::of(*at, &self.looks[at])));
        let unknown = Terms {
            anchors: None,
            ..self.terms()
        };
        let line = Timeline::new(&near, begins);
        for (index, sight) in near.iter().enumerate().skip(usize::from(!begins)) {
            let fired = evaluate(self.rule, &line, index, &unknown).unwrap_or_else(|TooShort| {
                self.loads += 1;
                let all = self.sights();
                let from = sight.at - self.rule.looks_back();
                let first = all.partition_point(|look| look.at < from).saturating_sub(1);
                let place = all.partition_point(|look| look.at < sight.at);
                let line = Timeline::new(&all[first..], first == 0);
                evaluate(self.rule, &line, place - first, &self.terms()).expect("enough")
            });
            if let Some(fired) = fired {
                self.alerts.insert(fired.at, fired);
            }
        }
    }

    /// All looks that what arrived may concern are judged anew.
    fn late(&mut self, first: DateTime<Utc>, last: DateTime<Utc>) {
        let all = self.sights();
        let next = all.iter().find(|sight| sight.at > last);
        let end = match next {
            _ if !self.rule.anchors().is_empty() => DateTime::<Utc>::MAX_UTC,
            Some(next) => next.at + self.rule.looks_back(),
            None => last,
        };
        let from = first - self.rule.looks_back();
        let start = all
            .partition_point(|sight| sight.at < from)
            .saturating_sub(1);
        let line = Timeline::new(&all[start..], start == 0);
        let judged = all.partition_point(|sight| sight.at < first)
            ..all.partition_point(|sight| sight.at <= end);
        let looks = judged.start - start..judged.end - start;
        let fired = replay(self.rule, &line, looks, &self.terms()).expect("enough");
        self.alerts.retain(|at, _| *at < first || *at > end);
        self.alerts
            .extend(fired.into_iter().map(|fired| (fired.at, fired)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn any_order_and_repetition_gives_the_same_alerts(
        looks in looks(),
        rule in any_rule(),
        tracked in 0_i64..600,
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        size in 1_usize..6,
    ) {
        let looks: Vec<_> = looks.into_iter().map(|(hour, values)| (at(hour), values)).collect();
        let mut arriving: Vec<_> = order.iter().map(|index| index.get(&looks).clone()).collect();
        arriving.extend(looks.iter().cloned());
        let mut kept = Kept {
            rule: &rule,
            tracked: at(tracked),
            looks: BTreeMap::new(),
            alerts: BTreeMap::new(),
            loads: 0,
        };
        for chunk in arriving.chunks(size) {
            kept.arrive(chunk);
        }
        let sights = kept.sights();
        let line = Timeline::new(&sights, true);
        let whole = replay(&rule, &line, 0..sights.len(), &kept.terms()).expect("all here");
        let standing: Vec<_> = kept.alerts.into_values().collect();
        prop_assert_eq!(standing, whole);
    }
}

#[test]
fn a_level_needs_no_history_while_looks_tell_the_figure() {
    let mut test = level(100);
    test.step = Some(10);
    for test in [level(100), test] {
        let rule = rule(Test::Level(test));
        let mut kept = Kept {
            rule: &rule,
            tracked: at(0),
            looks: BTreeMap::new(),
            alerts: BTreeMap::new(),
            loads: 0,
        };
        for (hour, price) in (0..).zip([120, 99, 98, 97, 130, 131, 90, 95, 130]) {
            kept.arrive(&[(at(hour), offered(price))]);
        }
        assert_eq!(kept.loads, 0);
        assert_eq!(kept.alerts.len(), 2);
    }
}
