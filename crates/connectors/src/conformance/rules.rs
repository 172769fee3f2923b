//! What must hold of a case's outcome.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::observation::{Observation, check};

use super::{Case, Expect, Kind, Seen};
use crate::{Connector, Outcome, ReadCx, Target};

/// The instant of all observations here.
pub(super) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a time")
}

/// What a connector makes of a body; `None` when it does not mention the target. What is observed
/// is acceptable to history, whatever the body.
pub(super) fn read(connector: &dyn Connector, target: &Target, body: &[u8]) -> Option<Outcome> {
    let targets = std::slice::from_ref(target);
    let cx = ReadCx {
        targets,
        observed_at: at(),
    };
    let outcomes = connector.read(body, &cx);
    for (place, outcome) in &outcomes {
        assert_eq!(*place, 0, "an outcome for a target that does not exist");
        if let Outcome::Observed(all) = outcome {
            acceptable(all, target);
        }
    }
    outcomes.into_iter().map(|(_, outcome)| outcome).next()
}

/// Every body that was read as a product must give history what it accepts.
fn acceptable(all: &[Observation], target: &Target) {
    let first = all.first().expect("observed without an observation");
    assert_eq!(first.listing, target.listing, "the product comes first");
    assert_eq!(first.parent_external_id, None, "a product has no parent");
    let mut ids = HashSet::new();
    for observation in all {
        check(observation.observed_at, &observation.values, at())
            .unwrap_or_else(|refusal| panic!("{refusal}: {observation:?}"));
        assert!(
            ids.insert(&observation.listing.external_id),
            "observed twice: {}",
            observation.listing.external_id
        );
    }
    for variant in &all[1..] {
        let parent = variant.parent_external_id.as_deref();
        assert_eq!(parent, Some(target.listing.external_id.as_str()));
    }
}

/// Whether the case ends as it must.
pub(super) fn hold(case: &Case, outcome: Option<&Outcome>) {
    let word = outcome.map_or("nothing", Outcome::as_str);
    match &case.expect {
        Expect::Seen(seen) => {
            let Some(Outcome::Observed(all)) = outcome else {
                panic!("{:?}: not observed: {outcome:?}", case.kind)
            };
            figures(case.kind, seen, all);
        }
        Expect::Word(words) => assert!(
            words.contains(&word),
            "{:?}: {outcome:?} is none of {words:?}",
            case.kind
        ),
    }
    match case.kind {
        Kind::Offered => assert!(prices(outcome).count() > 0, "{outcome:?}"),
        Kind::LayoutChanged => assert_eq!(word, "malformed", "a changed layout: {outcome:?}"),
        Kind::ZeroPrice => assert_eq!(prices(outcome).next(), None, "a price from zero"),
        Kind::NotFound => assert!(["not_found", "nothing"].contains(&word), "{outcome:?}"),
        Kind::ErrorBody => assert_ne!(word, "ok", "an error was read as a product"),
        _ => {}
    }
}

fn figures(kind: Kind, seen: &Seen, all: &[Observation]) {
    let values = &all[0].values;
    assert_eq!(values.price, seen.price, "{kind:?}: price");
    if seen.price.is_some() {
        assert_eq!(
            values.currency.as_deref(),
            seen.currency,
            "{kind:?}: currency"
        );
    }
    assert_eq!(values.in_stock, seen.in_stock, "{kind:?}: in_stock");
    if seen.stock.is_some() {
        assert_eq!(values.stock_quantity, seen.stock, "{kind:?}: stock");
    }
    if let Some(expected) = &seen.variants {
        let told: Vec<_> = all[1..]
            .iter()
            .map(|variant| variant.values.price)
            .collect();
        assert_eq!(told.len(), expected.len(), "{kind:?}: number of variants");
        assert_eq!(&told, expected, "{kind:?}: prices of variants");
    }
}

fn prices(outcome: Option<&Outcome>) -> impl Iterator<Item = i64> + '_ {
    let all = match outcome {
        Some(Outcome::Observed(all)) => all.as_slice(),
        _ => &[],
    };
    all.iter()
        .filter_map(|observation| observation.values.price)
}
