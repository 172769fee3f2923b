//! What became of a target.

use std::time::Duration;

use domain::observation::Observation;
use egress::EgressError;

/// The result of fetching one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Seen: the listing itself first, then its variants.
    Observed(Vec<Observation>),
    /// The source does not know it.
    NotFound,
    /// The source refuses us, by firewall, login or quota.
    Blocked {
        /// How long to stay away, if the source says.
        retry_after: Option<Duration>,
        /// What was seen.
        reason: String,
    },
    /// Asked too often.
    RateLimited {
        /// How long to stay away, if the source says.
        retry_after: Option<Duration>,
    },
    /// The answer cannot be understood.
    Malformed {
        /// What is wrong with it.
        what: String,
    },
    /// No whole answer in time.
    Timeout,
    /// No connection, or it broke.
    Network {
        /// What happened.
        reason: String,
    },
    /// Anything else; for people.
    Failed {
        /// What happened.
        reason: String,
        /// Whether another try can help.
        retryable: bool,
    },
}

impl Outcome {
    /// The stable word in reports and in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Observed(_) => "ok",
            Self::NotFound => "not_found",
            Self::Blocked { .. } => "blocked",
            Self::RateLimited { .. } => "rate_limited",
            Self::Malformed { .. } => "malformed",
            Self::Timeout => "timeout",
            Self::Network { .. } => "network",
            Self::Failed { .. } => "failed",
        }
    }

    /// What went wrong, for people; empty when nothing did. Never holds a secret.
    pub fn reason(&self) -> String {
        match self {
            Self::Observed(_) => String::new(),
            Self::NotFound => "the source does not list this product".into(),
            Self::RateLimited { .. } => "the source asks us to slow down".into(),
            Self::Timeout => "the source did not answer in time".into(),
            Self::Malformed { what } => what.clone(),
            Self::Blocked { reason, .. }
            | Self::Network { reason }
            | Self::Failed { reason, .. } => reason.clone(),
        }
    }

    /// How long the source asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Blocked { retry_after, .. } | Self::RateLimited { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// Whether another try can help soon.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Observed(_) | Self::NotFound => false,
            Self::Failed { retryable, .. } => *retryable,
            _ => true,
        }
    }

    /// A failure that another try may cure.
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
            retryable: true,
        }
    }

    /// A failure that needs a person.
    pub(crate) fn hopeless(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
            retryable: false,
        }
    }

    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }
}

impl From<EgressError> for Outcome {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Timeout { .. } => Self::Timeout,
            EgressError::Connect { .. } | EgressError::Body { .. } => Self::Network {
                reason: error.to_string(),
            },
            EgressError::TooLarge { .. } => Self::malformed(error.to_string()),
            EgressError::Blocked { .. } | EgressError::Request(_) => {
                Self::hopeless(error.to_string())
            }
        }
    }
}
