//! What the tests of this crate share.

use std::path::PathBuf;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use connectors::{
    Connector, Cost, Executor, Job, LeaseLost, Outcome, Progress, ReadCx, Target, Work, listing_url,
};
use domain::observation::{Observation, check};
use domain::source::Source;
use egress::{Egress, Limits};
use market_sim::{Sim, SimOptions};

/// The instant of all observations here.
pub fn at() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-05-02T10:00:00Z")
        .expect("a time")
        .to_utc()
}

pub fn target(source: Source, marketplace: &str, id: &str) -> Target {
    Target::new(listing_url::from_id(source, marketplace, id).expect("a listing"))
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
        work: Work {
            resume,
            ..Work::URGENT
        },
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

/// An executor of its own, with the manners of these settings.
pub fn executor(settings: &config::Sources) -> Executor {
    Executor::new(settings, egress(), None).expect("good settings")
}

/// A market of its own on a free port.
pub async fn sim() -> Sim {
    let options = SimOptions {
        port: 0,
        seed: 1,
        ..SimOptions::default()
    };
    Sim::start(options).await.expect("a market")
}

/// Everything the market lists of one source.
pub fn catalogue(sim: &Sim, source: Source) -> Vec<Target> {
    sim.market()
        .catalogue()
        .iter()
        .filter_map(|listing| listing_url::parse(&listing.key.url()).ok())
        .filter(|listing| listing.source == source)
        .map(Target::new)
        .collect()
}

/// Crawls and remembers what was told.
pub async fn crawl(connector: &dyn Connector, targets: &[Target]) -> Recorder {
    let recorder = Recorder::default();
    connector
        .crawl(job(targets, None), &recorder)
        .await
        .expect("the lease lives");
    recorder
}

/// Steers the market.
pub async fn control(sim: &Sim, what: &str, body: serde_json::Value) {
    let url = format!("{}/_control/{what}", sim.base_url())
        .parse()
        .expect("a URL");
    let request = egress::Request::post_json(url, &body).expect("JSON");
    let answer = egress().send(request).await.expect("an answer");
    assert!(
        answer.is_success(),
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
}

/// The observations of an outcome, each acceptable to history.
pub fn observed(outcome: &Outcome) -> &[Observation] {
    let Outcome::Observed(observations) = outcome else {
        panic!("not observed: {outcome:?}")
    };
    // What was read has the instant of the tests, what was crawled that of the clock.
    let now = Utc::now().max(at());
    for observation in observations {
        check(observation.observed_at, &observation.values, now).expect("acceptable");
    }
    observations
}

/// The recorded answers of the real upstreams, where somebody put them beside the workspace. They
/// are not ours to commit.
pub fn sample(name: &str) -> Option<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstreams/samples");
    std::fs::read(root.join(name)).ok()
}

/// All recorded answers whose file names begin so, by name; none where they do not lie beside us.
pub fn samples(prefix: &str) -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstreams/samples");
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut all: Vec<(String, Vec<u8>)> = entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, path)| (name, std::fs::read(path).expect("a readable sample")))
        .collect();
    all.sort();
    all
}

/// Remembers what a crawl told.
#[derive(Default)]
pub struct Recorder {
    pub checkpoints: Mutex<Vec<Vec<u8>>>,
    pub outcomes: Mutex<Vec<(usize, Outcome)>>,
    pub memos: Mutex<Vec<(usize, Vec<u8>)>>,
    pub costs: Mutex<Vec<Cost>>,
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

    async fn remember(&self, target: usize, memo: Vec<u8>) {
        self.memos
            .lock()
            .expect("not poisoned")
            .push((target, memo));
    }

    async fn cost(&self, cost: Cost) {
        self.costs.lock().expect("not poisoned").push(cost);
    }
}
