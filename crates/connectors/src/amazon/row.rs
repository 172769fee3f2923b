//! One item of a dataset, read field by field: any field may be absent, null or of another type.

use domain::money::Money;
use serde_json::{Map, Value};

use super::price;
use crate::json::clean;

/// An object that an actor wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a>(&'a Map<String, Value>);

impl<'a> Row<'a> {
    /// The value as a row; `None` when it is no object.
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Row)
    }

    pub(crate) fn has(self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// A field that says something.
    pub(crate) fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A text with something in it; numbers count as text.
    pub(crate) fn text(self, key: &str) -> Option<String> {
        text(self.get(key)?)
    }

    /// The first of these fields that holds a text.
    pub(crate) fn first_text(self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text(key))
    }

    /// The texts of a list, or the one text in its place.
    pub(crate) fn texts(self, key: &str) -> Vec<String> {
        match self.get(key) {
            Some(Value::Array(values)) => values.iter().filter_map(text).collect(),
            Some(value) => text(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// Web addresses of a list, each once, in order.
    pub(crate) fn links(self, key: &str) -> Vec<String> {
        let mut links = Vec::new();
        for link in self.texts(key) {
            if is_link(&link) && !links.contains(&link) {
                links.push(link);
            }
        }
        links
    }

    /// A web address.
    pub(crate) fn link(self, key: &str) -> Option<String> {
        self.text(key).filter(|link| is_link(link))
    }

    pub(crate) fn flag(self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    /// A count that fits our columns: a whole number, or a text such as `8,369`.
    pub(crate) fn count(self, key: &str) -> Option<i32> {
        match self.get(key)? {
            Value::Number(number) => crate::json::count(number),
            Value::String(text) => {
                let digits: String = text
                    .trim()
                    .chars()
                    .filter(|c| !matches!(c, ',' | '.' | ' ' | '\u{a0}' | '\u{202f}'))
                    .collect();
                digits.parse().ok().filter(|count| *count >= 0)
            }
            _ => None,
        }
    }

    pub(crate) fn row(self, key: &str) -> Option<Row<'a>> {
        self.get(key).and_then(Row::of)
    }

    /// The objects of a list.
    pub(crate) fn rows(self, key: &str) -> Vec<Row<'a>> {
        match self.get(key) {
            Some(Value::Array(values)) => values.iter().filter_map(Row::of).collect(),
            _ => Vec::new(),
        }
    }

    /// The pairs of an object that are texts.
    pub(crate) fn pairs(self) -> impl Iterator<Item = (&'a str, String)> {
        self.0
            .iter()
            .filter_map(|(key, value)| Some((key.as_str(), text(value)?)))
    }

    /// An amount; see [`price::amount`]. `None` when the row tells none.
    pub(crate) fn money(
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

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    // No column takes a NUL.
    clean(&text.replace('\0', ""))
}

fn is_link(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_read_in_any_form_and_never_guessed() {
        let value = json!({"n": 7, "s": "8,369", "f": 5.0, "h": 5.5, "t": " \u{200e}x ", "z": null,
            "yes": "True", "list": ["a", 1, null, {}, " "], "one": "solo", "w": {"a": 1},
            "links": ["https://a", "javascript:x", "https://a"]});
        let row = Row::of(&value).expect("an object");
        assert_eq!(
            (row.count("n"), row.count("s"), row.count("f")),
            (Some(7), Some(8369), Some(5))
        );
        assert_eq!(
            (row.count("h"), row.count("t"), row.count("z")),
            (None, None, None)
        );
        assert_eq!(row.text("t").as_deref(), Some("x"));
        assert_eq!(row.text("n").as_deref(), Some("7"));
        assert_eq!(row.flag("yes"), Some(true));
        assert_eq!(row.texts("list"), ["a", "1"]);
        assert_eq!(row.texts("one"), ["solo"]);
        assert_eq!(row.links("links"), ["https://a"]);
        assert!(row.row("w").is_some() && row.row("n").is_none());
    }
}
