//! What a page says before it is tracked, and by which strategy.

use domain::listing::ListingRef;
use domain::observation::Observation;

/// The strategies a person can choose among, for sources that compare several ([`crate::Ability::Candidates`]).
pub const STRATEGIES: [&str; 5] = ["json_ld", "microdata", "rdfa", "open_graph", "text"];

/// What was found on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The listing it would be tracked as.
    pub listing: ListingRef,
    /// The page's address after redirects.
    pub url: String,
    /// One for each strategy that found something, the most trusted first.
    pub candidates: Vec<Candidate>,
    /// Figures about which they differ: shown, never hidden.
    pub disagreements: Vec<Disagreement>,
}

/// What one strategy found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// One of [`STRATEGIES`], or `api` for a source that has one way only.
    pub strategy: String,
    /// 0 to 100: how far this strategy is trusted with this page.
    pub confidence: u8,
    /// What it would store.
    pub observation: Observation,
    /// The product's variants, where the page tells.
    pub variants: Vec<Observation>,
}

/// A figure that strategies tell differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// `price`, `currency`, `availability`, `title`.
    pub field: String,
    /// (strategy, what it says).
    pub told: Vec<(String, String)>,
}
