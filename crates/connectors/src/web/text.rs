//! Short and plain texts of what pages say at any length.

use super::html::Document;

/// Longest description that is kept, in characters.
const LONGEST: usize = 5_000;

/// A text on one line, at most so long; `None` when there is nothing in it.
pub(super) fn line(text: &str, most: usize) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    crate::json::clean(&words.join(" ").chars().take(most).collect::<String>())
}

/// A description without its markup.
pub(super) fn plain(text: &str) -> Option<String> {
    if !text.contains(['<', '&']) {
        return line(text, LONGEST);
    }
    // An element around it, because a text has no elements of its own to ask.
    let page = Document::parse(&format!("<div>{text}"));
    line(&page.first("div")?.text(), LONGEST)
}

/// A name, which some templates escape twice.
pub(super) fn name(text: &str) -> Option<String> {
    plain(text).and_then(|text| line(&text, 500))
}
