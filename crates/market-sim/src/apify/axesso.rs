//! Items of axesso's product details scraper.

use serde_json::{Value, json};

use super::{junglee::slug, listing_text as text, lists::node};
use crate::{images, market::Money, world::Seen};

/// The row of a page without a product: only these three keys.
pub(crate) fn not_found(input: &str) -> Value {
    json!({ "statusCode": 404, "statusMessage": "NOT_FOUND", "url": row_url(input) })
}

/// The row of a product page.
pub(crate) fn item(seen: &Seen, base: &str, input: &str) -> Value {
    let (listing, snapshot) = (&seen.listing, &seen.snapshot);
    // 0 means none in these rows, and there is no currency.
    let number = |amount: Option<Money>| amount.map_or_else(|| json!(0), Money::to_json);
    let picture = |view| images::url(base, &listing.key, view);
    let seller = snapshot.seller.as_ref();
    let saving = match (snapshot.price, snapshot.list_price) {
        (Some(price), Some(list)) if list.minor > 0 => Some(format!(
            "-{}%",
            (list.minor - price.minor) * 100 / list.minor
        )),
        _ => None,
    };
    let availability = match text::few_left(seen) {
        None => "Currently unavailable. We don't know when or if this item will be back in stock."
            .to_owned(),
        Some(few) if few == "In stock" => "In Stock".to_owned(),
        Some(few) => few,
    };
    let rating = snapshot
        .rating
        .map(|rating| format!("{rating:.1} out of 5 stars"));
    let about: Vec<Value> = listing
        .attributes
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    json!({
        "statusCode": 200,
        "statusMessage": "FOUND",
        "url": row_url(input),
        "title": listing.title,
        "manufacturer": format!("Visit the {} Store", listing.brand),
        "countReview": snapshot.review_count.unwrap_or(0),
        "productRating": rating,
        "asin": listing.key.external_id,
        "soldBy": seller.map(|seller| &seller.name),
        "fulfilledBy": seller.map(|_| "Amazon"),
        "sellerId": seller.and_then(|seller| seller.id.as_ref()),
        "warehouseAvailability": availability,
        "retailPrice": number(snapshot.list_price),
        "price": number(snapshot.price),
        "priceRange": null,
        "shippingPrice": 0,
        "priceShippingInformation": null,
        "priceSaving": saving,
        "features": listing.features,
        "imageUrlList": [picture(1), picture(2), picture(3)],
        "videoeUrlList": [],
        "productDescription": null,
        "productDetails": details(seen),
        "minimalQuantity": "1",
        "reviews": [],
        "productSpecification": [],
        "mainImage": { "imageUrl": picture(1), "imageResolution": "679 x 679" },
        "variations": [],
        "bookVariations": [],
        "categoriesExtended": categories(seen),
        "deliveryMessage": null,
        "importantInformation": [],
        "buyBoxUsed": null,
        "aboutProduct": about,
        "globalReviews": [],
        "deal": false,
        "prime": snapshot.in_stock(),
        "used": false,
        "pastSales": text::bought(snapshot.bought_past_month),
        "reviewInsights": { "summary": null, "banner": null, "featureAspects": [] },
    })
}

/// Rows are joined to requests by this URL.
fn row_url(input: &str) -> String {
    if input.contains('?') {
        input.to_owned()
    } else {
        format!("{input}?psc=1")
    }
}

/// Technical details; their values may begin with an invisible left-to-right mark, as on the real page.
fn details(seen: &Seen) -> Vec<Value> {
    let listing = &seen.listing;
    let own = listing
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), Some(format!("\u{200e}{value}"))));
    let common = [
        ("Manufacturer", Some(format!("\u{200e}{}", listing.brand))),
        ("ASIN", Some(listing.key.external_id.clone())),
        ("Customer Reviews", text::customer_reviews(seen)),
        (
            "Best Sellers Rank",
            text::ranks(&seen.snapshot.ranks, "#", " "),
        ),
        (
            "Date First Available",
            text::offering(seen).map(text::first_available),
        ),
    ];
    let common = common
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    own.chain(common)
        .filter_map(|(name, value)| value.map(|value| json!({ "name": name, "value": value })))
        .collect()
}

fn categories(seen: &Seen) -> Vec<Value> {
    let entry = |(depth, name): (usize, &String)| {
        let node = node(name);
        json!({
            "name": name,
            "url": format!("/{}/b/ref=dp_bc_{}?ie=UTF8&node={node}", slug(name), depth + 1),
            "node": node.to_string(),
        })
    };
    seen.listing
        .breadcrumbs
        .iter()
        .enumerate()
        .map(entry)
        .collect()
}
