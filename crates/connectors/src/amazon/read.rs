//! A page of a dataset of product pages: which target each item is about, and what it says.

use serde_json::Value;

use super::matching::{self, Match, Wanted};
use super::shape;
use crate::json::Object;
use crate::{Outcome, ReadCx};

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

/// The items of a page.
///
/// # Errors
/// What is wrong with a page that is no array.
pub(crate) fn items(body: &[u8]) -> Result<Vec<Value>, String> {
    serde_json::from_slice(body).map_err(|_| "the results are not a JSON array".to_owned())
}

/// Reads a bare array of items of any actor, told apart by their shape.
///
/// # Errors
/// What is wrong with a page that is no such array.
pub(crate) fn page(body: &[u8], cx: &ReadCx<'_>) -> Result<Page, String> {
    let items = items(body)?;
    let mut page = Page {
        items: items.len(),
        ..Page::default()
    };
    let wanted = Wanted::new(cx.targets);
    for item in &items {
        let Some(row) = Object::of(item) else {
            page.unreadable = Some("an item of the results is not an object".into());
            continue;
        };
        match matching::find(row, &wanted) {
            Match::Target(place) => {
                let outcome = read(row, place, &wanted, cx);
                page.outcomes.push((place, outcome));
            }
            Match::OtherShop(place) => {
                let what = "another country's shop answered";
                page.outcomes.push((place, Outcome::malformed(what)));
            }
            Match::Nobody if matching::names_nothing(row) => {
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

fn read(row: Object<'_>, place: usize, wanted: &Wanted<'_>, cx: &ReadCx<'_>) -> Outcome {
    match shape::read(row, &cx.targets[place].listing, cx.observed_at) {
        Ok(mut seen) => {
            // A variant that is a target, too, is told by its own page, which says more.
            seen.retain(|observation| {
                observation.parent_external_id.is_none()
                    || wanted.place(&observation.listing).is_none()
            });
            Outcome::Observed(seen)
        }
        Err(outcome) => outcome,
    }
}
