//! What actors are started with. Only products: no sellers, offers or reviews, which cost more and
//! may be about people.

use serde_json::{Value, json};

use super::actor::{Actor, Family};

/// One run to start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) actor: Actor,
    pub(crate) input: Value,
}

/// The run that reads these product pages.
pub(crate) fn products(actor: &Actor, pages: Vec<String>, variant_prices: bool) -> Order {
    let input = match actor.family {
        Family::Axesso => json!({ "urls": pages }),
        Family::Junglee | Family::AxessoSearch | Family::Bestsellers => {
            let mut input = junglee(pages, 1);
            input["scrapeProductVariantPrices"] = json!(variant_prices);
            input["scrapeProductDetails"] = json!(true);
            input
        }
    };
    Order {
        actor: actor.clone(),
        input,
    }
}

/// The run that reads this search or category page, and those after it.
pub(crate) fn list(actor: &Actor, page: String, limit: usize) -> Order {
    Order {
        actor: actor.clone(),
        // A page of results has some 16 to 60 products; the limit on items ends it, too.
        input: junglee(vec![page], limit),
    }
}

/// The run that reads this bestseller list.
pub(crate) fn bestsellers(actor: &Actor, page: String, limit: usize) -> Order {
    let input = match actor.family {
        Family::Bestsellers => json!({
            "categoryUrls": [page],
            "maxItemsPerStartUrl": limit,
            "depthOfCrawl": 1,
            "language": "en",
            "detailedInformation": false,
            "useCaptchaSolver": false,
        }),
        Family::Junglee | Family::Axesso | Family::AxessoSearch => junglee(vec![page], limit),
    };
    Order {
        actor: actor.clone(),
        input,
    }
}

/// The run that searches by keyword with axesso's actor. `category` is an alias of Amazon's, `aps`
/// being all of them.
pub(crate) fn keyword(
    actor: &Actor,
    keyword: &str,
    domain: &str,
    category: &str,
    limit: usize,
) -> Order {
    Order {
        actor: actor.clone(),
        input: json!({ "input": [{
            "keyword": keyword,
            "domainCode": domain,
            "sortBy": "relevanceblender",
            "maxPages": limit.div_ceil(PAGE).clamp(1, MAX_PAGES),
            "category": category,
        }] }),
    }
}

/// Fewest products on a page of results, so that enough pages are read.
const PAGE: usize = 16;
/// Amazon shows no more pages of a search than this.
const MAX_PAGES: usize = 20;

fn junglee(pages: Vec<String>, limit: usize) -> Value {
    let urls: Vec<Value> = pages
        .into_iter()
        .map(|url| json!({ "url": url, "method": "GET" }))
        .collect();
    json!({
        "categoryOrProductUrls": urls,
        "maxItemsPerStartUrl": limit,
        "maxSearchPagesPerStartUrl": limit.div_ceil(PAGE).clamp(1, MAX_PAGES),
        "language": "en",
        "proxyCountry": "AUTO_SELECT_PROXY_COUNTRY",
        "maxOffers": 0,
        "scrapeSellers": false,
        "useCaptchaSolver": false,
        "scrapeProductVariantPrices": false,
        // What a list shows is enough to know a product by; its page is read when it is tracked.
        "scrapeProductDetails": false,
    })
}
