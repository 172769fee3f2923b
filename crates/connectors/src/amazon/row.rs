//! What fields of a dataset's items mean; any may be absent, null or of another type.

use domain::money::Money;
use serde_json::Value;

use super::price;
use crate::json::{self, Object};

/// What actors' fields mean.
pub(crate) trait Told {
    /// Web addresses of a list, each once, in order.
    fn links(self, key: &str) -> Vec<String>;

    /// A web address.
    fn link(self, key: &str) -> Option<String>;

    /// A count that fits our columns: a whole number, or a text such as `8,369`.
    fn count(self, key: &str) -> Option<i32>;

    /// An amount; see [`price::amount`]. `None` when the row tells none.
    fn money(
        self,
        key: &str,
        marketplace: &str,
        zero: price::Zero,
    ) -> Result<Option<Money>, String>;
}

impl Told for Object<'_> {
    fn links(self, key: &str) -> Vec<String> {
        json::distinct(self.texts(key).into_iter().filter(|link| is_link(link)))
    }

    fn link(self, key: &str) -> Option<String> {
        self.text(key).filter(|link| is_link(link))
    }

    fn count(self, key: &str) -> Option<i32> {
        match self.get(key)? {
            Value::Number(number) => json::count(number),
            Value::String(text) => json::counted(text),
            _ => None,
        }
    }

    fn money(
        self,
        key: &str,
        marketplace: &str,
        zero: price::Zero,
    ) -> Result<Option<Money>, String> {
        let named = self.text("currency");
        price::amount(self.get(key), named.as_deref(), marketplace, zero)
            .map_err(|what| format!("{key}: {what}"))
    }
}

fn is_link(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_are_numbers_or_texts() {
        let value = json!({"n": 7, "f": 5.0, "s": "8,369", "h": 5.5, "b": true, "z": null});
        let row = Object::of(&value).expect("an object");
        let count = |key| row.count(key);
        assert_eq!(["n", "f", "s"].map(count), [Some(7), Some(5), Some(8369)]);
        assert_eq!(["h", "b", "z", "?"].map(count), [None; 4]);
    }

    #[test]
    fn links_are_web_addresses_once_each() {
        let value = json!({"links": ["https://a", "javascript:x", "https://a"], "one": "http://b"});
        let row = Object::of(&value).expect("an object");
        assert_eq!(row.links("links"), ["https://a"]);
        assert_eq!(row.link("one").as_deref(), Some("http://b"));
    }
}
