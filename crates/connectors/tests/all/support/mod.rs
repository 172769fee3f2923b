//! What the tests of this crate share.

use std::path::PathBuf;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use connectors::{Job, LeaseLost, Outcome, Progress, ReadCx, Target, Urgency};
use domain::listing_url;
use domain::observation::{Observation, check};
use domain::source::Source;
use egress::{Egress, Limits};

/// The instant of all observations here.
pub fn at() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-05-02T10:00:00Z")
        .expect("a time")
        .to_utc()
}

pub fn target(source: Source, marketplace: &str, id: &str) -> Target {
    Target {
        listing: listing_url::from_id(source, marketplace, id).expect("a listing"),
    }
}

pub fn cx(targets: &[Target]) -> ReadCx<'_> {
    ReadCx {
        targets,
        observed_at: at(),
    }
}

pub fn job<'a>(targets: &'a [Target], resume: Option<&'a [u8]>) -> Job<'a> {
    Job {
        targets,
        resume,
        urgency: Urgency::High,
    }
}

/// A client that may reach this machine.
pub fn egress() -> Egress {
    Egress::new(Limits {
        allow_private: true,
        ..Limits::default()
    })
    .expect("a client")
}

pub fn sources() -> config::Sources {
    config::Config::defaults().sources
}

/// The observations of an outcome, each acceptable to history.
pub fn observed(outcome: &Outcome) -> &[Observation] {
    let Outcome::Observed(observations) = outcome else {
        panic!("not observed: {outcome:?}")
    };
    for observation in observations {
        check(observation.observed_at, &observation.values, at()).expect("acceptable");
    }
    observations
}

/// The recorded answers of the real upstreams, where somebody put them beside the workspace. They
/// are not ours to commit.
pub fn sample(name: &str) -> Option<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstreams/samples");
    std::fs::read(root.join(name)).ok()
}

/// Remembers what a crawl told.
#[derive(Default)]
pub struct Recorder {
    pub checkpoints: Mutex<Vec<Vec<u8>>>,
    pub outcomes: Mutex<Vec<(usize, Outcome)>>,
}

impl Recorder {
    /// The outcome words by target; panics when one was told twice or not at all.
    pub fn words(&self, targets: usize) -> Vec<&'static str> {
        let outcomes = self.outcomes.lock().expect("not poisoned");
        (0..targets)
            .map(|place| {
                let told: Vec<_> = outcomes.iter().filter(|(told, _)| *told == place).collect();
                assert_eq!(told.len(), 1, "target {place}: {told:?}");
                told[0].1.as_str()
            })
            .collect()
    }
}

#[async_trait]
impl Progress for Recorder {
    async fn checkpoint(&self, state: Vec<u8>) -> Result<(), LeaseLost> {
        self.checkpoints.lock().expect("not poisoned").push(state);
        Ok(())
    }

    async fn outcome(&self, target: usize, outcome: Outcome) -> Result<(), LeaseLost> {
        self.outcomes
            .lock()
            .expect("not poisoned")
            .push((target, outcome));
        Ok(())
    }
}
