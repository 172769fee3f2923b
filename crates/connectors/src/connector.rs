//! What every source's connector offers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::listing::ListingRef;
use domain::observation::Observation;
use egress::Urgency;
use url::Url;

use crate::about::{About, MonitorKind};
use crate::live::{LiveAnswer, LiveCall};
use crate::preview::Preview;
use crate::{Credential, Outcome};

/// One listing to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which listing.
    pub listing: ListingRef,
    /// Its page, where the listing's name alone does not lead to it.
    pub url: String,
    /// What a person chose about reading it, such as the strategy for a web page; empty otherwise.
    pub strategy: Option<String>,
    /// What [`Progress::remember`] kept of the last fetch; empty at first.
    pub memo: Vec<u8>,
}

impl Target {
    /// A target about which nothing special is known.
    pub fn new(listing: ListingRef) -> Self {
        Self {
            url: crate::listing_url::page(&listing),
            listing,
            strategy: None,
            memo: Vec::new(),
        }
    }
}

/// What reading may depend on besides the answer.
#[derive(Clone, Copy, Debug)]
pub struct ReadCx<'a> {
    /// The targets the answer is about.
    pub targets: &'a [Target],
    /// The instant of the observations.
    pub observed_at: DateTime<Utc>,
}

/// What to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The listings.
    pub targets: &'a [Target],
    /// What all work on a task shares.
    pub work: Work<'a>,
}

/// What to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// How.
    pub kind: MonitorKind,
    /// For what; empty where the kind needs no term.
    pub term: String,
    /// Narrows a keyword search; by the source's own name or id.
    pub category: Option<String>,
    /// Where; upper-case ISO 3166.
    pub marketplace: String,
    /// Enough hits.
    pub limit: usize,
}

/// What all work on a task shares.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// The last checkpoint of whoever worked on this before.
    pub resume: Option<&'a [u8]>,
    /// Who goes first when the source can be asked little at a time.
    pub urgency: Urgency,
    /// The tenant's own credential, for sources that need one.
    pub credential: Option<&'a Credential>,
}

impl Work<'static> {
    /// New work that somebody waits for.
    pub const URGENT: Self = Self {
        resume: None,
        urgency: Urgency::High,
        credential: None,
    };
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

/// The lease on the task is gone: somebody else works on it. Stop and report nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lease on this task is lost")]
pub struct LeaseLost;

/// Where work tells how it goes.
#[async_trait]
pub trait Progress: Send + Sync {
    /// Keeps `state` safe beyond this process; given back as `resume` if another has to go on.
    /// Returns when it is durable.
    async fn checkpoint(&self, state: Vec<u8>) -> Result<(), LeaseLost>;

    /// Tells what became of one target, by its place in the list. Called once a target, as soon
    /// as it is known.
    async fn outcome(&self, target: usize, outcome: Outcome) -> Result<(), LeaseLost>;

    /// Keeps a few bytes (at most [`MEMO_LIMIT`]) with a target for its next fetch, such as the
    /// `ETag` of its page. Called before the target's outcome; kept only if that is a success.
    async fn remember(&self, target: usize, memo: Vec<u8>);

    /// Tells what an upstream run cost. Repeating a run's number changes nothing.
    async fn cost(&self, cost: Cost);
}

/// Longest memo of a target.
pub const MEMO_LIMIT: usize = 16 * 1024;

/// What one upstream run cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The upstream's own id of the run.
    pub run: String,
    /// Millionths of a US dollar.
    pub micro_usd: i64,
    /// Results paid for, where the upstream tells.
    pub results: Option<u32>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// In the source's order, each as far as the list tells: with content, and values where it has
    /// them. Each listing once.
    pub found: Vec<domain::observation::Observation>,
    /// How many there are in all, where the source tells.
    pub total: Option<u64>,
    /// More was there than the search's limit.
    pub more: bool,
}

/// A reader of foreign text: its name, and what words it has for some bytes.
pub type Reader = (&'static str, fn(&[u8]) -> String);

/// A way to read one source.
#[async_trait]
pub trait Connector: Send + Sync {
    /// What can be said of the source without asking it.
    fn about(&self) -> &'static About;

    /// What a successful answer's body about targets says: (place in `cx.targets`, outcome). Pure,
    /// and never panics whatever the bytes. Targets it does not mention are left out.
    fn read(&self, body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)>;

    /// Fetches all targets of the job, telling each one's outcome to `progress` exactly once.
    ///
    /// # Errors
    /// The lease was lost meanwhile; some outcomes are untold.
    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost>;

    /// Searches, page by page until the limit. An empty answer is an answer; a source that cannot
    /// say whether it is empty or broken answers with an outcome.
    ///
    /// # Errors
    /// The outcome of what was asked; [`Outcome::Failed`] for a kind it cannot search by.
    async fn search(
        &self,
        search: &Search,
        work: Work<'_>,
        progress: &dyn Progress,
    ) -> Result<Hits, Outcome> {
        let _ = (work, progress);
        Err(Outcome::hopeless(format!(
            "{} cannot be searched by {}",
            self.about().name,
            search.kind.as_str()
        )))
    }

    /// Whether so little is left of what was seen that it is worth a look sooner; `None`: not known, or the source
    /// draws no such line.
    fn low_stock(&self, seen: &Observation) -> Option<bool> {
        let _ = seen;
        None
    }

    /// Whether a credential works. `Ok` holds a word for people, such as the account's name.
    ///
    /// # Errors
    /// Why it does not.
    async fn check(&self, credential: &Credential) -> Result<String, Outcome> {
        let _ = credential;
        Err(Outcome::hopeless(format!(
            "{} needs no credential",
            self.about().name
        )))
    }

    /// A live read on a tenant's behalf, such as a distributor's balance.
    ///
    /// # Errors
    /// The outcome of what was asked.
    async fn live(&self, call: &LiveCall, credential: &Credential) -> Result<LiveAnswer, Outcome> {
        let _ = (call, credential);
        Err(Outcome::hopeless(format!(
            "{} has no live reads",
            self.about().name
        )))
    }

    /// What a page says, by which strategy, before it is tracked; `None` when crawling it is the
    /// only way to know.
    ///
    /// # Errors
    /// The outcome of what was asked.
    async fn preview(&self, url: &Url) -> Result<Option<Preview>, Outcome> {
        let _ = url;
        Ok(None)
    }

    /// Other readers of foreign text in this source, such as one of prices: by name, from bytes to
    /// words about the result. For the fuzzer, which calls [`Connector::read`] in any case.
    fn readers(&self) -> Vec<Reader> {
        Vec::new()
    }

    /// The source's own answers for the conformance kit; a source without them fails it.
    #[cfg(test)]
    fn cases(&self) -> Option<crate::conformance::Cases> {
        None
    }
}
