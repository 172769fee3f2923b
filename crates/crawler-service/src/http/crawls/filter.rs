//! Which crawls, and which of their targets.

use chrono::{DateTime, Utc};
use garde::Validate;
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::rules::outcome::Outcome;
use crate::rules::progress::CANCELLED;
use crate::storage::crawls::{Ended, Wanted};

/// Stored statuses besides `running`, which people see in two words.
const OVER: [&str; 4] = ["completed", "partial", "failed", "cancelled"];
const TRIGGERS: [&str; 3] = ["manual", "monitor", "schedule"];

/// Filters of the list of crawls; all that are given must hold.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct CrawlFilter {
    /// `idle`, `running`, `completed`, `partial`, `failed` or `cancelled`.
    #[garde(skip)]
    status: Option<String>,
    /// `manual`, `monitor` or `schedule`.
    #[garde(skip)]
    trigger: Option<String>,
    /// Crawls that fetch something there: one of `GET /sources`.
    #[garde(skip)]
    source: Option<String>,
    /// Asked for at this time or later, in RFC 3339.
    #[garde(skip)]
    from: Option<DateTime<Utc>>,
    /// Asked for before this time, in RFC 3339.
    #[garde(skip)]
    to: Option<DateTime<Utc>>,
}

impl CrawlFilter {
    /// As storage wants it; 422 for words that there are not.
    pub(super) fn wanted(self) -> ApiResult<Wanted> {
        let mut errors = Vec::new();
        let mut wanted = Wanted {
            from: self.from,
            to: self.to,
            ..Wanted::default()
        };
        match self.status.as_deref() {
            None => {}
            Some("idle") => (wanted.status, wanted.begun) = (Some("running"), Some(false)),
            Some("running") => (wanted.status, wanted.begun) = (Some("running"), Some(true)),
            Some(word) => {
                wanted.status = one_of(&OVER, word);
                if wanted.status.is_none() {
                    errors.push(unknown("status", &["idle", "running"], &OVER));
                }
            }
        }
        if let Some(word) = self.trigger.as_deref() {
            wanted.trigger = one_of(&TRIGGERS, word);
            if wanted.trigger.is_none() {
                errors.push(unknown("trigger", &[], &TRIGGERS));
            }
        }
        if let Some(name) = self.source {
            let known = name.parse().ok().and_then(connectors::about).is_some();
            if !known {
                errors.push(FieldError::new("source", "is not one of GET /sources"));
            }
            wanted.source = Some(name);
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            errors.push(FieldError::new("to", "must be later than `from`"));
        }
        if errors.is_empty() {
            Ok(wanted)
        } else {
            Err(ApiError::invalid_fields(errors))
        }
    }
}

/// Filter of a crawl's targets.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct TargetFilter {
    /// Targets that ended so: `ok`, `cancelled`, or one word for what went wrong, such as `not_found`; `failed` for
    /// everything that went wrong, `pending` for those that have not ended.
    #[garde(skip)]
    outcome: Option<String>,
}

impl TargetFilter {
    /// As storage wants it; 422 for words that there are not.
    pub(super) fn ended(self) -> ApiResult<Ended> {
        let Some(word) = self.outcome.as_deref() else {
            return Ok(Ended::All);
        };
        let words = Outcome::ALL.map(Outcome::as_str);
        match word {
            "pending" => Ok(Ended::Pending),
            "failed" => Ok(Ended::Failed),
            "untracked" => Ok(Ended::As("untracked")),
            CANCELLED => Ok(Ended::As(CANCELLED)),
            _ => one_of(&words, word).map(Ended::As).ok_or_else(|| {
                let error = unknown("outcome", &["pending", CANCELLED, "untracked"], &words);
                ApiError::invalid_fields(vec![error])
            }),
        }
    }
}

fn one_of(words: &[&'static str], word: &str) -> Option<&'static str> {
    words.iter().copied().find(|known| *known == word)
}

fn unknown(field: &str, first: &[&str], rest: &[&str]) -> FieldError {
    let words = [first, rest].concat().join(", ");
    FieldError::new(field, format!("must be one of: {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(word: &str) -> ApiResult<Ended> {
        TargetFilter {
            outcome: Some(word.to_owned()),
        }
        .ended()
    }

    #[test]
    fn every_outcome_can_be_asked_for() {
        for outcome in Outcome::ALL {
            let expected = match outcome {
                Outcome::Failed => Ended::Failed,
                other => Ended::As(other.as_str()),
            };
            assert_eq!(ended(outcome.as_str()).expect("known"), expected);
        }
        assert_eq!(ended("pending").expect("known"), Ended::Pending);
        assert_eq!(ended("cancelled").expect("known"), Ended::As("cancelled"));
        assert!(ended("splendid").is_err());
    }
}
