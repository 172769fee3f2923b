//! What else reads foreign text here, for the fuzzer.

use super::locale::Locale;
use super::robots;
use crate::Reader;

pub(super) fn all() -> Vec<Reader> {
    vec![("price", price), ("robots", robots::allowed)]
}

/// A price by the habits of countries that write them differently.
fn price(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let told = ["US", "DE", "CH", "IN", "JP", "SA"].map(|country| {
        let locale = Locale::new(None, country);
        let read = super::price::shown(&text, locale.currency(), &locale);
        let machine = super::price::machine(&text, locale.currency(), &locale);
        let word = |failed: Option<super::price::NoPrice>| {
            let words = failed.map(|why| format!("{why:?}"));
            words.map_or_else(
                || "read".to_owned(),
                |words| words.chars().take(4).collect(),
            )
        };
        format!("{} {}", word(read.err()), word(machine.err()))
    });
    told.join("; ")
}
