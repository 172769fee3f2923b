//! What the outside world refused, as our caller should read it.

use std::time::Duration;

use contracts::crawl::v1::Failure;
use http_kit::{ApiError, ErrorCode};

use crate::fetching::Refusal;

/// The wait that is advised where the source names none.
const SLOW_DOWN: Duration = Duration::from_secs(30);
/// The wait while the tenant's own requests are under way.
const OWN_TURN: Duration = Duration::from_secs(1);

/// `field` is what the request could change: named where nothing else helps.
pub(super) fn refused(refusal: Refusal, field: Option<&str>) -> ApiError {
    match refusal {
        Refusal::Busy => ApiError::rate_limited(
            "As many live requests of this tenant as may are under way. Wait for one of them.",
            OWN_TURN,
        ),
        Refusal::Deadline => ApiError::new(
            ErrorCode::Timeout,
            "The source did not answer in time. Try again in a moment.",
        ),
        Refusal::Source(failure) => of_source(failure, field),
        Refusal::Worker(status) => match ErrorCode::from_grpc(status.code()) {
            ErrorCode::Unavailable => ApiError::unavailable(status),
            _ => ApiError::internal(status),
        },
    }
}

fn of_source(failure: Failure, field: Option<&str>) -> ApiError {
    let wait = failure
        .retry_after_seconds
        .map(|seconds| Duration::from_secs(seconds.into()));
    let reason = failure.reason;
    match (failure.outcome.as_str(), field) {
        ("not_found", _) => ApiError::new(ErrorCode::NotFound, sentence(&reason)),
        ("rate_limited", _) => ApiError::rate_limited(sentence(&reason), wait.unwrap_or(SLOW_DOWN)),
        ("timeout", _) => ApiError::new(ErrorCode::Timeout, sentence(&reason)),
        ("failed", Some(field)) if !failure.retryable => ApiError::invalid(field, reason),
        _ => {
            let error = ApiError::new(ErrorCode::Upstream, sentence(&reason));
            match wait {
                Some(wait) => error.with_retry_after(wait),
                None => error,
            }
        }
    }
}

/// A reason as a sentence of its own.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let Some(first) = letters.next() else {
        return "The source did not say why.".to_owned();
    };
    let mut text: String = first.to_uppercase().chain(letters).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(outcome: &str, retryable: bool, field: Option<&str>) -> ErrorCode {
        let failure = Failure {
            outcome: outcome.to_owned(),
            reason: "it was so".to_owned(),
            retry_after_seconds: None,
            retryable,
        };
        refused(Refusal::Source(failure), field).code()
    }

    #[test]
    fn each_outcome_has_its_answer() {
        assert_eq!(code("not_found", false, Some("url")), ErrorCode::NotFound);
        assert_eq!(code("rate_limited", true, None), ErrorCode::RateLimited);
        assert_eq!(code("timeout", true, None), ErrorCode::Timeout);
        for trouble in ["blocked", "malformed", "suspicious", "network"] {
            assert_eq!(
                code(trouble, true, Some("url")),
                ErrorCode::Upstream,
                "{trouble}"
            );
        }
        assert_eq!(code("failed", true, Some("url")), ErrorCode::Upstream);
        assert_eq!(code("failed", false, Some("url")), ErrorCode::Invalid);
        assert_eq!(code("failed", false, None), ErrorCode::Upstream);
        assert_eq!(refused(Refusal::Busy, None).code(), ErrorCode::RateLimited);
        assert_eq!(refused(Refusal::Deadline, None).code(), ErrorCode::Timeout);
    }

    #[test]
    fn reasons_become_sentences() {
        assert_eq!(sentence("the source is away"), "The source is away.");
        assert_eq!(sentence("Really?"), "Really?");
        assert_eq!(sentence(""), "The source did not say why.");
    }
}
