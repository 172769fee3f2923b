//! What an answer of the gateway is, by its shape.
//!
//! Sources: the platform's error pages and recorded answers. Calls wrap what they say differently:
//! once, twice, or as `data`; resellers re-wrap it. The shape of the core decides, not its depth.

use std::time::Duration;

use chrono::{DateTime, Utc};
use egress::Response;
use serde_json::{Map, Value};

use crate::json::Object;
use crate::{Outcome, by_status};

/// How long to stay away after a frequency limit that names no time.
const FREQUENCY_PAUSE: Duration = Duration::from_secs(10);
/// Refusals are short. A longer answer is not searched for one before it is read.
const REFUSAL_BYTES: usize = 16 * 1024;
/// Wrappers around the core.
const DEPTH: usize = 5;

/// What an answer says.
#[derive(Debug)]
pub(super) enum Answer<'a> {
    /// `queryProductDetail`'s product.
    Product(Object<'a>),
    /// `alibaba.cross.productInfo`'s product.
    Relation(Object<'a>),
    /// A page of a search.
    Page(Object<'a>),
    /// No.
    Refused(Refusal),
    /// Something else.
    Unknown,
}

/// A refusal, sorted by what it asks of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The access token is old or not one.
    Token,
    /// Too many calls.
    Frequency,
    /// The app may not use the call: a person has to apply for it.
    Permission,
    /// The account has no listing relation with the product.
    Relation,
    /// There is no such product.
    Missing,
    /// Our request is wrong, the signature included.
    Request(String),
    /// Anything else.
    Trouble(String),
}

impl Refusal {
    /// The outcome, where nothing better is to be done about it.
    pub(super) fn outcome(self) -> Outcome {
        let blocked = |reason: &str| Outcome::Blocked {
            retry_after: None,
            reason: reason.to_owned(),
        };
        match self {
            Self::Token => blocked("1688 refuses the access token; authorise the app anew"),
            Self::Frequency => Outcome::RateLimited {
                retry_after: Some(FREQUENCY_PAUSE),
            },
            Self::Permission => blocked(
                "1688 does not let this app use the call (gw.APIACLDecline); apply for it in the app's console",
            ),
            Self::Relation => blocked(
                "1688 lets this account not see the product: it has no listing relation with it",
            ),
            Self::Missing => Outcome::NotFound,
            Self::Request(what) => Outcome::hopeless(format!("1688 refuses the request: {what}")),
            Self::Trouble(what) => Outcome::failed(format!("1688 answers: {what}")),
        }
    }

    /// A gateway's `error_code`. Its texts may repeat parts of the request, so only the code is told.
    fn of_gateway(code: &str, message: &str) -> Self {
        let lower = message.to_ascii_lowercase();
        let code_lower = code.to_ascii_lowercase();
        let code = plain(code);
        if code_lower.contains("qos") || code_lower.contains("frequency") {
            Self::Frequency
        } else if code_lower.contains("acl") {
            Self::Permission
        } else if code_lower.contains("signature") {
            Self::Request(format!(
                "the signature is wrong ({code}); check the app's secret"
            ))
        } else if code_lower.contains("appkey") {
            Self::Request(format!("the app key is wrong ({code})"))
        } else if code == "401"
            || code_lower.contains("token")
            || lower.contains("user authorized")
            || lower.contains("access_token")
        {
            Self::Token
        } else if lower.contains("exceeds limited frequency") {
            Self::Frequency
        } else if code_lower.starts_with("gw.") || code_lower.starts_with("400") {
            Self::Request(code)
        } else {
            Self::Trouble(code)
        }
    }

    /// A call that ran and says `success: false`.
    fn of_business(code: &str, message: &str) -> Self {
        let lower = message.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if says(&["查询权限", "铺货关系", "no permission to query"]) {
            Self::Relation
        } else if says(&["不存在", "已下架", "已删除", "not exist", "not found"]) {
            Self::Missing
        } else if says(&[
            "频繁",
            "限流",
            "流控",
            "频率",
            "too frequent",
            "flow control",
        ]) {
            Self::Frequency
        } else if code == "401" || says(&["user authorized", "access_token", "未授权"]) {
            Self::Token
        } else {
            let said = if message.is_empty() {
                "no reason"
            } else {
                message
            };
            Self::Trouble(format!("{} (code {})", plain(said), plain(code)))
        }
    }
}

/// What a body says.
pub(super) fn read(body: &Value) -> Answer<'_> {
    let mut core = body;
    for _ in 0..DEPTH {
        let Some(fields) = Object::of(core) else {
            return Answer::Unknown;
        };
        if let Some(refusal) = refusal_of_fields(fields) {
            return Answer::Refused(refusal);
        }
        if let Some(info) = fields.object("productInfo") {
            return Answer::Relation(info);
        }
        if fields.get("offerId").is_some() {
            return Answer::Product(fields);
        }
        if fields.get("productID").is_some() {
            return Answer::Relation(fields);
        }
        if fields.get("data").is_some_and(Value::is_array) || fields.get("totalRecords").is_some() {
            return Answer::Page(fields);
        }
        match ["result", "data"].iter().find_map(|name| fields.get(name)) {
            Some(inner) => core = inner,
            None => return Answer::Unknown,
        }
    }
    Answer::Unknown
}

