//! Which run answers a search.

use url::Url;

use super::actor::Family;
use super::department::{self, Department};
use super::input::{self, Order};
use super::settings::Plan;
use super::shop::Shop;
use crate::about::MonitorKind;
use crate::listing_url::bare_host;
use crate::{Outcome, Search};

/// The run for a search.
///
/// A category may be an address (of a bestseller list, or of any page that lists products), a
/// node's number, or a name: that of a department means its bestseller list, any other is searched
/// for as words.
///
/// # Errors
/// [`Outcome::Failed`] for what cannot be searched for.
pub(crate) fn order(plan: &Plan, search: &Search) -> Result<Order, Outcome> {
    let shop = Shop::of(&search.marketplace).ok_or_else(|| {
        Outcome::hopeless(format!("Amazon has no shop in `{}`", search.marketplace))
    })?;
    let term = search.term.trim();
    if term.is_empty() {
        return Err(Outcome::hopeless("nothing to search for"));
    }
    let limit = search.limit.max(1);
    match search.kind {
        MonitorKind::Keyword => keyword(plan, shop, term, search.category.as_deref(), limit),
        MonitorKind::Category => match Place::of(term, shop)? {
            Place::List(page) => Ok(input::bestsellers(&plan.bestsellers, page, limit)),
            Place::Page(page) => Ok(input::list(&plan.category, page, limit)),
            Place::Node(node) => {
                let page = shop.url(&format!("/s?rh=n%3A{node}"));
                Ok(input::list(&plan.category, page, limit))
            }
            Place::Department(department) => {
                let page = shop.url(&format!("/gp/bestsellers/{}", department.list));
                Ok(input::bestsellers(&plan.bestsellers, page, limit))
            }
            Place::Words => Ok(input::list(
                &plan.category,
                results(shop, &[("k", term)]),
                limit,
            )),
        },
        other => Err(Outcome::hopeless(format!(
            "Amazon cannot be searched by {}",
            other.as_str()
        ))),
    }
}

fn keyword(
    plan: &Plan,
    shop: Shop,
    words: &str,
    category: Option<&str>,
    limit: usize,
) -> Result<Order, Outcome> {
    let category = category.map(str::trim).filter(|text| !text.is_empty());
    let alias = match category.map(|text| Place::of(text, shop)).transpose()? {
        None => "aps",
        Some(Place::Department(department)) => department.search,
        // axesso's search knows departments only.
        Some(Place::Node(node)) => {
            let node = format!("n:{node}");
            let page = results(shop, &[("k", words), ("rh", &node)]);
            return Ok(input::list(&plan.category, page, limit));
        }
        Some(Place::List(_) | Place::Page(_) | Place::Words) => {
            return Err(Outcome::hopeless(format!(
                "a search is narrowed by a department of Amazon or the number of a category, not by `{}`",
                category.unwrap_or_default()
            )));
        }
    };
    if plan.search.family == Family::AxessoSearch {
        let order = input::keyword(&plan.search, words, shop.domain, alias, limit);
        return Ok(order);
    }
    let page = results(shop, &[("k", words), ("i", alias)]);
    Ok(input::list(&plan.search, page, limit))
}

/// A page of search results.
fn results(shop: Shop, query: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    shop.url(&format!("/s?{query}"))
}

/// What a category's text means.
enum Place {
    /// The address of a bestseller list.
    List(String),
    /// The address of another page that lists products.
    Page(String),
    /// A category's number.
    Node(String),
    /// A department.
    Department(Department),
    /// Any other name.
    Words,
}

