//! What became of one fetch.

use std::str::FromStr;

/// The outcomes a worker may report, in the words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Fetched, and core has the observation.
    Ok,
    /// The source says that there is no such listing.
    NotFound,
    /// The source turned us away.
    Blocked,
    /// The source asked for a slower pace.
    RateLimited,
    /// The answer could not be read.
    Malformed,
    /// Read, but so unlikely that a second look has to confirm it.
    Suspicious,
    /// No answer in time.
    Timeout,
    /// No connection, or it broke.
    Network,
    /// Anything else.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::NotFound,
        Self::Blocked,
        Self::RateLimited,
        Self::Malformed,
        Self::Suspicious,
        Self::Timeout,
        Self::Network,
        Self::Failed,
    ];

    /// The word in contract, tables, API and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotFound => "not_found",
            Self::Blocked => "blocked",
            Self::RateLimited => "rate_limited",
            Self::Malformed => "malformed",
            Self::Suspicious => "suspicious",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Failed => "failed",
        }
    }
}

/// The text is no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an outcome")]
pub struct UnknownOutcome(String);

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_and_others_are_refused() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
        }
        assert!("OK".parse::<Outcome>().is_err());
    }
}