/// The refusal that these fields are, without what they wrap.
pub(super) fn refusal_of_fields(fields: Object<'_>) -> Option<Refusal> {
    if let Some(code) = fields
        .text("error_code")
        .or_else(|| fields.text("errorCode"))
    {
        let message = ["error_message", "errorMessage", "errorMsg", "exception"]
            .iter()
            .find_map(|name| fields.text(name))
            .unwrap_or_default();
        // The older calls tell their business errors under this name, too.
        return Some(
            match code.starts_with("gw.") || fields.flag("success").is_none() {
                true => Refusal::of_gateway(&code, &message),
                false => Refusal::of_business(&code, &message),
            },
        );
    }
    if fields.flag("success") == Some(false) {
        let code = fields.text("code").unwrap_or_default();
        let message = ["message", "msg"]
            .iter()
            .find_map(|name| fields.text(name))
            .unwrap_or_default();
        return Some(Refusal::of_business(&code, &message));
    }
    None
}

/// The refusal that a short body is, if it is one.
pub(super) fn refusal_of(body: &[u8]) -> Option<Refusal> {
    if body.len() > REFUSAL_BYTES {
        return None;
    }
    let body: Map<String, Value> = serde_json::from_slice(body).ok()?;
    match read(&Value::Object(body)) {
        Answer::Refused(refusal) => Some(refusal),
        _ => None,
    }
}

/// Which answers are no success before anybody reads what they say of a product. A token and a
/// permission are the connector's business: the app key as a whole is well.
pub(super) fn judge(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    if response.status != 429 {
        match refusal_of(&response.body) {
            Some(Refusal::Frequency) => {
                return Some(Outcome::RateLimited {
                    retry_after: response.retry_after(now).or(Some(FREQUENCY_PAUSE)),
                });
            }
            Some(refusal @ Refusal::Request(_)) => return Some(refusal.outcome()),
            Some(_) if response.status < 500 => return None,
            _ => {}
        }
    }
    by_status(response, now)
}

/// A text of the upstream for people: short, and without anything that could be a secret.
pub(super) fn plain(text: &str) -> String {
    let secret = |word: &str| {
        word.len() >= 24
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
    };
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| {
            match word
                .split([':', '=', ',', '"', '\'', '[', ']', '(', ')'])
                .any(secret)
            {
                true => "…",
                false => word,
            }
        })
        .collect();
    words.join(" ").chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(body: Value) -> Refusal {
        match read(&body) {
            Answer::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn gateway_errors_are_sorted_by_what_they_ask_of_us() {
        let gateway = |code: &str, message: &str| {
            refused(json!({"error_code": code, "error_message": message}))
        };
        assert_eq!(
            gateway("gw.QosAppFrequencyLimit", "slow"),
            Refusal::Frequency
        );
        assert_eq!(
            gateway("401", "Request need user authorized"),
            Refusal::Token
        );
        assert_eq!(gateway("gw.APIACLDecline", "acl"), Refusal::Permission);
        for code in [
            "gw.SignatureInvalid",
            "gw.AppKeyMissing",
            "gw.ParamMissing",
            "gw.APIUnsupported",
        ] {
            assert!(matches!(gateway(code, ""), Refusal::Request(_)), "{code}");
        }
        assert!(matches!(gateway("500", "oops"), Refusal::Trouble(_)));
    }

    #[test]
    fn business_errors_are_sorted_by_their_words() {
        let business = |message: &str| {
            refused(json!({"result": {"success": "false", "code": "400", "message": message}}))
        };
        assert_eq!(business("没有该商品的查询权限"), Refusal::Relation);
        assert_eq!(business("商品[81]不存在"), Refusal::Missing);
        assert_eq!(business("请求过于频繁"), Refusal::Frequency);
        assert!(matches!(business("系统错误"), Refusal::Trouble(_)));
    }

    #[test]
    fn the_core_is_found_however_it_is_wrapped() {
        for body in [
            json!({"result": {"success": true, "result": {"offerId": 1}}}),
            json!({"result": {"offerId": 1}}),
            json!({"success": true, "data": {"offerId": 1}}),
        ] {
            assert!(matches!(read(&body), Answer::Product(_)), "{body}");
        }
        for body in [
            json!({"result": {"result": {"data": [], "totalRecords": 0}}}),
            json!({"result": {"result": {"data": null, "totalRecords": 0}}}),
        ] {
            assert!(matches!(read(&body), Answer::Page(_)), "{body}");
        }
        let relation = json!({"productInfo": {"productID": 1}, "success": true});
        assert!(matches!(read(&relation), Answer::Relation(_)));
        for body in [
            json!({}),
            json!([]),
            json!({"result": {"success": true, "result": null}}),
        ] {
            assert!(matches!(read(&body), Answer::Unknown), "{body}");
        }
    }

    #[test]
    fn what_the_upstream_says_holds_no_secret() {
        let said = plain("bad access_token=11111111-1111-1111-1111-111111111111 for you");
        assert_eq!(said, "bad … for you");
        assert!(plain(&"长".repeat(500)).chars().count() == 120);
    }
}
