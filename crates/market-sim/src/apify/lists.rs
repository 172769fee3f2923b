//! Lists of products as each actor writes them: search results, categories, bestsellers.

use serde_json::{Value, json};

use super::{junglee, listing_text as text, page::List};
use crate::{
    images,
    market::{AMAZON, Money, Source, amazon_place},
    world::{Seen, World},
};

/// What people and addresses call the departments of the catalogue.
const DEPARTMENTS: &[(&str, &str)] = &[
    ("electronics", "electronics"),
    ("kitchen", "home & kitchen"),
    ("garden", "home & kitchen"),
    ("hpc", "health & household"),
    ("sporting-goods", "sports & outdoors"),
    ("sporting", "sports & outdoors"),
    ("hi", "tools & home improvement"),
    ("tools", "tools & home improvement"),
];

/// The products on a list, best sellers of the category first.
#[derive(Debug)]
pub(crate) struct Found {
    seen: Vec<Seen>,
    words: String,
}

impl Found {
    pub fn on(world: &World, list: &List) -> Self {
        let mut seen = world.all(Source::Amazon, Some(&list.marketplace));
        seen.retain(|seen| {
            holds(seen, &list.words) && list.categories.iter().all(|category| is_in(seen, category))
        });
        if list.words.is_empty() {
            seen.sort_by_key(|seen| seen.snapshot.ranks.first().map(|rank| rank.rank));
        }
        Self {
            seen,
            words: list.words.join(" "),
        }
    }

    /// Rows of junglee's crawler.
    pub fn junglee(&self, base: &str, input: &str) -> Vec<Value> {
        let rows = self.seen.iter().enumerate();
        rows.map(|(place, seen)| junglee::search_item(seen, base, input, place + 1))
            .collect()
    }

    /// Rows of axesso's search. Its pages are scraped at the same time, so rows are in no order.
    pub fn axesso(&self, base: &str, _input: &str) -> Vec<Value> {
        let rows = self.seen.iter().enumerate();
        rows.rev()
            .map(|(place, seen)| self.axesso_row(base, place, seen))
            .collect()
    }

    fn axesso_row(&self, base: &str, place: usize, seen: &Seen) -> Value {
        let (listing, snapshot) = (&seen.listing, &seen.snapshot);
        let number = |amount: Option<Money>| amount.map_or_else(|| json!(0), Money::to_json);
        let shop = amazon_place(&listing.key.marketplace).map_or("amazon.com", |shop| shop.host);
        json!({
            "statusCode": 200,
            "statusMessage": "FOUND",
            "keyword": self.words,
            "domainCode": shop.trim_start_matches("amazon."),
            "page": 1,
            "selectedCategory": "aps",
            "browseNode": null,
            "nodeHierarchy": null,
            "resultCount": self.seen.len(),
            "categories": [],
            "similarKeywords": [],
            "currentPage": 1,
            "sortStrategy": "relevanceblender",
            "productDescription": listing.title,
            "asin": listing.key.external_id,
            "countReview": snapshot.review_count.unwrap_or(0),
            "imgUrl": images::url(base, &listing.key, 1),
            "price": number(snapshot.price),
            "retailPrice": number(snapshot.list_price),
            "productRating": snapshot.rating.map(|rating| format!("{rating:.1} out of 5 stars")),
            "prime": snapshot.in_stock(),
            "dpUrl": format!("/dp/{}", listing.key.external_id),
            "series": null,
            "deliveryMessage": null,
            "variations": [],
            "productDetails": [],
            "salesVolume": text::bought(snapshot.bought_past_month),
            "manufacturer": null,
            "secondaryOffer": null,
            "sponsored": place == 0,
            "searchResultPosition": place,
        })
    }

    /// Rows of junglee's bestsellers.
    pub fn bestsellers(&self, base: &str, input: &str) -> Vec<Value> {
        let rows = self.seen.iter().enumerate();
        rows.map(|(place, seen)| {
            let (listing, snapshot) = (&seen.listing, &seen.snapshot);
            let symbol = amazon_place(&listing.key.marketplace).map(|shop| shop.symbol);
            json!({
                "name": listing.title,
                "url": listing.key.url(),
                "asin": listing.key.external_id,
                "position": place + 1,
                "price": snapshot
                    .price
                    .map(|price| json!({ "value": price.to_json(), "currency": symbol })),
                "currency": symbol,
                "numberOfOffers": null,
                "stars": snapshot.rating,
                "reviewsCount": snapshot.review_count,
                "thumbnailUrl": images::url(base, &listing.key, 1),
                "categoryUrl": input,
                "categoryName": listing.breadcrumbs.last(),
                "categoryFullName": listing.breadcrumbs.join(" > "),
                "subcategories": [],
                "input": input,
            })
        })
        .collect()
    }

    /// Rows of crawlerbros' bestsellers.
    pub fn crawlerbros(&self, base: &str, input: &str) -> Vec<Value> {
        let rows = self.seen.iter().enumerate();
        rows.map(|(place, seen)| {
            let (listing, snapshot) = (&seen.listing, &seen.snapshot);
            json!({
                "position": place + 1,
                "category": listing.breadcrumbs.first(),
                "categoryUrl": input,
                "name": listing.title,
                "asin": listing.key.external_id,
                "price": snapshot.price.map(Money::to_json),
                "currency": amazon_place(&listing.key.marketplace).map(|shop| shop.symbol),
                "numberOfOffers": 1,
                "url": listing.key.url(),
                "thumbnail": images::url(base, &listing.key, 1),
                "rating": snapshot.rating,
                "reviewsCount": snapshot.review_count,
                "scrapedAt": snapshot.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            })
        })
        .collect()
    }
}

/// The page of results that an entry of axesso's search input means.
pub(super) fn results_page(entry: &Value) -> Option<String> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let keyword = text("keyword").filter(|keyword| !keyword.trim().is_empty())?;
    let domain = text("domainCode").unwrap_or("com");
    let shop = AMAZON
        .iter()
        .find(|shop| shop.host.strip_prefix("amazon.") == Some(domain))?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("k", keyword)
        .append_pair("i", text("category").unwrap_or("aps"))
        .finish();
    Some(format!("https://www.{}/s?{query}", shop.host))
}

/// The number of a category, the same for a name at all times.
pub(super) fn node(name: &str) -> u64 {
    name.bytes().fold(3_000_000_u64, |sum, byte| {
        sum * 31 % 9_999_999_967 + u64::from(byte)
    })
}

fn holds(seen: &Seen, words: &[String]) -> bool {
    let listing = &seen.listing;
    let all = format!(
        "{} {} {}",
        listing.title,
        listing.brand,
        listing.breadcrumbs.join(" ")
    );
    let all = all.to_lowercase();
    words.iter().all(|word| all.contains(word.as_str()))
}

/// Whether a product is in a category, by its number or its name in addresses.
fn is_in(seen: &Seen, category: &str) -> bool {
    let department = DEPARTMENTS
        .iter()
        .find(|(alias, _)| *alias == category)
        .map(|(_, name)| *name);
    seen.listing.breadcrumbs.iter().any(|name| {
        department == Some(name.to_lowercase().as_str())
            || junglee::slug(name) == category
            || node(name).to_string() == category
    })
}