impl Place {
    fn of(text: &str, shop: Shop) -> Result<Self, Outcome> {
        if text.contains("://") {
            return Self::address(text, shop);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::Node(text.to_owned()));
        }
        Ok(department::named(text).map_or(Self::Words, Self::Department))
    }

    fn address(text: &str, shop: Shop) -> Result<Self, Outcome> {
        let url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| Outcome::hopeless("this is not a web address"))?;
        let host = bare_host(&url);
        if host.strip_prefix("amazon.") != Some(shop.domain) {
            return Err(Outcome::hopeless(format!(
                "`{host}` is not Amazon's shop in {}",
                shop.marketplace
            )));
        }
        let path = url.path();
        let is_list = [
            "/zgbs",
            "/bestsellers",
            "/new-releases",
            "/movers-and-shakers",
            "/most-wished-for",
            "/most-gifted",
        ]
        .iter()
        .any(|part| path.contains(part));
        Ok(if is_list {
            Self::List(url.into())
        } else {
            Self::Page(url.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan() -> Plan {
        let sources = config::Config::defaults().sources;
        let settings = super::super::Settings::read(&sources).expect("good defaults");
        Plan::of(&settings).expect("good defaults")
    }

    fn search(kind: MonitorKind, term: &str, category: Option<&str>) -> Search {
        Search {
            kind,
            term: term.into(),
            category: category.map(str::to_owned),
            marketplace: "DE".into(),
            limit: 40,
        }
    }

    /// The actor's path and the page or words it is to read.
    fn asked(search: &Search) -> Result<(String, String), String> {
        let order = order(&plan(), search).map_err(|outcome| outcome.reason())?;
        let input = &order.input;
        let page = input["categoryOrProductUrls"][0]["url"]
            .as_str()
            .or(input["categoryUrls"][0].as_str())
            .or(input["input"][0]["keyword"].as_str());
        Ok((
            order.actor.path().to_owned(),
            page.unwrap_or_default().to_owned(),
        ))
    }

    #[test]
    fn keywords_go_to_the_search_actor_and_into_its_department() {
        let kind = MonitorKind::Keyword;
        let order =
            order(&plan(), &search(kind, " Kopfhörer ", Some("Electronics"))).expect("a run");
        assert_eq!(
            order.input,
            json!({"input": [{"keyword": "Kopfhörer", "domainCode": "de",
                "sortBy": "relevanceblender", "maxPages": 3, "category": "electronics"}]})
        );
        let (actor, page) = asked(&search(kind, "mugs & cups", Some("3395091"))).expect("a run");
        assert_eq!(actor, "junglee~Amazon-crawler");
        assert_eq!(
            page,
            "https://www.amazon.de/s?k=mugs+%26+cups&rh=n%3A3395091"
        );
        assert!(asked(&search(kind, "mugs", Some("no such department"))).is_err());
        assert!(asked(&search(kind, "  ", None)).is_err());
    }

    #[test]
    fn a_category_is_an_address_a_number_or_a_name() {
        for (term, actor, page) in [
            (
                "https://www.amazon.de/gp/bestsellers/kitchen/3169011",
                "junglee~amazon-bestsellers",
                "https://www.amazon.de/gp/bestsellers/kitchen/3169011",
            ),
            (
                "https://www.amazon.de/s?k=tassen&rh=n%3A3169011",
                "junglee~Amazon-crawler",
                "https://www.amazon.de/s?k=tassen&rh=n%3A3169011",
            ),
            (
                "3169011",
                "junglee~Amazon-crawler",
                "https://www.amazon.de/s?rh=n%3A3169011",
            ),
            (
                "Home & Kitchen",
                "junglee~amazon-bestsellers",
                "https://www.amazon.de/gp/bestsellers/kitchen",
            ),
            (
                "Kaffeemühlen",
                "junglee~Amazon-crawler",
                "https://www.amazon.de/s?k=Kaffeem%C3%BChlen",
            ),
        ] {
            let asked = asked(&search(MonitorKind::Category, term, None)).expect("a run");
            assert_eq!(asked, (actor.to_owned(), page.to_owned()));
        }
        for term in [
            "https://www.amazon.com/s?k=x",
            "https://evil.example/zgbs/x",
            "ftp://x",
        ] {
            assert!(
                asked(&search(MonitorKind::Category, term, None)).is_err(),
                "{term}"
            );
        }
        assert!(asked(&search(MonitorKind::Brand, "Loop", None)).is_err());
    }
}
