//! Rows of lists: axesso's search, and bestsellers in junglee's form or others like it. A list tells less than a
//! product's page, and nothing of whether the product can be had.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::listing::{Content, ListingRef};
use domain::money::Money;
use domain::observation::{Observation, Offer, Values};

use super::axesso::{rating, sales};
use super::price::Zero;
use super::product::put;
use super::row::Told;
use crate::json::Object;
use crate::listing_url;

/// A row of axesso's search.
///
/// # Errors
/// A price that cannot be understood.
pub(crate) fn search(
    row: Object<'_>,
    listing: &ListingRef,
    observed_at: DateTime<Utc>,
) -> Result<Observation, String> {
    // Zero: no featured offer, or one that depends on the variant. The list does not tell which.
    let money = |key| row.money(key, &listing.marketplace, Zero::MeansNone);
    let mut attributes = BTreeMap::new();
    put(&mut attributes, "monthly_sales", sales(row, "salesVolume"));
    let place = row.count("searchResultPosition").map(|place| place + 1);
    mark(&mut attributes, place, page(row), row.flag("sponsored"));
    let content = Content {
        title: row.first_text(&["productDescription", "title"]),
        brand: row
            .text("manufacturer")
            .and_then(|line| super::brand::of_byline(&line)),
        series: None,
        images: row.link("imgUrl").into_iter().collect(),
        attributes,
        ..Content::default()
    };
    let figures = Figures {
        price: money("price")?,
        list_price: money("retailPrice")?,
        rating_hundredths: rating(row, "productRating"),
        // A product without reviews has 0 of them here, and no rating.
        review_count: row.count("countReview"),
    };
    observation(listing, observed_at, figures, content)
}

/// A row of a bestseller list.
///
/// # Errors
/// A price that cannot be understood.
pub(crate) fn bestseller(
    row: Object<'_>,
    listing: &ListingRef,
    observed_at: DateTime<Utc>,
) -> Result<Observation, String> {
    let mut attributes = BTreeMap::new();
    // Not a rank: the place is that of this list, which ends at 100.
    mark(&mut attributes, row.count("position"), None, None);
    put(&mut attributes, "offers", row.text("numberOfOffers"));
    let path = row.first_text(&["categoryFullName", "categoryName", "category"]);
    put(&mut attributes, "breadcrumbs", row.text("categoryFullName"));
    let content = Content {
        title: row.first_text(&["name", "title"]),
        brand: row.text("brand"),
        category: path,
        images: row
            .link("thumbnailUrl")
            .or_else(|| row.link("thumbnail"))
            .into_iter()
            .collect(),
        attributes,
        ..Content::default()
    };
    let figures = Figures {
        price: row.money("price", &listing.marketplace, Zero::MeansNone)?,
        list_price: None,
        rating_hundredths: rating(row, "stars").or_else(|| rating(row, "rating")),
        review_count: row
            .count("reviewsCount")
            .or_else(|| row.count("reviewCount")),
    };
    observation(listing, observed_at, figures, content)
}

struct Figures {
    price: Option<Money>,
    list_price: Option<Money>,
    rating_hundredths: Option<i32>,
    review_count: Option<i32>,
}

fn observation(
    listing: &ListingRef,
    observed_at: DateTime<Utc>,
    figures: Figures,
    content: Content,
) -> Result<Observation, String> {
    if content.title.is_none() && figures.price.is_none() {
        return Err("it has neither a title nor a price".into());
    }
    let list_price = figures.list_price.filter(|list| {
        figures
            .price
            .is_none_or(|price| price.currency == list.currency)
    });
    Ok(Observation {
        listing: listing.clone(),
        parent_external_id: None,
        observed_at,
        values: Values {
            offer: match figures.price {
                Some(_) => Offer::Offered,
                None => Offer::NotCollected,
            },
            currency: figures
                .price
                .or(list_price)
                .map(|money| money.currency.code().to_owned()),
            price: figures.price.map(|money| money.minor),
            list_price: list_price.map(|money| money.minor),
            rating_hundredths: figures.rating_hundredths,
            review_count: figures.review_count,
            ..Values::default()
        },
        content: Some(Content {
            url: Some(listing_url::page(listing)),
            ..content
        }),
    })
}

/// Where on a list a product stood, from 1, and whether it was paid for.
pub(crate) fn mark(
    attributes: &mut BTreeMap<String, String>,
    place: Option<i32>,
    page: Option<i32>,
    sponsored: Option<bool>,
) {
    put(attributes, "position", place.map(|place| place.to_string()));
    let page = page.filter(|page| *page > 1);
    put(attributes, "page", page.map(|page| page.to_string()));
    let sponsored = sponsored.filter(|sponsored| *sponsored);
    put(attributes, "sponsored", sponsored.map(|_| "yes".to_owned()));
}

/// The page of the list that a row was on.
pub(crate) fn page(row: Object<'_>) -> Option<i32> {
    row.count("currentPage").or_else(|| row.count("page"))
}
