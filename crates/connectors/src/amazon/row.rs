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

    /// A count that fits our columns: a whole number, or a text such as `8,369`, `8.369` or `(8 369)`.
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
            Value::String(text) => count(text),
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

/// A whole number, in brackets or not; what parts it parts thousands.
fn count(text: &str) -> Option<i32> {
    let parts = |c: char| {
        matches!(
            c,
            ',' | '.' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}'
        )
    };
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    let groups: Vec<&str> = text.split(parts).collect();
    let sound = groups[1..].iter().all(|group| group.len() == 3);
    let digits = groups.concat();
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    (sound && plain).then(|| digits.parse().ok()).flatten()
}

fn is_link(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_are_whole_however_thousands_are_parted() {
        let counted = |told: Value| {
            let object = json!({ "n": told });
            Object::of(&object).expect("an object").count("n")
        };
        for (told, count) in [
            (json!(7), Some(7)),
            (json!(5.0), Some(5)),
            (json!("8,369"), Some(8369)),
            (json!("1.260"), Some(1260)),
            (json!("(23\u{202f}642)"), Some(23_642)),
            (json!("12,34,567"), None),
            (json!("4.5"), None),
            (json!(5.5), None),
            (json!("-3"), None),
            (json!("many"), None),
            (json!(""), None),
            (json!(null), None),
        ] {
            assert_eq!(counted(told.clone()), count, "{told}");
        }
    }

    #[test]
    fn links_are_web_addresses_once_each() {
        let value = json!({"links": ["https://a", "javascript:x", "https://a"], "one": "http://b"});
        let row = Object::of(&value).expect("an object");
        assert_eq!(row.links("links"), ["https://a"]);
        assert_eq!(row.link("one").as_deref(), Some("http://b"));
    }
}
