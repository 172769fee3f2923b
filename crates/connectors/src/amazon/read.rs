//! A page of a dataset: which target each item is about, and what it says.

use serde_json::value::RawValue;

use super::matching::{self, Match};
use super::wire::Probe;
use super::{axesso, junglee};
use crate::{Outcome, ReadCx, Target};

/// What a page says.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// (place of the target, outcome); a target may appear twice, then with what was observed first.
    pub(crate) outcomes: Vec<(usize, Outcome)>,
    /// Set when an item could neither be read nor be attributed to a target.
    pub(crate) unreadable: Option<String>,
    /// Items of any kind on the page.
    pub(crate) items: usize,
}

/// Reads a bare array of items of either actor, told apart by their shape.
///
/// # Errors
/// What is wrong with a page that is no such array.
pub(crate) fn page(body: &[u8], cx: &ReadCx<'_>) -> Result<Page, String> {
    let items: Vec<&RawValue> =
        serde_json::from_slice(body).map_err(|_| "the results are not a JSON array".to_owned())?;
    let mut page = Page {
        items: items.len(),
        ..Page::default()
    };
    for item in items {
        let Ok(probe) = serde_json::from_str::<Probe>(item.get()) else {
            page.unreadable = Some("an item of the results is not an object".into());
            continue;
        };
        match matching::find(&probe, cx.targets) {
            Match::Target(place) => {
                page.outcomes
                    .push((place, outcome(item, &probe, &cx.targets[place], cx)));
            }
            Match::OtherShop(place) => {
                let what = "another country's shop answered";
                page.outcomes.push((place, Outcome::malformed(what)));
            }
            Match::Nobody if names_nothing(&probe) => {
                page.unreadable = Some("an item of the results names no product".into());
            }
            // A product that nobody asked for.
            Match::Nobody => {}
        }
    }
    // Of two items about one target the one that holds the product counts, wherever it stands.
    page.outcomes
        .sort_by_key(|(_, outcome)| !matches!(outcome, Outcome::Observed(_)));
    Ok(page)
}

fn names_nothing(probe: &Probe) -> bool {
    probe.asin.is_none() && probe.url.is_none() && probe.input.is_none()
}

fn outcome(item: &RawValue, probe: &Probe, target: &Target, cx: &ReadCx<'_>) -> Outcome {
    if let (Some(error), None) = (&probe.error, &probe.asin) {
        return error_item(error);
    }
    let is_axesso = probe.status_code.is_some() || probe.status_message.is_some();
    if is_axesso {
        match (probe.status_code, probe.status_message.as_deref()) {
            (Some(404), _) | (_, Some("NOT_FOUND")) => return Outcome::NotFound,
            (Some(200) | None, _) => {}
            (Some(code), _) => return Outcome::failed(format!("the actor met status {code}")),
        }
    }
    let listing = &target.listing;
    let read = if is_axesso {
        serde_json::from_str(item.get())
            .map_err(|error| error.to_string())
            .and_then(|item| axesso::observation(item, listing, cx.observed_at))
    } else {
        serde_json::from_str(item.get())
            .map_err(|error| error.to_string())
            .and_then(|item| junglee::observation(item, listing, cx.observed_at))
    };
    match read {
        Ok(observation) => Outcome::Observed(vec![observation]),
        Err(what) => Outcome::malformed(format!("the item cannot be read: {what}")),
    }
}

/// An item that tells an error instead of a product.
fn error_item(error: &str) -> Outcome {
    let lower = error.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["not_found", "no_results", "notfound", "404"]) {
        Outcome::NotFound
    } else if says(&["captcha", "blocked", "robot"]) {
        Outcome::Blocked {
            retry_after: None,
            reason: format!("the actor met: {}", cut(error)),
        }
    } else {
        Outcome::failed(format!("the actor met: {}", cut(error)))
    }
}

/// The beginning of a text that others wrote.
fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}
