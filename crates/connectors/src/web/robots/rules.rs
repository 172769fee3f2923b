//! The rules of one robots.txt that are meant for us: RFC 9309, and the widespread `Crawl-delay`.

use std::time::Duration;

/// What we are called in a robots.txt.
pub(super) const OUR_NAME: &str = "bellwether";
/// A longer file is read so far (RFC 9309 asks for at least this much).
const READ: usize = 512 * 1024;
/// Longer patterns are no paths.
const LONGEST: usize = 2_000;
/// More rules for one crawler than any site has.
const MOST: usize = 20_000;
/// A site that asks for more is asked once in this time.
const SLOWEST: Duration = Duration::from_secs(300);

/// What is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    /// The gap it asks for.
    pub(super) delay: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allow: bool,
    pattern: String,
}

impl Rules {
    /// Reads a file: the groups that name us, together; else those for everybody.
    pub(super) fn parse(text: &str) -> Self {
        let mut ours = Group::default();
        let mut everybodys = Group::default();
        let mut for_us = false;
        let mut for_all = false;
        let mut naming = false;
        let end = (0..=text.len().min(READ))
            .rev()
            .find(|end| text.is_char_boundary(*end));
        let text = &text[..end.unwrap_or_default()];
        for line in text
            .trim_start_matches('\u{feff}')
            .lines()
            .flat_map(|line| line.split('\r'))
        {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                // Several names in a row begin one group.
                if !naming {
                    (for_us, for_all) = (false, false);
                }
                naming = true;
                for_us |= is_ours(value);
                for_all |= value == "*";
                ours.named |= for_us;
                continue;
            }
            let known = matches!(key.as_str(), "allow" | "disallow" | "crawl-delay");
            naming &= !known;
            for (group, meant) in [(&mut ours, for_us), (&mut everybodys, for_all)] {
                if meant && known {
                    group.add(&key, value);
                }
            }
        }
        if ours.named {
            ours.rules
        } else {
            everybodys.rules
        }
    }

    /// Whether we may ask for a path with its query. The longest pattern that fits decides; of two
    /// equally long the one that allows.
    pub(super) fn allow(&self, path: &str) -> bool {
        let path = unified(path);
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, &path));
        fitting
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }
}

#[derive(Default)]
struct Group {
    named: bool,
    rules: Rules,
}

impl Group {
    fn add(&mut self, key: &str, value: &str) {
        if key == "crawl-delay" {
            let seconds = value.parse().ok().filter(|seconds: &f64| *seconds > 0.0);
            let delay = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            self.rules.delay = delay.map(|delay| delay.min(SLOWEST)).or(self.rules.delay);
        } else if !value.is_empty() && value.len() <= LONGEST && self.rules.rules.len() < MOST {
            self.rules.rules.push(Rule {
                allow: key == "allow",
                pattern: unified(value),
            });
        }
    }
}

/// Whether a name in the file is ours, whatever version stands behind it.
fn is_ours(value: &str) -> bool {
    let name = value
        .split(|c: char| !c.is_ascii_alphabetic() && c != '-' && c != '_')
        .next();
    name.is_some_and(|name| name.eq_ignore_ascii_case(OUR_NAME))
}

/// Whether a pattern with `*` and a final `$` fits the beginning of a path.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    for (place, part) in parts.iter().enumerate() {
        let last = place + 1 == parts.len();
        if last && whole {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(found) => rest = &rest[found + part.len()..],
            None => return false,
        }
    }
    !whole || rest.is_empty()
}

/// Percent-encodings in one form, and what has none encoded.
fn unified(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        let byte = bytes[place];
        let code = text.get(place + 1..place + 3).filter(|_| byte == b'%');
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) => {
                // A reserved sign that was encoded is not the sign.
                if decoded.is_ascii_alphanumeric() || b"-._~".contains(&decoded) {
                    out.push(char::from(decoded));
                } else {
                    out.push_str(&format!("%{decoded:02X}"));
                }
                place += 3;
            }
            None => {
                if byte.is_ascii_graphic() {
                    out.push(char::from(byte));
                } else {
                    out.push_str(&format!("%{byte:02X}"));
                }
                place += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_pattern_decides() {
        let rules = Rules::parse(
            "User-agent: *\nDisallow: /cart\nDisallow: /p/\nAllow: /p/open\nDisallow: /*.pdf$\nDisallow: /*?sort=\n",
        );
        for (path, allowed) in [
            ("/", true),
            ("/cart/1", false),
            ("/p/1", false),
            ("/p/open/1", true),
            ("/x.pdf", false),
            ("/x.pdf?a=1", true),
            ("/list?sort=up", false),
        ] {
            assert_eq!(rules.allow(path), allowed, "{path}");
        }
        let tie = Rules::parse("user-agent: *\ndisallow: /a\nallow: /a");
        assert!(tie.allow("/a"));
    }

    #[test]
    fn a_group_that_names_us_replaces_the_one_for_everybody() {
        let text = "User-agent: other\nUser-agent: Bellwether/1.0 # us\nDisallow: /a\nCrawl-delay: 2.5\n\n\
                    User-agent: *\nDisallow: /\n\nUser-agent: BELLWETHER\nDisallow: /b";
        let rules = Rules::parse(text);
        assert!(rules.allow("/c") && !rules.allow("/a") && !rules.allow("/b"));
        assert_eq!(rules.delay, Some(Duration::from_millis(2_500)));
        let named = Rules::parse("User-agent: *\nDisallow: /\nUser-agent: bellwether\nDisallow:\n");
        assert!(named.allow("/"), "an empty rule forbids nothing");
        let other = Rules::parse("User-agent: bellwetherish\nDisallow: /\n");
        assert!(other.allow("/"));
    }

    #[test]
    fn encodings_do_not_hide_a_path() {
        let rules = Rules::parse("User-agent: *\nDisallow: /caf%c3%A9\nDisallow: /%7eme\n");
        assert!(!rules.allow("/café") && !rules.allow("/caf%C3%A9") && !rules.allow("/~me"));
    }

    #[test]
    fn delays_are_positive_and_bounded() {
        let delay = |text: &str| Rules::parse(&format!("User-agent: *\nCrawl-delay: {text}")).delay;
        assert_eq!(delay("10"), Some(Duration::from_secs(10)));
        assert_eq!(delay("99999"), Some(SLOWEST));
        for text in ["-1", "0", "soon", "NaN", "inf"] {
            assert!(delay(text).is_none_or(|delay| delay == SLOWEST), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_file_has_rules(text in "(User-agent: (\\*|bellwether)|(Dis)?allow: [/*$%a-f0-9]{0,12}|.{0,10}|\n|#){0,30}", path in "/[/a-f%0-9*$]{0,20}") {
            let _ = Rules::parse(&text).allow(&path);
        }
    }
}
