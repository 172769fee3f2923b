//! What an answer of Apify's API means. Pure; it decides, too, whether the source is left alone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use egress::Response;
use serde::de::IgnoredAny;

use super::wire::{Data, ErrorBody};
use crate::Outcome;

/// How long to stay away when only a person or the next billing period can help.
const QUOTA_PAUSE: Duration = Duration::from_secs(15 * 60);

/// An answer that should hold one object in its wrapper.
pub(crate) fn object(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    refusal(response, now).or_else(|| {
        serde_json::from_slice::<Data<IgnoredAny>>(&response.body)
            .is_err()
            .then(|| Outcome::malformed("Apify's answer is not the JSON it should be"))
    })
}

/// An answer that should hold dataset items: a bare array.
pub(crate) fn items(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    refusal(response, now).or_else(|| {
        serde_json::from_slice::<Vec<IgnoredAny>>(&response.body)
            .is_err()
            .then(|| Outcome::malformed("the results are not a JSON array"))
    })
}

/// What a refusal means; `None` for a success. The body's type decides, the status where it tells
/// none that is known.
pub(crate) fn refusal(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    if response.is_success() {
        return None;
    }
    let kind = serde_json::from_slice::<ErrorBody>(&response.body)
        .map(|body| body.error.kind)
        .unwrap_or_default();
    let said = if kind.is_empty() {
        format!("HTTP {}", response.status)
    } else {
        kind.chars().take(80).collect()
    };
    let retry_after = response.retry_after(now);
    let needs_a_person = |what: &str| Outcome::Blocked {
        retry_after: retry_after.or(Some(QUOTA_PAUSE)),
        reason: format!("{what}: {said}"),
    };
    Some(match (kind.as_str(), response.status) {
        ("rate-limit-exceeded" | "concurrent-runs-limit-exceeded", _) => {
            Outcome::RateLimited { retry_after }
        }
        (
            "not-enough-usage-to-run-paid-actor"
            | "x402-payment-required"
            | "actor-memory-limit-exceeded",
            _,
        ) => needs_a_person("Apify's quota is used up"),
        ("full-permission-actor-not-approved", _) => {
            needs_a_person("the actor has to be approved once in Apify's console")
        }
        ("actor-is-not-rented", _) => {
            needs_a_person("the actor has to be rented in Apify's console")
        }
        ("token-not-provided" | "invalid-token", _) => {
            Outcome::hopeless(format!("Apify refuses the token: {said}"))
        }
        ("record-not-found", _) => Outcome::NotFound,
        ("run-timeout-exceeded", _) | (_, 408) => Outcome::Timeout,
        (_, 404) => Outcome::NotFound,
        (_, 429) => Outcome::RateLimited { retry_after },
        (_, 503) if retry_after.is_some() => Outcome::RateLimited { retry_after },
        (_, 402) => needs_a_person("Apify's quota is used up"),
        (_, 401) => Outcome::hopeless(format!("Apify refuses the token: {said}")),
        (_, 403) => Outcome::Blocked {
            retry_after,
            reason: format!("Apify refuses: {said}"),
        },
        (_, 500..) => Outcome::failed(format!("Apify is in trouble: {said}")),
        _ => Outcome::hopeless(format!("Apify refuses the request: {said}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn verdict(status: u16, body: &Value) -> Option<Outcome> {
        let response = Response {
            url: "https://api.apify.com".parse().expect("a URL"),
            status,
            headers: Default::default(),
            body: body.to_string().into(),
        };
        object(&response, Utc::now())
    }

    #[test]
    fn the_type_decides_and_the_status_stands_in() {
        for (status, kind, word) in [
            (400, "invalid-input", "failed"),
            (401, "token-not-provided", "failed"),
            (402, "not-enough-usage-to-run-paid-actor", "blocked"),
            (403, "full-permission-actor-not-approved", "blocked"),
            (403, "", "blocked"),
            (404, "record-not-found", "not_found"),
            (408, "run-timeout-exceeded", "timeout"),
            (400, "concurrent-runs-limit-exceeded", "rate_limited"),
            (403, "actor-is-not-rented", "blocked"),
            (413, "", "failed"),
            (429, "", "rate_limited"),
            (500, "", "failed"),
        ] {
            let body = json!({"error": {"type": kind, "message": "as told"}});
            let outcome = verdict(status, &body).expect("a refusal");
            assert_eq!(outcome.as_str(), word, "{status} {kind}");
        }
        let html = verdict(502, &json!("<html>")).expect("a refusal");
        assert!(html.retryable());
        let wrong = verdict(400, &json!({"error": {"type": "invalid-input"}})).expect("a refusal");
        assert!(!wrong.retryable());
    }

    #[test]
    fn a_success_has_to_be_what_was_asked_for() {
        assert_eq!(verdict(200, &json!({"data": {}})), None);
        assert_eq!(
            verdict(200, &json!([])).map(|outcome| outcome.as_str()),
            Some("malformed")
        );
    }
}
