//! What a page says of itself outside any product data.

use domain::money::Currency;
use url::Url;

use super::html::Document;
use super::locale::Locale;
use super::price;

/// What every strategy may lean on.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// Where it was in the end.
    pub(super) url: Url,
    /// What it calls its own address.
    pub(super) canonical: Option<Url>,
    pub(super) locale: Locale,
    pub(super) title: Option<String>,
    pub(super) heading: Option<String>,
    /// The currency that the page names once for everything.
    pub(super) currency: Option<Currency>,
}

impl Page {
    /// `marketplace` is where its listing is thought to sell.
    pub(super) fn of(document: &Document, url: &Url, marketplace: &str) -> Self {
        let meta = |names: &[&str]| {
            document
                .elements()
                .filter(|element| element.tag() == "meta")
                .find(|element| {
                    ["property", "name", "itemprop", "http-equiv"]
                        .iter()
                        .filter_map(|key| element.attr(key))
                        .any(|name| names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)))
                })
                .and_then(|element| element.attr("content"))
                .filter(|content| !content.is_empty())
        };
        let language = document
            .first("html")
            .and_then(|html| html.attr("lang").or_else(|| html.attr("xml:lang")))
            .filter(|tag| !tag.is_empty())
            .or_else(|| meta(&["og:locale", "content-language"]));
        let locale = Locale::new(language, marketplace);
        let named = meta(&[
            "product:price:currency",
            "og:price:currency",
            "pricecurrency",
        ]);
        let canonical = document
            .elements()
            .filter(|element| element.tag() == "link")
            .find(|element| {
                element
                    .attr("rel")
                    .is_some_and(|rel| rel.eq_ignore_ascii_case("canonical"))
            })
            .and_then(|element| url.join(element.attr("href")?).ok());
        let text = |tag: &str| {
            let text: String = document.first(tag)?.raw();
            let words: Vec<&str> = text.split_whitespace().collect();
            crate::json::clean(&words.join(" ").chars().take(400).collect::<String>())
        };
        Self {
            url: url.clone(),
            canonical,
            title: text("title"),
            heading: text("h1"),
            currency: named.and_then(|code| price::currency(code, &locale)),
            locale,
        }
    }

    /// An address on it made absolute; only what a browser would fetch.
    pub(super) fn link(&self, text: &str) -> Option<String> {
        let url = self.url.join(text.trim()).ok()?;
        matches!(url.scheme(), "http" | "https").then(|| url.into())
    }

    /// Whether an address means this page.
    pub(super) fn is_at(&self, text: &str) -> bool {
        let Ok(url) = self.url.join(text) else {
            return false;
        };
        let same = |other: &Url| url.host() == other.host() && url.path() == other.path();
        same(&self.url) || self.canonical.as_ref().is_some_and(same)
    }
}
