//! The actors: what input they take and which items a run of theirs yields.

use serde_json::{Value, json};
use url::Url;

use super::{
    AXESSO_ACTOR, AXESSO_SEARCH_ACTOR, BESTSELLERS_ACTOR, CRAWLERBROS_ACTOR, JUNGLEE_ACTOR, axesso,
    error::ApifyError,
    junglee,
    lists::{self, Found},
    page::Page,
};
use crate::{
    market::ListingKey,
    world::{Look, World},
};

/// An actor that the simulated Apify can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    Junglee,
    Axesso,
    AxessoSearch,
    Bestsellers,
    Crawlerbros,
}

impl Actor {
    const ALL: [Self; 5] = [
        Self::Junglee,
        Self::Axesso,
        Self::AxessoSearch,
        Self::Bestsellers,
        Self::Crawlerbros,
    ];

    /// The actor of a path segment: `user~name` in any case, or the actor's id.
    pub fn find(segment: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|actor| segment.eq_ignore_ascii_case(actor.slug()) || segment == actor.id())
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Junglee => JUNGLEE_ACTOR,
            Self::Axesso => AXESSO_ACTOR,
            Self::AxessoSearch => AXESSO_SEARCH_ACTOR,
            Self::Bestsellers => BESTSELLERS_ACTOR,
            Self::Crawlerbros => CRAWLERBROS_ACTOR,
        }
    }

    /// The id that run objects carry.
    pub fn id(self) -> &'static str {
        match self {
            Self::Junglee => "BG3WDrGdteHgZgbPK",
            Self::Axesso => "kL8sVtW2cQz5XrNdM",
            Self::AxessoSearch => "pW4hYb7RkD2mZsQ9c",
            Self::Bestsellers => "tN6vGj3XfL8wCqB5e",
            Self::Crawlerbros => "yR9dMk4SaP7zHuT2n",
        }
    }

    /// Price of one result in thousandths of a US cent.
    pub fn result_price(self) -> u64 {
        match self {
            Self::Junglee => 300,
            Self::Axesso => 160,
            Self::AxessoSearch => 15,
            Self::Bestsellers | Self::Crawlerbros => 10,
        }
    }

    /// The pages that an input asks for. A search by words is its page of results.
    pub fn start_urls(self, input: &Value) -> Result<Vec<String>, ApifyError> {
        let field = match self {
            Self::Junglee => "categoryOrProductUrls",
            Self::Axesso => "urls",
            Self::AxessoSearch => "input",
            Self::Bestsellers | Self::Crawlerbros => "categoryUrls",
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
                    Self::Junglee => entry.get("url").and_then(Value::as_str).map(str::to_owned),
                    Self::AxessoSearch => lists::results_page(entry),
                    Self::Axesso | Self::Bestsellers | Self::Crawlerbros => {
                        entry.as_str().map(str::to_owned)
                    }
                };
                text.filter(|text| text.starts_with("http") && Url::parse(text).is_ok())
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
            .flat_map(|text| match (self, Page::of(text)) {
                (Self::Junglee | Self::Axesso, Some(Page::Product(key))) => {
                    self.product(world, base, text, &key)
                }
                (Self::Axesso, _) | (_, Some(Page::Product(_)) | None) => vec![self.nothing(text)],
                (_, Some(Page::List(list))) => {
                    self.list(&Found::on(world, &list), base, text, input)
                }
            })
            .collect()
    }

    fn list(self, found: &Found, base: &str, text: &str, input: &Value) -> Vec<Value> {
        let most = input
            .get("maxItemsPerStartUrl")
            .and_then(Value::as_u64)
            .filter(|most| *most > 0)
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(usize::MAX);
        let rows = match self {
            Self::Junglee => found.junglee(base, text),
            Self::AxessoSearch => found.axesso(base, text),
            Self::Bestsellers => found.bestsellers(base, text),
            Self::Crawlerbros => found.crawlerbros(base, text),
            Self::Axesso => Vec::new(),
        };
        if rows.is_empty() {
            return vec![self.nothing(text)];
        }
        rows.into_iter().take(most).collect()
    }

    fn product(self, world: &World, base: &str, text: &str, key: &ListingKey) -> Vec<Value> {
        match world.look(key) {
            Look::Sample(Value::Array(rows)) => rows,
            Look::Sample(row) => vec![row],
            Look::Seen(seen)
                if seen.snapshot.availability != crate::market::Availability::NotFound =>
            {
                vec![match self {
                    Self::Axesso => axesso::item(&seen, base, text),
                    _ => junglee::item(&seen, base, text),
                }]
            }
            Look::Seen(_) | Look::Unknown => vec![self.nothing(text)],
        }
    }

    /// The row for a page without a product.
    fn nothing(self, text: &str) -> Value {
        match self {
            Self::Axesso | Self::AxessoSearch => axesso::not_found(text),
            Self::Bestsellers | Self::Crawlerbros => {
                json!({ "error": "bestsellers_category_not_found", "url": text, "input": text })
            }
            Self::Junglee => json!({ "error": "no_results_found", "url": text, "input": text }),
        }
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
