//! Pictures and times as the platform writes them, in our terms.

use chrono::{FixedOffset, NaiveDateTime, SecondsFormat, TimeZone};

use crate::json;

/// Where pictures with a relative address lie.
const PICTURES: &str = "https://cbu01.alicdn.com/";
/// Seconds that China is ahead of UTC; it has one time and no summer time.
const CHINA: i32 = 8 * 3_600;

/// Absolute addresses of pictures or films, each once.
pub(super) fn addresses(told: impl IntoIterator<Item = String>) -> Vec<String> {
    json::distinct(told.into_iter().filter_map(|text| address(&text)))
}

/// An absolute address of a picture or film; `None` for what is none.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    let full = if let Some(rest) = text.strip_prefix("//") {
        format!("https://{rest}")
    } else if let Some(rest) = text.strip_prefix("http://").filter(|rest| is_cdn(rest)) {
        // The same file lies behind TLS, and pages over TLS show no other.
        format!("https://{rest}")
    } else if text.starts_with("http://") || text.starts_with("https://") {
        text.to_owned()
    } else if text.contains("://") || text.starts_with("data:") || !text.contains(['/', '.']) {
        return None;
    } else {
        format!("{PICTURES}{}", text.trim_start_matches('/'))
    };
    url::Url::parse(&full).ok().map(|_| full)
}

fn is_cdn(rest: &str) -> bool {
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    host == "alicdn.com" || host.ends_with(".alicdn.com")
}

/// RFC 3339 of `2024-08-08 15:14:21` (China time) or `20181213201638000+0800`.
pub(super) fn time(text: &str) -> Option<String> {
    let china = FixedOffset::east_opt(CHINA)?;
    if let Ok(local) = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S") {
        let at = china.from_local_datetime(&local).single()?;
        return Some(at.to_rfc3339_opts(SecondsFormat::Secs, true));
    }
    let (digits, zone) = text.split_at_checked(17)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let local = NaiveDateTime::parse_from_str(&digits[..14], "%Y%m%d%H%M%S").ok()?;
    let zone: FixedOffset = zone.parse().ok()?;
    let at = zone.from_local_datetime(&local).single()?;
    Some(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pictures_have_absolute_addresses() {
        let at = |text| address(text);
        assert_eq!(
            at("img/ibank/1.jpg").as_deref(),
            Some("https://cbu01.alicdn.com/img/ibank/1.jpg")
        );
        assert_eq!(
            at("//cbu01.alicdn.com/1.jpg").as_deref(),
            Some("https://cbu01.alicdn.com/1.jpg")
        );
        assert_eq!(
            at("http://cbu01.alicdn.com/1.jpg").as_deref(),
            Some("https://cbu01.alicdn.com/1.jpg")
        );
        assert_eq!(
            at("http://127.0.0.1:1/1.svg").as_deref(),
            Some("http://127.0.0.1:1/1.svg")
        );
        for none in [
            "",
            "图片",
            "javascript:alert(1)//.",
            "data:image/png;base64,AA",
            "ftp://a.b/c",
        ] {
            assert_eq!(
                at(none).filter(|url| !url.starts_with(PICTURES)),
                None,
                "{none}"
            );
        }
    }

    #[test]
    fn times_are_chinas() {
        assert_eq!(
            time("2024-08-08 15:14:21").as_deref(),
            Some("2024-08-08T15:14:21+08:00")
        );
        assert_eq!(
            time("20181213201638000+0800").as_deref(),
            Some("2018-12-13T20:16:38+08:00")
        );
        for none in [
            "",
            "soon",
            "2024-02-30 00:00:00",
            "20181213201638000",
            "2018121320163800中+0800",
        ] {
            assert_eq!(time(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in ".*") {
            let _ = (address(&text), time(&text));
        }
    }
}
