//! What every source's connector offers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::listing::ListingRef;
use domain::source::Source;
use egress::{Request, Urgency};

use crate::Outcome;

/// One listing to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which listing.
    pub listing: ListingRef,
}

/// What planning may depend on besides the targets. New inputs are added here with a default, so
/// that older connectors do not change.
#[derive(Clone, Copy, Debug)]
pub struct PlanCx {
    /// The time to sign requests with.
    pub now: DateTime<Utc>,
    /// Chance, for picking one of several equal ways.
    pub seed: u64,
}

/// A request and the targets its answer is about, by their place in the list planned for.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Places in the list of targets.
    pub targets: Vec<usize>,
    /// What to send.
    pub request: Request,
}

/// What reading may depend on besides the answer.
#[derive(Clone, Copy, Debug)]
pub struct ReadCx<'a> {
    /// The targets the answer is about.
    pub targets: &'a [Target],
    /// The instant of the observations.
    pub observed_at: DateTime<Utc>,
}

/// What to fetch. New inputs are added here, so that older connectors do not change.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The listings.
    pub targets: &'a [Target],
    /// The last checkpoint of whoever worked on this before.
    pub resume: Option<&'a [u8]>,
    /// Who goes first when the source can be asked little at a time.
    pub urgency: Urgency,
}

/// Why a connector cannot say what to ask.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Setup {
    /// A setting the operator has to supply.
    #[error("{0} is not configured")]
    Missing(&'static str),
    /// A setting that makes no request.
    #[error("{0} is wrong")]
    Wrong(&'static str),
}

/// The lease on the targets is gone: somebody else works on them. Stop and report nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lease on this task is lost")]
pub struct LeaseLost;

/// Where a crawl tells how it goes.
#[async_trait]
pub trait Progress: Send + Sync {
    /// Keeps `state` safe beyond this process; given back as `resume` if another has to go on.
    /// Returns when it is durable.
    async fn checkpoint(&self, state: Vec<u8>) -> Result<(), LeaseLost>;

    /// Tells what became of one target, by its place in the list. Called once a target, as soon
    /// as it is known.
    async fn outcome(&self, target: usize, outcome: Outcome) -> Result<(), LeaseLost>;
}

/// A way to read one source.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Which source.
    fn source(&self) -> Source;

    /// The requests that begin fetching `targets`. Pure.
    ///
    /// # Errors
    /// Settings that are missing or wrong.
    fn plan(&self, targets: &[Target], cx: &PlanCx) -> Result<Vec<Planned>, Setup>;

    /// What a successful answer's body says about its targets: (place in `cx.targets`, outcome).
    /// Pure, and never panics whatever the bytes. Targets it does not mention are left out.
    fn read(&self, body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)>;

    /// Fetches all targets of the job, telling each one's outcome to `progress` exactly once.
    ///
    /// # Errors
    /// The lease was lost meanwhile; some outcomes are untold.
    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost>;
}
