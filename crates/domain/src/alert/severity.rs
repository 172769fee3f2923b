//! How much an alert matters.

use serde::{Deserialize, Serialize};

/// How much an alert matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Over the threshold.
    Warning,
    /// Three times the threshold and more.
    Critical,
}

impl Severity {
    /// The name in the API and the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// What decides how much a rule's alerts matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeverityChoice {
    /// How large the move was. What has no size matters as its event does: a restock is good to know.
    #[default]
    BySize,
    /// Always good to know.
    Info,
    /// Always a warning.
    Warning,
    /// Always critical.
    Critical,
}

impl SeverityChoice {
    /// Every choice with its name in the API and the tables.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::BySize, "by_size"),
        (Self::Info, "info"),
        (Self::Warning, "warning"),
        (Self::Critical, "critical"),
    ];

    /// The name in the API and the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BySize => "by_size",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// Reads a name; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, name)| *name == text)
            .map(|(choice, _)| choice)
    }

    /// What holds for an alert whose size says `by_size`.
    #[must_use]
    pub const fn of(self, by_size: Severity) -> Severity {
        match self {
            Self::BySize => by_size,
            Self::Info => Severity::Info,
            Self::Warning => Severity::Warning,
            Self::Critical => Severity::Critical,
        }
    }
}
