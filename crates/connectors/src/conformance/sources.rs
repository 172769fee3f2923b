//! The kit over every registered source.

use std::sync::{Arc, LazyLock};

use egress::{Egress, Limits};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::mutate::{apply, change};
use super::{Case, Kind, rules};
use crate::{Ability, Connector, Outcome, Registry};

/// Broken answers made of each supplied one.
const MUTATIONS: u32 = 96;
/// Longer answers are mutated less.
const LONG: usize = 64 * 1024;

static CONNECTORS: LazyLock<Vec<Arc<dyn Connector>>> = LazyLock::new(|| {
    let egress = Egress::new(Limits::default()).expect("a client");
    let settings = config::Config::defaults().sources;
    let registry = Registry::new(&settings, &egress, None).expect("good defaults");
    let connectors = registry.sources().filter_map(|source| registry.get(source));
    connectors.collect()
});

/// Tells of each source by itself, so that one's failure does not hide another's.
fn each(test: impl Fn(&dyn Connector, Vec<Case>) + std::panic::RefUnwindSafe) {
    let mut failed = Vec::new();
    for connector in CONNECTORS.iter() {
        let name = connector.about().name;
        let test = std::panic::AssertUnwindSafe(|| {
            let cases = connector.cases().expect("the source supplies no cases");
            test(connector.as_ref(), cases.cases);
        });
        if std::panic::catch_unwind(test).is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

#[test]
fn every_kind_of_answer_is_supplied() {
    each(|connector, cases| {
        let varied = connector.about().abilities.contains(&Ability::Variants);
        for kind in Kind::ALL {
            let supplied = cases.iter().any(|case| case.kind == kind);
            assert!(supplied || (kind == Kind::Variants && !varied), "{kind:?}");
        }
    });
}

#[test]
fn every_answer_ends_as_it_must() {
    each(|connector, cases| {
        for case in &cases {
            let outcome = rules::read(connector, &case.target, &case.body);
            rules::hold(case, outcome.as_ref());
        }
    });
}

#[test]
fn a_page_for_people_is_no_product() {
    const PAGE: &str = "<!doctype html><html><head><title>One moment</title></head>\
        <body><h1>Checking your browser</h1><p>It takes 5.00 seconds.</p></body></html>";
    each(|connector, cases| {
        for case in &cases {
            for body in [PAGE, "", "null", "[]", "{}", "0", "\"ok\""] {
                let outcome = rules::read(connector, &case.target, body.as_bytes());
                let seen = matches!(outcome, Some(Outcome::Observed(_)));
                assert!(!seen, "{body:?} was read as {outcome:?}");
            }
        }
    });
}

#[test]
fn a_cut_answer_is_never_another_price() {
    each(|connector, cases| {
        for case in cases.iter().filter(|case| case.kind == Kind::Offered) {
            let price = |outcome: Option<Outcome>| match outcome {
                Some(Outcome::Observed(all)) => all[0].values.price,
                _ => None,
            };
            let whole = price(rules::read(connector, &case.target, &case.body));
            let step = (case.body.len() / 400).max(1);
            for end in (0..case.body.len()).step_by(step) {
                let cut = price(rules::read(connector, &case.target, &case.body[..end]));
                assert!(cut.is_none() || cut == whole, "cut at {end}: {cut:?}");
            }
        }
    });
}

#[test]
fn arbitrary_bytes_never_panic() {
    each(|connector, cases| {
        let target = &cases[0].target;
        let bytes = prop::collection::vec(any::<u8>(), 0..300);
        run(256, bytes, |bytes| {
            rules::read(connector, target, &bytes);
        });
    });
}

#[test]
fn broken_answers_never_panic_and_what_is_read_is_acceptable() {
    each(|connector, cases| {
        for case in cases.iter().filter(|case| case.body.len() <= LONG) {
            let changes = prop::collection::vec((any::<usize>(), change()), 1..4);
            run(MUTATIONS, changes, |changes| {
                let mut body = case.body.clone();
                for (place, change) in &changes {
                    body = apply(&body, *place, change);
                }
                rules::read(connector, &case.target, &body);
            });
        }
    });
}

fn run<S: Strategy>(times: u32, strategy: S, test: impl Fn(S::Value)) {
    let config = ProptestConfig {
        // The cases are closures over a connector: what fails is printed, not kept.
        failure_persistence: None,
        cases: times,
        ..ProptestConfig::default()
    };
    let ran = TestRunner::new(config).run(&strategy, |value| {
        test(value);
        Ok(())
    });
    if let Err(failure) = ran {
        panic!("{failure}");
    }
}
