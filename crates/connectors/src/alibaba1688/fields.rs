//! Fields of JSON that changes its mind about types: numbers as texts, flags as words, null for
//! absent. What a field means is strict; the form it comes in is not.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::json;

/// A JSON object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub &'a Map<String, Value>);

/// An amount of money as the upstream tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Figure {
    /// Not told.
    #[default]
    Absent,
    /// Told, but no price: zero, negative, or words.
    Wrong(String),
    /// More than zero, in major units.
    Yuan(Decimal),
}

impl Figure {
    /// The amount, where there is one.
    pub(super) fn yuan(&self) -> Option<Decimal> {
        match self {
            Self::Yuan(amount) => Some(*amount),
            Self::Absent | Self::Wrong(_) => None,
        }
    }
}

impl<'a> Fields<'a> {
    /// An object's fields.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is there and not null.
    pub(super) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// An object within.
    pub(super) fn object(self, name: &str) -> Option<Self> {
        Self::of(self.get(name)?)
    }

    /// A list within; empty when it is not one.
    pub(super) fn list(self, name: &str) -> &'a [Value] {
        self.get(name)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The objects of a list within.
    pub(super) fn objects(self, name: &str) -> impl Iterator<Item = Self> + 'a {
        self.list(name).iter().filter_map(Self::of)
    }

    /// A text, or a number as text; without surrounding space, never empty.
    pub(super) fn text(self, name: &str) -> Option<String> {
        text(self.get(name)?)
    }

    /// The texts of a list within.
    pub(super) fn texts(self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(text).collect()
    }

    /// The name of something: up to 19 digits, as a number or as text, in its one form.
    pub(super) fn id(self, name: &str) -> Option<String> {
        id(&self.text(name)?)
    }

    /// Yes or no, in JSON's form or as a word.
    pub(super) fn flag(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) => match word.trim().to_ascii_lowercase().as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub(super) fn count(self, name: &str) -> Option<i64> {
        let amount = decimal(&self.text(name)?)?;
        amount
            .fract()
            .is_zero()
            .then(|| amount.trunc().try_into().ok())
            .flatten()
            .filter(|count: &i64| *count >= 0)
    }

    /// A number above zero: the upstream writes zero for a measure that nobody took.
    pub(super) fn measure(self, name: &str) -> Option<Decimal> {
        decimal(&self.text(name)?).filter(|amount| amount.is_sign_positive() && !amount.is_zero())
    }

    /// A price.
    pub(super) fn price(self, name: &str) -> Figure {
        let Some(value) = self.get(name) else {
            return Figure::Absent;
        };
        let Some(text) = text(value) else {
            return match value {
                Value::String(_) => Figure::Absent,
                _ => Figure::Wrong("not a number".to_owned()),
            };
        };
        match decimal(&bare(&text)) {
            Some(amount) if amount.is_sign_positive() && !amount.is_zero() => Figure::Yuan(amount),
            _ => Figure::Wrong(text.chars().take(40).collect()),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => json::clean(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number of the platform: whole, positive, 64 bits, without leading zeros.
pub(super) fn id(text: &str) -> Option<String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !text.starts_with('0') && text.parse::<i64>().is_ok()).then(|| text.to_owned())
}

/// A plain or scientific number; exact.
fn decimal(text: &str) -> Option<Decimal> {
    text.parse()
        .ok()
        .or_else(|| Decimal::from_scientific(text).ok())
}

/// A price without the signs that say "yuan" and without separators of thousands.
fn bare(text: &str) -> Cow<'_, str> {
    let bare = text
        .trim_start_matches(['¥', '￥'])
        .trim_end_matches('元')
        .trim();
    let mut groups = bare.split('.').next().unwrap_or_default().split(',');
    let first = groups.next().unwrap_or_default().len();
    let grouped = bare.contains(',')
        && (1..=3).contains(&first)
        && groups.all(|group| group.len() == 3)
        && !bare
            .split_once('.')
            .is_some_and(|(_, rest)| rest.contains(','));
    if grouped {
        Cow::Owned(bare.replace(',', ""))
    } else {
        Cow::Borrowed(bare)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn price(value: Value) -> Figure {
        let object = json!({ "price": value });
        Fields::of(&object).expect("an object").price("price")
    }

    fn yuan(text: &str) -> Figure {
        Figure::Yuan(text.parse().expect("a number"))
    }

    #[test]
    fn prices_come_as_texts_and_as_numbers() {
        assert_eq!(price(json!("47.0")), yuan("47.0"));
        assert_eq!(price(json!(2.8)), yuan("2.8"));
        assert_eq!(price(json!(" ￥1,250.50 ")), yuan("1250.50"));
        assert_eq!(price(json!("12.50元")), yuan("12.50"));
        assert_eq!(price(json!("")), Figure::Absent);
        assert_eq!(price(Value::Null), Figure::Absent);
    }

    #[test]
    fn what_is_no_price_is_never_one() {
        for wrong in [
            json!("0"),
            json!(0),
            json!("0.00"),
            json!("-3"),
            json!("面议"),
            json!("12-15"),
            json!("1,25"),
            json!("12,50.00"),
            json!("NaN"),
            json!("1e400"),
            json!(true),
            json!({}),
        ] {
            assert!(matches!(price(wrong.clone()), Figure::Wrong(_)), "{wrong}");
        }
    }

    #[test]
    fn ids_keep_all_their_digits() {
        let object = json!({"a": 9_007_199_254_740_993_i64, "b": "5705677587369", "c": 8.2e11, "d": "007", "e": -1});
        let fields = Fields::of(&object).expect("an object");
        assert_eq!(fields.id("a").as_deref(), Some("9007199254740993"));
        assert_eq!(fields.id("b").as_deref(), Some("5705677587369"));
        for name in ["c", "d", "e", "f"] {
            assert_eq!(fields.id(name), None, "{name}");
        }
    }

    #[test]
    fn counts_and_flags_come_as_words() {
        let object = json!({"a": "38", "b": 38, "c": "38.5", "d": "true", "e": false, "f": "many"});
        let fields = Fields::of(&object).expect("an object");
        assert_eq!((fields.count("a"), fields.count("b")), (Some(38), Some(38)));
        assert_eq!((fields.count("c"), fields.count("f")), (None, None));
        assert_eq!(
            (fields.flag("d"), fields.flag("e")),
            (Some(true), Some(false))
        );
        assert_eq!(fields.flag("a"), None);
    }
}
