//! What a host's robots.txt asks of us (RFC 9309).

mod keeper;
mod rules;

pub(super) use keeper::{Keeper, scope};

/// A robots.txt and, in its last line, a path: whether we may ask for it. For the fuzzer.
pub(super) fn allowed(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let path = text.lines().next_back().unwrap_or_default();
    let rules = rules::Rules::parse(&text);
    format!("{} {}", rules.allow(path), rules.delay.is_some())
}
