//! Fields of the shop's JSON. Its documentation is public code only: whatever we can do without is
//! read leniently, whatever decides a price or a date strictly.

use chrono::{DateTime, Utc};
use domain::money::Currency;
use serde_json::{Map, Value};

use crate::json::clean;

/// What is wrong with a field, for people.
pub(crate) type Wrong = String;

/// An object of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Node<'a> {
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// The field, unless it is null.
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn child(self, name: &str) -> Option<Self> {
        Self::of(self.get(name)?)
    }

    /// A list's elements; none where there is no list.
    pub(crate) fn list(self, name: &str) -> &'a [Value] {
        self.get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn nodes(self, name: &str) -> impl Iterator<Item = Node<'a>> + Clone {
        self.list(name).iter().filter_map(Node::of)
    }

    /// A text with something in it.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        self.get(name)?.as_str().and_then(clean)
    }

    /// A text or a number, as text.
    pub(crate) fn word(self, name: &str) -> Option<String> {
        word(self.get(name)?)
    }

    /// The first of these that is there.
    pub(crate) fn any_word(self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.word(name))
    }

    /// True or false, also as 1 and 0 or as a text.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A whole number, also as text.
    pub(crate) fn whole(self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A count above zero, for people: zero means "not set" wherever this is asked.
    pub(crate) fn counted(self, names: &[&str]) -> Option<String> {
        let count = names.iter().find_map(|name| self.whole(name))?;
        (count > 0).then(|| count.to_string())
    }

    /// A price in minor units; `None` where the shop tells none.
    pub(crate) fn minor(self, name: &str) -> Result<Option<i64>, Wrong> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let wrong = |what: &str| Err(format!("`{name}` is {value}: {what}"));
        match value.as_i64() {
            Some(minor) if minor > 0 => Ok(Some(minor)),
            Some(0) => wrong("no shop sells at zero"),
            Some(_) => wrong("a negative price"),
            None if value.is_number() => wrong("not a whole number of minor units"),
            None => wrong("not a number"),
        }
    }

    /// A price that is zero where it is not used.
    pub(crate) fn optional_minor(self, name: &str) -> Result<Option<i64>, Wrong> {
        match self.get(name).and_then(Value::as_i64) {
            Some(0) => Ok(None),
            _ => self.minor(name),
        }
    }

    /// The currency that a field names, or `else_`.
    pub(crate) fn currency(
        self,
        name: &str,
        else_: Option<Currency>,
    ) -> Result<Option<Currency>, Wrong> {
        match self.get(name) {
            None => Ok(else_),
            Some(Value::String(code)) if code.trim().is_empty() => Ok(else_),
            Some(Value::String(code)) => Currency::parse(code.trim())
                .map(Some)
                .map_err(|_| format!("`{name}` is \"{code}\", which is no ISO 4217 currency")),
            Some(other) => Err(format!("`{name}` is {other}, which is no currency")),
        }
    }

    /// An instant: Unix seconds, milliseconds or ISO 8601; zero is unset.
    pub(crate) fn time(self, name: &str) -> Result<Option<DateTime<Utc>>, Wrong> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let unix = |number: i64| match number {
            0 => Some(None),
            // Seconds reach here in the year 5138.
            n if n.unsigned_abs() >= 100_000_000_000 => {
                DateTime::from_timestamp_millis(n).map(Some)
            }
            n => DateTime::from_timestamp(n, 0).map(Some),
        };
        let read = match value {
            Value::Number(number) => number.as_i64().and_then(unix),
            Value::String(text) if text.trim().is_empty() => Some(None),
            Value::String(text) => match text.trim().parse() {
                Ok(number) => unix(number),
                Err(_) => DateTime::parse_from_rfc3339(text.trim())
                    .ok()
                    .map(|time| Some(time.to_utc())),
            },
            _ => None,
        };
        read.ok_or_else(|| format!("`{name}` is {value}, which is no instant"))
    }

    /// A text in the shop's languages, English first.
    pub(crate) fn translated(self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => clean(text),
            Value::Object(texts) => {
                let texts = Node(texts);
                texts
                    .text("en")
                    .or_else(|| texts.text("en-us"))
                    .or_else(|| texts.0.keys().find_map(|language| texts.text(language)))
            }
            _ => None,
        }
    }
}

/// A text or a number, as text.
pub(crate) fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => clean(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn on<T>(value: Value, ask: impl FnOnce(Node<'_>) -> T) -> T {
        let object = json!({ "x": value });
        ask(Node::of(&object).expect("an object"))
    }

    #[test]
    fn prices_are_whole_positive_minor_units_or_nothing_or_wrong() {
        let minor = |value| on(value, |node| node.minor("x"));
        assert_eq!(minor(json!(2799)), Ok(Some(2799)));
        assert_eq!(minor(json!(null)), Ok(None));
        for wrong in [
            json!(0),
            json!(-5),
            json!(27.99),
            json!(2799.0),
            json!("2799"),
            json!(true),
            json!([2799]),
            json!(1e300),
        ] {
            assert!(minor(wrong.clone()).is_err(), "{wrong}");
        }
        assert_eq!(on(json!(0), |node| node.optional_minor("x")), Ok(None));
        assert!(on(json!("0"), |node| node.optional_minor("x")).is_err());
    }

    #[test]
    fn times_come_in_three_forms() {
        let unix = |value| on(value, |node| node.time("x")).map(|time| time.map(|t| t.timestamp()));
        assert_eq!(unix(json!(1_745_546_400)), Ok(Some(1_745_546_400)));
        assert_eq!(unix(json!("1745546400")), Ok(Some(1_745_546_400)));
        assert_eq!(unix(json!(1_745_546_400_000_i64)), Ok(Some(1_745_546_400)));
        assert_eq!(
            unix(json!("2025-04-25T02:00:00.000Z")),
            Ok(Some(1_745_546_400))
        );
        assert_eq!(unix(json!(0)), Ok(None));
        assert_eq!(unix(json!(null)), Ok(None));
        assert_eq!(unix(json!("")), Ok(None));
        assert!(unix(json!("soon")).is_err());
        assert!(unix(json!({})).is_err());
        assert!(unix(json!(i64::MIN)).is_err());
    }

    #[test]
    fn currencies_are_named_right_or_not_at_all() {
        let yen = Currency::parse("JPY").ok();
        let code = |value| {
            on(value, |node| node.currency("x", yen)).map(|found| found.map(Currency::code))
        };
        assert_eq!(code(json!("USD")), Ok(Some("USD")));
        assert_eq!(code(json!("")), Ok(Some("JPY")));
        assert_eq!(code(json!(null)), Ok(Some("JPY")));
        assert!(code(json!("ZZZ")).is_err());
        assert!(code(json!("$")).is_err());
        assert!(code(json!(840)).is_err());
    }

    #[test]
    fn translations_prefer_english() {
        let text = |value| on(value, |node| node.translated("x"));
        assert_eq!(
            text(json!({"fr": "Boîte", "en": "Box"})).as_deref(),
            Some("Box")
        );
        assert_eq!(
            text(json!({"en": "", "en-us": "Box"})).as_deref(),
            Some("Box")
        );
        assert_eq!(text(json!({"ja": "箱"})).as_deref(), Some("箱"));
        assert_eq!(text(json!({"en": null})), None);
        assert_eq!(text(json!("Box")).as_deref(), Some("Box"));
    }
}
