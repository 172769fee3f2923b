//! Which alerts a batch raises or takes back: rules apply to trackings, and are judged at the looks of their listings.
//!
//! Most rules can be judged from what the batch has in hand: the looks that arrived and the one before them. Only where
//! that is not enough, a window of days or a value within the hysteresis, or where looks came late, is history read,
//! listing by listing. What rules of many tenants ask alike is judged once a listing.

mod applied;
mod evaluate;
mod replay;

pub use applied::{Applied, Compiled, RuleHead, Rules, Tracked};
pub use evaluate::{Evaluation, Judged, Open, evaluate};
pub use replay::{AnchorKey, Known, Loaded, Replay, Said, anchors_of, spans_of};

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::alert::Fired;
use uuid::Uuid;

/// Which rule, for whom: with an instant what an alert is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Whose.
    pub tenant_id: Uuid,
    /// The tracking it is evaluated for.
    pub tracking_id: Uuid,
    /// The rule.
    pub rule_id: Uuid,
    /// Its version.
    pub rule_version: i32,
    /// Since when that applies.
    pub rule_since: DateTime<Utc>,
    /// What people call it.
    pub rule_name: Option<String>,
}

/// A rule that fired for a tracking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The listing.
    pub listing_id: i64,
    /// Which rule, for whom.
    pub by: By,
    /// What it saw.
    pub fired: Fired,
}

/// Points that were judged anew: of a rule no alerts stand there but those that are raised with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejudged {
    /// Where, in order of time.
    pub at: Arc<[DateTime<Utc>]>,
    /// Which rule, for whom.
    pub by: By,
}

/// As [`Rejudged`], of a whole stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// From here.
    pub from: DateTime<Utc>,
    /// To here.
    pub to: DateTime<Utc>,
    /// Which rule, for whom.
    pub by: By,
}

/// What a batch does to alerts.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// Alerts to raise.
    pub raised: Vec<Raised>,
    /// Points judged anew.
    pub rejudged: Vec<Rejudged>,
    /// Stretches judged anew.
    pub cleared: Vec<Cleared>,
}
