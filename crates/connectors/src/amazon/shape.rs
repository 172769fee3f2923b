//! Which actor wrote an item, told by its shape whatever is configured: one installation may hold several, and a
//! setting may have changed while a run went on.

use chrono::{DateTime, Utc};
use domain::listing::ListingRef;
use domain::observation::Observation;

use super::row::Told;
use super::{axesso, junglee, list};
use crate::Outcome;
use crate::json::Object;

/// The shapes of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A product page by junglee's crawler; also its rows of lists.
    Junglee,
    /// A product page by axesso.
    Axesso,
    /// A row of axesso's search.
    Search,
    /// A row of a bestseller list.
    Bestseller,
}

impl Shape {
    pub(crate) fn of(row: Object<'_>) -> Self {
        let any = |keys: &[&str]| keys.iter().any(|key| row.mentions(key));
        if any(&["searchResultPosition", "dpUrl", "imgUrl"]) {
            Self::Search
        } else if any(&[
            "statusCode",
            "statusMessage",
            "warehouseAvailability",
            "countReview",
            "categoriesExtended",
        ]) {
            Self::Axesso
        } else if row.mentions("name") && !row.mentions("title") {
            Self::Bestseller
        } else {
            Self::Junglee
        }
    }
}

/// What an item says of `listing`: the product itself first, then those of its variants that have a price.
///
/// # Errors
/// The outcome of an item that tells no product, or cannot be understood.
pub(crate) fn read(
    row: Object<'_>,
    listing: &ListingRef,
    observed_at: DateTime<Utc>,
) -> Result<Vec<Observation>, Outcome> {
    if let Some(outcome) = no_product(row) {
        return Err(outcome);
    }
    let product = match Shape::of(row) {
        Shape::Axesso => axesso::product(row, listing),
        Shape::Junglee => junglee::product(row, listing),
        Shape::Search => {
            return list::search(row, listing, observed_at)
                .map(|seen| vec![seen])
                .map_err(unreadable);
        }
        Shape::Bestseller => {
            return list::bestseller(row, listing, observed_at)
                .map(|seen| vec![seen])
                .map_err(unreadable);
        }
    };
    product
        .and_then(|product| product.observations(listing, observed_at))
        .map_err(unreadable)
}

fn unreadable(what: String) -> Outcome {
    Outcome::malformed(format!("the item cannot be read: {what}"))
}

/// What an item without a product tells; `None` for one with a product.
pub(crate) fn no_product(row: Object<'_>) -> Option<Outcome> {
    let names_one = row.text("asin").is_some() && row.first_text(&["title", "name"]).is_some();
    if let Some(error) = row.first_text(&["error", "errorMessage"])
        && !names_one
    {
        return Some(met(&error));
    }
    let status = row.count("statusCode");
    let message = row.text("statusMessage").unwrap_or_default();
    match (status, message.as_str()) {
        (Some(404 | 410), _) | (_, "NOT_FOUND") => Some(Outcome::NotFound),
        (Some(200..300) | None, _) => None,
        (Some(code), _) => Some(Outcome::failed(format!("the actor met status {code}"))),
    }
}

/// What an actor says that it met.
fn met(error: &str) -> Outcome {
    let lower = error.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    // The beginning of a text that others wrote.
    let said: String = error.chars().take(120).collect();
    if says(&[
        "not_found",
        "not found",
        "no_results",
        "no results",
        "notfound",
        "404",
    ]) {
        Outcome::NotFound
    } else if says(&["captcha", "blocked", "robot"]) {
        Outcome::Blocked {
            retry_after: None,
            reason: format!("the actor met: {said}"),
        }
    } else {
        Outcome::failed(format!("the actor met: {said}"))
    }
}
