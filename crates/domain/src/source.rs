//! Where products are listed.

use serde::{Deserialize, Serialize};

/// A kind of market. The names are those of the API, the tables and the queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Amazon's marketplaces, read through Apify.
    Amazon,
    /// PopMart's own shops.
    Popmart,
}

impl Source {
    /// Every source, in the order people see them.
    pub const ALL: [Self; 2] = [Self::Amazon, Self::Popmart];

    /// The name used in the API, in tables and in queue names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Amazon => "amazon",
            Self::Popmart => "popmart",
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no source we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a source; use amazon or popmart")]
pub struct UnknownSource(pub String);

impl std::str::FromStr for Source {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|source| source.as_str() == text)
            .ok_or_else(|| UnknownSource(text.to_owned()))
    }
}
