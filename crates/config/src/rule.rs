//! What values a key accepts.

use std::net::IpAddr;

use ipnet::IpNet;
use toml::Value;
use url::Url;

use crate::section::secrets::former;

/// What one key accepts. An empty text is "not set" and passes all but [`Rule::Filled`]; whether
/// something has to be set depends on the process.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// A whole number from the first to the second.
    Within(i64, i64),
    /// A URL with one of these schemes and a host.
    Url(&'static [&'static str]),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A secret of at least this many characters.
    Secret(usize),
    /// A master key: 32 bytes in base64.
    MasterKey,
    /// Numbered master keys, separated by commas.
    FormerKeys,
    /// A list of networks or addresses.
    Networks,
    /// Any text or list but an empty one.
    Filled,
    /// Anything of the right type.
    Any,
}

/// A TCP port; 0 lets the system choose.
pub(crate) const PORT: Rule = Rule::Within(0, 65_535);
/// An HTTP base URL.
pub const HTTP_URL: Rule = Rule::Url(&["http", "https"]);
/// A Postgres URL.
pub(crate) const POSTGRES_URL: Rule = Rule::Url(&["postgres", "postgresql"]);

/// A key of a section and its rule.
pub type Rules = &'static [(&'static str, Rule)];

impl Rule {
    /// What is wrong with `value`, never repeating a text that may be secret.
    pub(crate) fn complaint(self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Within(low, high), Value::Integer(n)) => (!(low..=high).contains(n))
                .then(|| format!("is {n}, but must be a whole number from {low} to {high}")),
            (Self::Filled, Value::String(text)) => text
                .trim()
                .is_empty()
                .then(|| "must not be empty".to_owned()),
            (Self::Networks, Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .find(|text| text.parse::<IpNet>().is_err() && text.parse::<IpAddr>().is_err())
                .map(|text| format!("names \"{text}\", which is not a network such as 10.0.0.0/8")),
            (Self::Filled, Value::Array(items)) => items
                .is_empty()
                .then(|| "must name at least one".to_owned()),
            (_, Value::String(text)) if text.is_empty() => None,
            (Self::Url(schemes), Value::String(text)) => bad_url(text, schemes),
            (Self::OneOf(words), Value::String(text)) => (!words.contains(&text.as_str()))
                .then(|| format!("is \"{text}\", but must be one of: {}", words.join(", "))),
            (Self::Secret(length), Value::String(text)) => (text.chars().count() < length)
                .then(|| format!("is too short: at least {length} characters are needed")),
            (Self::MasterKey, Value::String(text)) => secrets::MasterKey::from_base64(text)
                .err()
                .map(|_| "must be 32 bytes in base64 (openssl rand -base64 32)".to_owned()),
            (Self::FormerKeys, Value::String(text)) => former(text).err().map(|_| {
                "must be number:key pairs separated by commas, each key 32 bytes in base64"
                    .to_owned()
            }),
            _ => None,
        }
    }
}

fn bad_url(text: &str, schemes: &[&str]) -> Option<String> {
    let wanted = || {
        schemes
            .iter()
            .map(|s| format!("{s}://host"))
            .collect::<Vec<_>>()
            .join(" or ")
    };
    match Url::parse(text) {
        Err(cause) => Some(format!("is not a URL ({cause}); expected {}", wanted())),
        Ok(url) if !schemes.contains(&url.scheme()) => Some(format!(
            "has the scheme {}; expected {}",
            url.scheme(),
            wanted()
        )),
        Ok(url) if url.host_str().is_none_or(str::is_empty) => {
            Some(format!("names no host; expected {}", wanted()))
        }
        Ok(_) => None,
    }
}
