//! The actors: what input they take and which items a run of theirs yields.

use serde_json::{Value, json};
use url::Url;

use super::{AXESSO_ACTOR, JUNGLEE_ACTOR, axesso, error::ApifyError, junglee};
use crate::{
    market::{ListingKey, Source, amazon_host},
    world::{Look, Seen, World},
};

/// An actor that the simulated Apify can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    Junglee,
    Axesso,
}

impl Actor {
    /// The actor of a path segment: `user~name` in any case, or the actor's id.
    pub fn find(segment: &str) -> Option<Self> {
        [Self::Junglee, Self::Axesso]
            .into_iter()
            .find(|actor| segment.eq_ignore_ascii_case(actor.slug()) || segment == actor.id())
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Junglee => JUNGLEE_ACTOR,
            Self::Axesso => AXESSO_ACTOR,
        }
    }

    /// The id that run objects carry.
    pub fn id(self) -> &'static str {
        match self {
            Self::Junglee => "BG3WDrGdteHgZgbPK",
            Self::Axesso => "kL8sVtW2cQz5XrNdM",
        }
    }

    /// Price of one result in thousandths of a US cent.
    pub fn result_price(self) -> u64 {
        match self {
            Self::Junglee => 300,
            Self::Axesso => 160,
        }
    }

    /// The start URLs of an input, as they were written.
    pub fn start_urls(self, input: &Value) -> Result<Vec<String>, ApifyError> {
        let field = match self {
            Self::Junglee => "categoryOrProductUrls",
            Self::Axesso => "urls",
        };
        let invalid = |text: String| ApifyError::InvalidInput(text);
        let list = input
            .get(field)
            .ok_or_else(|| invalid(format!("Field input.{field} is required")))?
            .as_array()
            .filter(|list| !list.is_empty())
            .ok_or_else(|| invalid(format!("Field input.{field} must be a non-empty array")))?;
        list.iter()
            .enumerate()
            .map(|(place, entry)| {
                let text = match self {
                    Self::Junglee => entry.get("url").and_then(Value::as_str),
                    Self::Axesso => entry.as_str(),
                };
                text.filter(|text| text.starts_with("http") && Url::parse(text).is_ok())
                    .map(str::to_owned)
                    .ok_or_else(|| {
                        invalid(format!(
                            "Items in input.{field} at position {place} do not contain valid URLs"
                        ))
                    })
            })
            .collect()
    }

    /// The dataset of a run over these start URLs.
    pub fn scrape(self, world: &World, base: &str, urls: &[String], input: &Value) -> Vec<Value> {
        urls.iter()
            .flat_map(|text| {
                let page = Page::of(text);
                match page {
                    Some(Page::Product(key)) => self.product(world, base, text, &key),
                    Some(Page::Search { marketplace, words }) if self == Self::Junglee => {
                        search(world, base, text, &marketplace, &words, input)
                    }
                    _ => vec![self.nothing(text)],
                }
            })
            .collect()
    }

    fn product(self, world: &World, base: &str, text: &str, key: &ListingKey) -> Vec<Value> {
        match world.look(key) {
            Look::Sample(Value::Array(rows)) => rows,
            Look::Sample(row) => vec![row],
            Look::Seen(seen)
                if seen.snapshot.availability != crate::market::Availability::NotFound =>
            {
                vec![match self {
                    Self::Junglee => junglee::item(&seen, base, text),
                    Self::Axesso => axesso::item(&seen, base, text),
                }]
            }
            Look::Seen(_) | Look::Unknown => vec![self.nothing(text)],
        }
    }

    /// The row for a page without a product.
    fn nothing(self, text: &str) -> Value {
        match self {
            Self::Junglee => json!({ "error": "no_results_found", "url": text, "input": text }),
            Self::Axesso => axesso::not_found(text),
        }
    }
}

