//! Items of junglee's product crawler.

use serde_json::{Value, json};

use super::listing_text as text;
use crate::{
    images,
    market::{Money, amazon_place},
    world::Seen,
};

/// The item of a product page.
pub(crate) fn item(seen: &Seen, base: &str, input: &str) -> Value {
    build(seen, base, input, Value::Null)
}

/// The item of a product that was found on a search page.
pub(crate) fn search_item(seen: &Seen, base: &str, input: &str, position: usize) -> Value {
    let page = json!({
        "pageNumber": 1,
        "saleSummary": null,
        "isSponsored": false,
        "bestsellerBadge": null,
        "productPosition": position,
    });
    build(seen, base, input, page)
}

fn build(seen: &Seen, base: &str, input: &str, category_page: Value) -> Value {
    let (listing, snapshot) = (&seen.listing, &seen.snapshot);
    let asin = &listing.key.external_id;
    let place = amazon_place(&listing.key.marketplace);
    let host = place.map_or("amazon.com", |place| place.host);
    let money = |amount: Option<Money>| match (amount, place) {
        (Some(amount), Some(place)) => {
            json!({ "value": amount.to_json(), "currency": place.symbol })
        }
        _ => Value::Null,
    };
    let picture = |view| images::url(base, &listing.key, view);
    let pair = |key: &str, value: &str| json!({ "key": key, "value": value });
    let variant = text::offering(seen).map_or("", |offering| offering.variant.as_str());
    let url = listing.key.url();
    let in_stock_text = text::few_left(seen).unwrap_or_else(|| "Currently unavailable.".to_owned());
    let thumbnail = picture(1);
    json!({
        "title": listing.title,
        "url": url,
        "asin": asin,
        "originalAsin": asin,
        "price": money(snapshot.price),
        "inStock": snapshot.in_stock(),
        "inStockText": in_stock_text,
        "listPrice": money(snapshot.list_price),
        "brand": listing.brand,
        "author": null,
        "shippingPrice": null,
        "stars": snapshot.rating,
        "starsBreakdown": stars(snapshot.rating),
        "reviewsCount": snapshot.review_count,
        "answeredQuestions": null,
        "breadCrumbs": listing.breadcrumbs.join(" > "),
        "videosCount": 0,
        "visitStoreLink": {
            "text": format!("Visit the {} Store", listing.brand),
            "url": format!("https://www.{host}/stores/{}", slug(&listing.brand)),
        },
        "thumbnailImage": thumbnail,
        "galleryThumbnails": [picture(1), picture(2), picture(3)],
        "highResolutionImages": [picture(1), picture(2), picture(3)],
        "importantInformation": null,
        "sustainabilityFeatures": null,
        "description": null,
        "features": listing.features,
        "attributes": attributes(seen),
        "productOverview": overview(seen),
        "variantAsins": [asin],
        "variantDetails": [{
            "name": variant,
            "thumbnail": thumbnail,
            "images": [thumbnail],
            "asin": asin,
            "price": null,
        }],
        "reviewsLink": format!("https://www.{host}/product-reviews/{asin}"),
        "hasReviews": snapshot.review_count.is_some_and(|count| count > 0),
        "delivery": snapshot.in_stock().then(|| text::delivery(snapshot.at)),
        "fastestDelivery": null,
        "condition": null,
        "returnPolicy": null,
        "support": null,
        "variantAttributes": [pair("Colour Name", variant)],
        "manufacturerAttributes": [],
        "seller": seller(seen, host),
        "bestsellerRanks": ranks(seen, host),
        "isAmazonChoice": false,
        "amazonChoiceText": null,
        "bookDescription": null,
        "priceRange": null,
        "aPlusContent": null,
        "brandStory": null,
        "productComparison": null,
        "aiReviewsSummary": null,
        "monthlyPurchaseVolume": text::bought(snapshot.bought_past_month),
        "productPageReviews": [],
        "productPageReviewsFromOtherCountries": [],
        "locationText": "To change, sign in or enter a postcode",
        "loadedCountryCode": listing.key.marketplace,
        "offers": [],
        "unNormalizedProductUrl": url,
        "categoryPageData": category_page,
        "input": input,
    })
}

/// An object for a shop, a plain string for Amazon itself: both occur in real exports.
fn seller(seen: &Seen, host: &str) -> Value {
    match &seen.snapshot.seller {
        None => Value::Null,
        Some(seller) => match &seller.id {
            None => json!(seller.name),
            Some(id) => json!({
                "name": seller.name,
                "id": id,
                "url": format!("https://www.{host}/sp?seller={id}"),
                "reviewsCount": null,
                "averageRating": null,
            }),
        },
    }
}

fn ranks(seen: &Seen, host: &str) -> Value {
    if seen.snapshot.ranks.is_empty() {
        return Value::Null;
    }
    let entry = |rank: &crate::market::Rank| {
        json!({
            "rank": rank.rank,
            "category": rank.category,
            "url": format!("https://www.{host}/gp/bestsellers/{}", slug(&rank.category)),
        })
    };
    seen.snapshot.ranks.iter().map(entry).collect()
}

fn attributes(seen: &Seen) -> Vec<Value> {
    let listing = &seen.listing;
    let own = listing
        .attributes
        .iter()
        .map(|(key, value)| (key.clone(), Some(value.clone())));
    let common = [
        ("Brand Name", Some(listing.brand.clone())),
        ("Manufacturer", Some(listing.brand.clone())),
        (
            "Best Sellers Rank",
            text::ranks(&seen.snapshot.ranks, "", ""),
        ),
        ("ASIN", Some(listing.key.external_id.clone())),
        ("Customer Reviews", text::customer_reviews(seen)),
        (
            "Date First Available",
            text::offering(seen).map(text::first_available),
        ),
    ];
    let common = common
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    own.chain(common)
        .filter_map(|(key, value)| value.map(|value| json!({ "key": key, "value": value })))
        .collect()
}

fn overview(seen: &Seen) -> Vec<Value> {
    let listing = &seen.listing;
    let brand = json!({ "key": "Brand", "value": listing.brand });
    let own = listing.attributes.iter().take(4);
    std::iter::once(brand)
        .chain(own.map(|(key, value)| json!({ "key": key, "value": value })))
        .collect()
}

/// Shares of five to one star that average to about the rating.
fn stars(rating: Option<f64>) -> Value {
    let Some(rating) = rating else {
        return json!({});
    };
    let five = ((rating - 1.0) / 4.0).powi(2);
    let four = (1.0 - five) * 0.55;
    let rest = 1.0 - five - four;
    let share = |part: f64| (part * 100.0).round() / 100.0;
    json!({
        "5star": share(five),
        "4star": share(four),
        "3star": share(rest * 0.5),
        "2star": share(rest * 0.2),
        "1star": share(rest * 0.3),
    })
}

/// A path segment of a name; letters of any script stay.
pub(super) fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
