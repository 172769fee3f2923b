//! What came back.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use url::Url;

/// A whole answer, body included.
#[derive(Clone, Debug)]
pub struct Response {
    /// Where it came from: the address asked, or the last one that redirects led to.
    pub url: Url,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Decompressed body.
    pub body: Bytes,
}

impl Response {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long the upstream asks to wait, by seconds or by date.
    pub fn retry_after(&self, now: DateTime<Utc>) -> Option<Duration> {
        retry_after(self.header("retry-after")?, now)
    }
}

fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than fits is as long as it gets, not "now".
        let seconds = text.parse::<u32>().unwrap_or(u32::MAX);
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    // An HTTP date is an RFC 2822 date in GMT.
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    Some((at.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = DateTime::parse_from_rfc3339("1994-11-06T08:49:07Z")
            .expect("a date")
            .to_utc();
        let at = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(at("120"), Some(120));
        assert_eq!(at("Sun, 06 Nov 1994 08:49:37 GMT"), Some(30));
        assert_eq!(at("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0), "past is now");
        assert_eq!(at("99999999999999999999"), Some(u64::from(u32::MAX)));
        assert_eq!(at("soon"), None);
        assert_eq!(at(""), None);
        assert_eq!(at("-5"), None);
    }
}