/// A search result page: hits of the marketplace whose text holds every word.
fn search(
    world: &World,
    base: &str,
    text: &str,
    marketplace: &str,
    words: &[String],
    input: &Value,
) -> Vec<Value> {
    let most = input
        .get("maxItemsPerStartUrl")
        .and_then(Value::as_u64)
        .filter(|n| *n > 0);
    let holds = |seen: &Seen| {
        let listing = &seen.listing;
        let all = format!(
            "{} {} {}",
            listing.title,
            listing.brand,
            listing.breadcrumbs.join(" ")
        );
        let all = all.to_lowercase();
        words.iter().all(|word| all.contains(word.as_str()))
    };
    let hits: Vec<Value> = world
        .all(Source::Amazon, Some(marketplace))
        .iter()
        .filter(|seen| holds(seen))
        .take(most.unwrap_or(u64::MAX).try_into().unwrap_or(usize::MAX))
        .enumerate()
        .map(|(place, seen)| junglee::search_item(seen, base, text, place + 1))
        .collect();
    if hits.is_empty() {
        vec![Actor::Junglee.nothing(text)]
    } else {
        hits
    }
}

/// What an Amazon URL leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Product(ListingKey),
    Search {
        marketplace: String,
        words: Vec<String>,
    },
}

impl Page {
    /// Reads an Amazon URL; `None` for other hosts and other pages.
    pub fn of(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let marketplace = amazon_host(url.host_str()?)?.marketplace;
        let parts: Vec<&str> = url.path_segments()?.collect();
        let after = |name: &str| {
            parts
                .iter()
                .position(|part| *part == name)
                .and_then(|place| parts.get(place + 1))
        };
        let asin = after("dp").or_else(|| after("product"));
        if let Some(asin) = asin {
            return is_asin(asin).then(|| {
                Self::Product(ListingKey::new(
                    Source::Amazon,
                    marketplace,
                    asin.to_uppercase(),
                ))
            });
        }
        (parts.first() == Some(&"s")).then(|| {
            let words = url
                .query_pairs()
                .find(|(name, _)| name == "k")
                .map(|(_, words)| words);
            Self::Search {
                marketplace: marketplace.to_owned(),
                words: words
                    .unwrap_or_default()
                    .split_whitespace()
                    .map(str::to_lowercase)
                    .collect(),
            }
        })
    }
}

/// Ten letters or digits.
pub(crate) fn is_asin(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_amazon_urls() {
        let product = |place: &str, asin: &str| {
            Some(Page::Product(ListingKey::new(Source::Amazon, place, asin)))
        };
        for (text, page) in [
            (
                "https://www.amazon.com/dp/B0D3V6Y38G",
                product("US", "B0D3V6Y38G"),
            ),
            (
                "https://amazon.co.uk/Some-Title/dp/b0d3v6y38g?psc=1",
                product("GB", "B0D3V6Y38G"),
            ),
            (
                "https://www.amazon.com.au/gp/product/B0D3V6Y38G/ref=x",
                product("AU", "B0D3V6Y38G"),
            ),
            ("https://www.example.com/dp/B0D3V6Y38G", None),
            ("https://www.amazon.com/dp/short", None),
            ("not a url", None),
        ] {
            assert_eq!(Page::of(text), page, "{text}");
        }
        let words = vec!["bluetooth".to_owned(), "headphones".to_owned()];
        assert_eq!(
            Page::of("https://www.amazon.de/s?k=Bluetooth+Headphones"),
            Some(Page::Search {
                marketplace: "DE".to_owned(),
                words
            })
        );
    }

    #[test]
    fn inputs_are_checked_as_the_actor_would() {
        let urls = |actor: Actor, input: Value| actor.start_urls(&input).map_err(|e| e.to_string());
        let good = json!({"categoryOrProductUrls": [{"url": "https://www.amazon.com/dp/B0D3V6Y38G", "method": "GET"}]});
        assert_eq!(urls(Actor::Junglee, good).map(|urls| urls.len()), Ok(1));
        assert_eq!(
            urls(Actor::Junglee, json!({})),
            Err("Input is not valid: Field input.categoryOrProductUrls is required".to_owned())
        );
        assert!(urls(Actor::Junglee, json!({"categoryOrProductUrls": []})).is_err());
        assert!(
            urls(
                Actor::Junglee,
                json!({"categoryOrProductUrls": ["https://x.y"]})
            )
            .is_err()
        );
        assert!(urls(Actor::Axesso, json!({"urls": ["nonsense"]})).is_err());
    }
}
