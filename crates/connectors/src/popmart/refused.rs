//! How the shop says no: by status, by envelope, by the RPC's errors.

use chrono::{DateTime, Utc};
use egress::Response;
use serde_json::Value;

use crate::Outcome;
use crate::json::Object;

/// Refusals are short; longer bodies are worth reading in full.
const SHORT: usize = 8 * 1024;

/// What an answer means that brings nothing to read. For the executor: this decides, too, whether
/// the shop is left alone for a while.
pub(crate) fn judge(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    let retry_after = response.retry_after(now);
    let said = || {
        let body = response.body.get(..SHORT).unwrap_or(&response.body);
        let value: Value = serde_json::from_slice(body).ok()?;
        said(&value)
    };
    Some(match response.status {
        // A refusal may come with 200; a product that is not there is the reader's to tell.
        200..300 => match said()? {
            Outcome::RateLimited { .. } => Outcome::RateLimited { retry_after },
            Outcome::Blocked { reason, .. } => Outcome::Blocked {
                retry_after,
                reason,
            },
            _ => return None,
        },
        404 | 410 => Outcome::NotFound,
        429 => Outcome::RateLimited { retry_after },
        // 471 is the shop's own firewall.
        status @ (403 | 471) => Outcome::Blocked {
            retry_after,
            reason: format!("the shop refuses us (HTTP {status})"),
        },
        432 => Outcome::hopeless(
            "the shop misses a header that says what device asks (HTTP 432): its API has changed, or a proxy drops x-device-type",
        ),
        401 => said().unwrap_or_else(|| Outcome::Blocked {
            retry_after,
            reason: "the shop refuses us (HTTP 401)".to_owned(),
        }),
        503 if retry_after.is_some() => Outcome::RateLimited { retry_after },
        status @ 300..400 => Outcome::hopeless(format!("the shop moved (HTTP {status})")),
        status @ 400..500 => said().unwrap_or_else(|| {
            Outcome::hopeless(format!("the shop refuses the request (HTTP {status})"))
        }),
        status => Outcome::failed(format!("the shop is in trouble (HTTP {status})")),
    })
}

/// The refusal that a body is, if it is one.
fn said(value: &Value) -> Option<Outcome> {
    let node = Object::of(value)?;
    match node.object("json") {
        Some(inner) => rpc_error(inner),
        None if node.mentions("data") || node.mentions("ret") => envelope(node),
        None => rpc_error(node),
    }
}

/// The refusal of an envelope; `None` when its code is `OK`.
pub(crate) fn envelope(node: Object<'_>) -> Option<Outcome> {
    let code = node.text("code");
    if code.as_deref() == Some("OK") {
        return None;
    }
    let code = code.unwrap_or_else(|| "none".to_owned());
    let message = node.text("message").unwrap_or_default();
    let lower = message.to_lowercase();
    let reason = || format!("the shop answers code {code}: {}", short(&message));
    Some(match code.as_str() {
        "404" | "4004" => Outcome::NotFound,
        _ if lower.contains("not found") || lower.contains("not exist") => Outcome::NotFound,
        _ if code == "4001" || lower.contains("signature") => Outcome::hopeless(
            "the shop refuses our signature; check sources.popmart.client_key and sign_salt",
        ),
        "429" => Outcome::RateLimited { retry_after: None },
        "403" | "471" => Outcome::Blocked {
            retry_after: None,
            reason: reason(),
        },
        "none" => Outcome::malformed("the envelope has no code"),
        _ => Outcome::failed(reason()),
    })
}

/// The refusal of an RPC: a code and a message where the reply would be.
pub(crate) fn rpc_error(node: Object<'_>) -> Option<Outcome> {
    if node.mentions("id") || node.mentions("items") {
        return None;
    }
    let (code, message) = (node.text("code")?, node.text("message")?);
    let reason = || format!("the shop answers {code}: {}", short(&message));
    Some(match code.as_str() {
        "NOT_FOUND" => Outcome::NotFound,
        "TOO_MANY_REQUESTS" => Outcome::RateLimited { retry_after: None },
        "FORBIDDEN" | "UNAUTHORIZED" => Outcome::Blocked {
            retry_after: None,
            reason: reason(),
        },
        "BAD_REQUEST" | "METHOD_NOT_SUPPORTED" | "UNPROCESSABLE_CONTENT" => {
            Outcome::hopeless(reason())
        }
        _ => Outcome::failed(reason()),
    })
}

fn short(message: &str) -> String {
    message.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judged(status: u16, body: &str) -> Option<Outcome> {
        judge(&response(status, body), DateTime::UNIX_EPOCH)
    }

    fn response(status: u16, body: &str) -> Response {
        Response {
            url: "https://shop.example/".parse().expect("a URL"),
            status,
            headers: Default::default(),
            body: body.to_owned().into(),
        }
    }

    fn word(status: u16, body: &str) -> (&'static str, bool) {
        judged(status, body).map_or(("read on", false), |outcome| {
            (outcome.as_str(), outcome.retryable())
        })
    }

    #[test]
    fn statuses_and_bodies_say_no_in_their_ways() {
        let signature =
            r#"{"code":"4001","data":null,"message":"Authentication signature error","ret":4001}"#;
        assert_eq!(
            word(200, signature),
            ("read on", false),
            "the reader tells it"
        );
        assert_eq!(word(401, signature), ("failed", false));
        assert_eq!(word(400, signature), ("failed", false));
        assert_eq!(word(401, ""), ("blocked", true));
        for status in [403, 471] {
            assert_eq!(word(status, signature), ("blocked", true));
        }
        assert_eq!(word(429, ""), ("rate_limited", true));
        assert_eq!(
            word(200, r#"{"code":"429","data":null,"message":"busy"}"#).0,
            "rate_limited"
        );
        assert_eq!(
            word(
                200,
                r#"{"json":{"code":"TOO_MANY_REQUESTS","message":"x"}}"#
            )
            .0,
            "rate_limited"
        );
        assert_eq!(
            word(404, r#"{"code":"NOT_FOUND","message":"x"}"#).0,
            "not_found"
        );
        assert_eq!(
            word(400, r#"{"code":"BAD_REQUEST","message":"x"}"#),
            ("failed", false)
        );
        assert_eq!(word(302, ""), ("failed", false));
        assert_eq!(word(502, "<html>"), ("failed", true));
        let header = judged(432, "").expect("an outcome");
        assert!(
            header.reason().contains("header") && !header.retryable(),
            "{header:?}"
        );
    }

    #[test]
    fn an_envelopes_code_decides_not_its_status() {
        let said =
            |value: Value| envelope(Object::of(&value).expect("an object")).map(|o| o.as_str());
        assert_eq!(said(json!({"code": "OK"})), None);
        assert_eq!(
            said(json!({"code": "1002", "message": "product does not exist"})),
            Some("not_found")
        );
        assert_eq!(
            said(json!({"code": 4004, "message": ""})),
            Some("not_found")
        );
        assert_eq!(
            said(json!({"code": "5000", "message": "busy"})),
            Some("failed")
        );
        assert_eq!(said(json!({"ret": 1})), Some("malformed"));
    }
}
