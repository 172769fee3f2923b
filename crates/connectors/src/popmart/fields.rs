//! Figures and dates of the shop's JSON. Its documentation is public code only: whatever we can do
//! without is read leniently, whatever decides a price or a date strictly.

use chrono::{DateTime, Utc};
use domain::money::Currency;
use serde_json::Value;

use crate::json::{Object, clean};

/// What is wrong with a field, for people.
pub(crate) type Wrong = String;

/// What the shop's fields mean.
pub(crate) trait Told {
    /// A count above zero, for people: zero means "not set" wherever this is asked.
    fn counted(self, names: &[&str]) -> Option<String>;

    /// A price in minor units; `None` where the shop tells none.
    fn minor(self, name: &str) -> Result<Option<i64>, Wrong>;

    /// A price that is zero where it is not used.
    fn optional_minor(self, name: &str) -> Result<Option<i64>, Wrong>;

    /// The currency that a field names, or `else_`.
    fn currency(self, name: &str, else_: Option<Currency>) -> Result<Option<Currency>, Wrong>;

    /// An instant: Unix seconds, milliseconds or ISO 8601; zero is unset.
    fn time(self, name: &str) -> Result<Option<DateTime<Utc>>, Wrong>;

    /// A text in the shop's languages, English first.
    fn translated(self, name: &str) -> Option<String>;
}

impl Told for Object<'_> {
    fn counted(self, names: &[&str]) -> Option<String> {
        let count = names.iter().find_map(|name| self.whole(name))?;
        (count > 0).then(|| count.to_string())
    }

    fn minor(self, name: &str) -> Result<Option<i64>, Wrong> {
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

    fn optional_minor(self, name: &str) -> Result<Option<i64>, Wrong> {
        match self.get(name).and_then(Value::as_i64) {
            Some(0) => Ok(None),
            _ => self.minor(name),
        }
    }

    fn currency(self, name: &str, else_: Option<Currency>) -> Result<Option<Currency>, Wrong> {
        match self.get(name) {
            None => Ok(else_),
            Some(Value::String(code)) if code.trim().is_empty() => Ok(else_),
            Some(Value::String(code)) => Currency::parse(code.trim())
                .map(Some)
                .map_err(|_| format!("`{name}` is \"{code}\", which is no ISO 4217 currency")),
            Some(other) => Err(format!("`{name}` is {other}, which is no currency")),
        }
    }

    fn time(self, name: &str) -> Result<Option<DateTime<Utc>>, Wrong> {
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

    fn translated(self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => clean(text),
            Value::Object(texts) => {
                let texts = Object(texts);
                texts
                    .first_text(&["en", "en-us"])
                    .or_else(|| texts.names().find_map(|language| texts.text(language)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn on<T>(value: Value, ask: impl FnOnce(Object<'_>) -> T) -> T {
        let object = json!({ "x": value });
        ask(Object::of(&object).expect("an object"))
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
