//! What an answer says before its rows are read: the data, bare or in the envelope, or why there is none.

use std::time::Duration;

use chrono::{DateTime, Utc};
use egress::Response;
use serde_json::value::RawValue;

use super::members::Members;
use crate::Outcome;

/// The data of an answer: `{"success":bool,"data":…}` and the bare data are both seen.
///
/// # Errors
/// Malformed, or what a failure told with status 200 means.
pub(super) fn data(body: &[u8]) -> Result<&RawValue, Outcome> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Outcome::malformed("the answer is no text"))?
        .trim_start_matches('\u{feff}')
        .trim();
    if text.starts_with('<') {
        return Err(Outcome::malformed(
            "the platform answered a page instead of JSON",
        ));
    }
    let whole: &RawValue = serde_json::from_str(text)
        .map_err(|error| Outcome::malformed(format!("the answer is no JSON: {error}")))?;
    let Some(members) = Members::of(whole) else {
        return Ok(whole);
    };
    let success = members.flag(&["success"]);
    if success == Some(false) {
        return Err(refused(&members));
    }
    match members.raw(&["data"]) {
        Some(data) => Ok(data),
        None if success.is_some() || members.names(&["data"]) => {
            Err(Outcome::malformed("the answer holds no data"))
        }
        // Neither data nor rows, but a message: an error body.
        None if message(&members).is_some() => Err(refused(&members)),
        None => Ok(whole),
    }
}

/// The elements of data that should be a list; a lone object is a list of one.
///
/// # Errors
/// Malformed.
pub(super) fn list(data: &RawValue) -> Result<Vec<&RawValue>, Outcome> {
    match data.get().as_bytes().first() {
        Some(b'[') => serde_json::from_str(data.get())
            .map_err(|error| Outcome::malformed(format!("the list cannot be read: {error}"))),
        Some(b'{') => Ok(vec![data]),
        _ => Err(Outcome::malformed("the data is no list")),
    }
}

/// Whether the platform says that the token does not work: by status, or with status 200 in words.
pub(super) fn token_refused(response: &Response) -> bool {
    if response.status == 401 {
        return true;
    }
    // Only a short body can be a failure; rows are long.
    if !response.is_success() || response.body.len() > 4_096 {
        return false;
    }
    let Ok(members) = serde_json::from_slice::<Members<'_>>(&response.body) else {
        return false;
    };
    let failed = members.flag(&["success"]) == Some(false);
    failed && message(&members).is_some_and(|message| message.to_lowercase().contains("token"))
}

/// What a call's status means; `None` when the body is worth reading, also for 401: a login follows it, and only
/// the second is a refusal.
pub(super) fn judge(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    Some(match response.status {
        200..300 | 401 => return None,
        // The call is gone, not the products.
        404 => Outcome::hopeless("the platform does not know this call (HTTP 404)"),
        400 => Outcome::hopeless(match said(&response.body) {
            Some(message) => format!("the platform refuses the request (HTTP 400): {message}"),
            None => "the platform refuses the request (HTTP 400)".to_owned(),
        }),
        _ => return crate::by_status(response, now),
    })
}

/// As [`judge`], for logins: what refuses or mistakes a login is looked at by who logs in.
pub(super) fn judge_login(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    match response.status {
        200..300 | 400 | 401 | 404 | 405 => None,
        _ => crate::by_status(response, now),
    }
}

/// The message of an error body.
pub(super) fn said(body: &[u8]) -> Option<String> {
    let members: Members<'_> = serde_json::from_slice(body).ok()?;
    message(&members)
}

fn message(members: &Members<'_>) -> Option<String> {
    let names = &[
        "message",
        "msg",
        "errorMessage",
        "errorMsg",
        "error_description",
        "error",
    ];
    let text = members.text(names)?;
    Some(text.chars().filter(|c| !c.is_control()).take(160).collect())
}

/// What a failure told with status 200 means. Its words are not documented; these are those that such gateways use.
fn refused(members: &Members<'_>) -> Outcome {
    let told = message(members);
    let words = told.as_deref().unwrap_or_default().to_lowercase();
    let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
    let reason = match &told {
        Some(message) => format!("the platform refuses: {message}"),
        None => "the platform refuses without a reason".to_owned(),
    };
    if has(&["频繁", "限流", "too many", "rate limit"]) {
        return Outcome::RateLimited {
            retry_after: Some(Duration::from_secs(5)),
        };
    }
    if has(&["密码", "password", "无权", "权限", "unauthor", "forbidden"]) {
        return Outcome::Blocked {
            retry_after: None,
            reason,
        };
    }
    Outcome::failed(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Result<&str, (&'static str, String)> {
        data(body.as_bytes())
            .map(RawValue::get)
            .map_err(|outcome| (outcome.as_str(), outcome.reason()))
    }

    #[test]
    fn data_is_bare_or_in_the_envelope() {
        assert_eq!(told(r#"[{"a":1}]"#), Ok(r#"[{"a":1}]"#));
        assert_eq!(told("\u{feff} {\"a\":1} "), Ok(r#"{"a":1}"#));
        assert_eq!(told(r#"{"success":true,"data":[1]}"#), Ok("[1]"));
        assert_eq!(
            told(r#"{"success":"true","data":{"a":1}}"#),
            Ok(r#"{"a":1}"#)
        );
        assert_eq!(told(r#"{"code":200,"data":[1],"message":"ok"}"#), Ok("[1]"));
    }

    #[test]
    fn what_is_no_data_says_why() {
        let word = |body: &str| told(body).expect_err("no data").0;
        assert_eq!(word("<html>wait</html>"), "malformed");
        assert_eq!(word(r#"[{"a":1},{"#), "malformed");
        assert_eq!(word(""), "malformed");
        assert_eq!(word(r#"{"success":true,"data":null}"#), "malformed");
        assert_eq!(word(r#"{"success":true}"#), "malformed");
        assert_eq!(word(r#"{"success":false,"message":"系统繁忙"}"#), "failed");
        assert_eq!(word(r#"{"success":"0","data":[1]}"#), "failed");
        assert_eq!(
            word(r#"{"success":false,"msg":"访问过于频繁"}"#),
            "rate_limited"
        );
        assert_eq!(word(r#"{"success":false,"msg":"客户密码错误"}"#), "blocked");
        assert_eq!(word(r#"{"code":"500","message":"boom"}"#), "failed");
        assert!(
            told(r#"{"success":false,"message":"系统繁忙"}"#)
                .is_err_and(|(_, reason)| reason.contains("系统繁忙"))
        );
        assert_eq!(
            data(&[0xff, 0xfe]).err().map(|outcome| outcome.as_str()),
            Some("malformed")
        );
    }
}
