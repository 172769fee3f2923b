//! What fields of 1688's JSON mean: numbers of offers, prices, measures.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::json::{self, Object};

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

/// What the platform's fields mean.
pub(super) trait Told {
    /// The name of something: up to 19 digits, as a number or as text, in its one form.
    fn id(self, name: &str) -> Option<String>;

    /// A whole number that is not negative.
    fn count(self, name: &str) -> Option<i64>;

    /// A number above zero: the upstream writes zero for a measure that nobody took.
    fn measure(self, name: &str) -> Option<Decimal>;

    /// Hundredths of a star.
    fn stars(self, name: &str) -> Option<i32>;

    /// A price.
    fn price(self, name: &str) -> Figure;
}

impl Told for Object<'_> {
    fn id(self, name: &str) -> Option<String> {
        id(&self.text(name)?)
    }

    fn count(self, name: &str) -> Option<i64> {
        self.whole(name).filter(|count| *count >= 0)
    }

    fn measure(self, name: &str) -> Option<Decimal> {
        self.decimal(name).filter(is_above_zero)
    }

    fn stars(self, name: &str) -> Option<i32> {
        let hundredths = self.measure(name)?.checked_mul(Decimal::ONE_HUNDRED)?;
        let hundredths = i32::try_from(hundredths.round()).ok()?;
        (0..=500).contains(&hundredths).then_some(hundredths)
    }

    fn price(self, name: &str) -> Figure {
        let Some(value) = self.get(name) else {
            return Figure::Absent;
        };
        let Some(text) = json::text(value) else {
            return match value {
                Value::String(_) => Figure::Absent,
                _ => Figure::Wrong("not a number".to_owned()),
            };
        };
        match json::number(bare(&text)).filter(is_above_zero) {
            Some(amount) => Figure::Yuan(amount),
            None => Figure::Wrong(text.chars().take(40).collect()),
        }
    }
}

fn is_above_zero(amount: &Decimal) -> bool {
    *amount > Decimal::ZERO
}

/// A number of the platform: whole, positive, 64 bits, without leading zeros.
pub(super) fn id(text: &str) -> Option<String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !text.starts_with('0') && text.parse::<i64>().is_ok()).then(|| text.to_owned())
}

/// A price without the signs that say "yuan".
fn bare(text: &str) -> &str {
    text.trim_start_matches(['¥', '￥'])
        .trim_end_matches('元')
        .trim()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn price(value: Value) -> Figure {
        let object = json!({ "price": value });
        Object::of(&object).expect("an object").price("price")
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
        let fields = Object::of(&object).expect("an object");
        assert_eq!(fields.id("a").as_deref(), Some("9007199254740993"));
        assert_eq!(fields.id("b").as_deref(), Some("5705677587369"));
        for name in ["c", "d", "e", "f"] {
            assert_eq!(fields.id(name), None, "{name}");
        }
    }

    #[test]
    fn counts_and_measures_are_never_negative() {
        let object = json!({"a": "38", "b": 38, "c": "38.5", "d": -1, "e": 0, "f": "many"});
        let fields = Object::of(&object).expect("an object");
        let count = |name| fields.count(name);
        let counts = [Some(38), Some(38), None, None, Some(0), None];
        assert_eq!(["a", "b", "c", "d", "e", "f"].map(count), counts);
        assert!(fields.measure("c").is_some());
        assert_eq!((fields.measure("d"), fields.measure("e")), (None, None));
    }

    #[test]
    fn stars_end_at_five_and_no_number_is_too_large_for_them() {
        let stars = |told: Value| {
            let object = json!({ "stars": told });
            Object::of(&object).expect("an object").stars("stars")
        };
        assert_eq!(stars(json!("4.85")), Some(485));
        assert_eq!(stars(json!(5)), Some(500));
        for none in [
            json!("5.1"),
            json!(0),
            json!("79228162514264337593543950335"),
        ] {
            assert_eq!(stars(none.clone()), None, "{none}");
        }
    }
}
