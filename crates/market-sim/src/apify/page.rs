//! What an Amazon URL leads to.

use url::Url;

use super::actor::is_asin;
use crate::market::{ListingKey, Source, amazon_host};

/// What an Amazon URL leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Product(ListingKey),
    List(List),
}

/// A page that lists products: those which fit all it names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    pub marketplace: String,
    /// Lower-case words of a search.
    pub words: Vec<String>,
    /// Categories by number, or by their names in addresses.
    pub categories: Vec<String>,
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
        let mut list = List {
            marketplace: marketplace.to_owned(),
            ..List::default()
        };
        let best = ["bestsellers", "zgbs", "new-releases"];
        if let Some(place) = parts.iter().position(|part| best.contains(part)) {
            // The last part that is no tracking mark names the category, the one before its department.
            let mut named = parts[place + 1..]
                .iter()
                .filter(|part| !part.is_empty() && !part.starts_with("ref="));
            list.categories = named
                .next_back()
                .map(|part| (*part).to_owned())
                .into_iter()
                .collect();
            return Some(Self::List(list));
        }
        if !parts.contains(&"s") && !parts.contains(&"b") {
            return None;
        }
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "k" => list.words = value.split_whitespace().map(str::to_lowercase).collect(),
                "rh" => list.categories.extend(
                    value
                        .split(',')
                        .filter_map(|part| part.strip_prefix("n:"))
                        .map(str::to_owned),
                ),
                "node" => list.categories.push(value.into_owned()),
                "i" if value != "aps" => list.categories.push(value.into_owned()),
                _ => {}
            }
        }
        Some(Self::List(list))
    }
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
        let list = |text| match Page::of(text) {
            Some(Page::List(list)) => list,
            page => panic!("{text}: {page:?}"),
        };
        let search =
            list("https://www.amazon.de/s?k=Bluetooth+Headphones&rh=n%3A123&i=electronics");
        assert_eq!(search.marketplace, "DE");
        assert_eq!(search.words, ["bluetooth", "headphones"]);
        assert_eq!(search.categories, ["123", "electronics"]);
        for (text, category) in [
            (
                "https://www.amazon.com/gp/bestsellers/kitchen/289742/ref=x",
                "289742",
            ),
            (
                "https://www.amazon.com/Best-Sellers-Electronics/zgbs/electronics",
                "electronics",
            ),
            (
                "https://www.amazon.com/b/ref=dp_bc_1?ie=UTF8&node=172282",
                "172282",
            ),
        ] {
            assert_eq!(list(text).categories, [category], "{text}");
        }
    }
}
