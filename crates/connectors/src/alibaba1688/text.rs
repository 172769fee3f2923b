//! Descriptions, pictures and times as the platform writes them, in our terms.

use chrono::{FixedOffset, NaiveDateTime, SecondsFormat, TimeZone};

/// Where pictures with a relative address lie.
const PICTURES: &str = "https://cbu01.alicdn.com/";
/// Most characters of a description that are worth keeping.
const DESCRIPTION: usize = 20_000;
/// Seconds that China is ahead of UTC; it has one time and no summer time.
const CHINA: i32 = 8 * 3_600;

/// The words of an HTML description, a line for each block; `None` when it is pictures only.
pub(super) fn description(html: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let name: String = rest[1..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect::<String>()
            .to_ascii_lowercase();
        if name.is_empty() {
            // "<" as a sign, such as in "5 < 6".
            text.push('<');
            rest = &rest[1..];
            continue;
        }
        if breaks(&name) {
            text.push('\n');
        }
        // A tag that never ends hides the rest, as it does in a browser.
        rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
        if matches!(name.as_str(), "script" | "style") {
            let end = format!("</{name}");
            let lower = rest.to_ascii_lowercase();
            rest = lower.find(&end).map_or("", |place| &rest[place..]);
        }
    }
    text.push_str(rest);
    let lines = text.lines().map(|line| {
        let line = entities(line);
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    let text: String = lines.join("\n").chars().take(DESCRIPTION).collect();
    (!text.is_empty()).then_some(text)
}

fn breaks(name: &str) -> bool {
    let name = name.trim_matches('/');
    matches!(
        name,
        "br" | "p"
            | "div"
            | "li"
            | "ul"
            | "ol"
            | "tr"
            | "table"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "dd"
            | "dt"
            | "hr"
    ) || name == "td"
}

/// A line without the entities that sellers' editors write.
fn entities(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let name = rest[1..].split_once(';').map(|(name, _)| name);
        match name.and_then(|name| Some((entity(name)?, name.len() + 2))) {
            Some((meant, length)) => {
                out.push(meant);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" => ' ',
        "middot" => '·',
        "times" => '×',
        "deg" => '°',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    })
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
    fn a_description_becomes_lines() {
        let html = "<style>p{}</style><div><p>加厚&nbsp;杯&#x5B50;</p><br/>A &amp; B 5 < 6<!-- x --><script>x('<p>')</script></div><img src=\"a.jpg\"";
        assert_eq!(description(html).as_deref(), Some("加厚 杯子\nA & B 5 < 6"));
        assert_eq!(description("<div><img src=\"a.jpg\"/></div>"), None);
    }

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
            let _ = (description(&text), address(&text), time(&text));
        }

        #[test]
        fn any_markup_is_taken(text in "[<>&;/!a-z#x0-9 -]*") {
            let _ = description(&text);
        }
    }
}
