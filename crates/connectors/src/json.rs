//! Reading JSON that other people write.

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

/// For fields we can do without: a value of another type is as good as none.
pub(crate) fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// A JSON number as an exact decimal. Its shortest text is what the sender meant, which the binary
/// float in between is not.
pub(crate) fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    text.parse()
        .ok()
        .or_else(|| Decimal::from_scientific(&text).ok())
}

/// A count that fits our columns; `None` when negative or too large.
pub(crate) fn count(number: &Number) -> Option<i32> {
    let value = number.as_i64().or_else(|| {
        let decimal = decimal(number)?;
        decimal
            .fract()
            .is_zero()
            .then(|| decimal.trunc().try_into().ok())
            .flatten()
    })?;
    i32::try_from(value).ok().filter(|count| *count >= 0)
}

/// A text with something in it, without the invisible direction marks that shops put in front.
pub(crate) fn clean(text: &str) -> Option<String> {
    let text =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}'));
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).expect("a number")
    }

    #[test]
    fn counts_are_whole_and_fit() {
        assert_eq!(count(&number("23642")), Some(23_642));
        assert_eq!(count(&number("5.0")), Some(5));
        assert_eq!(count(&number("5.5")), None);
        assert_eq!(count(&number("-1")), None);
        assert_eq!(count(&number("99999999999")), None);
    }

    #[test]
    fn direction_marks_are_removed() {
        assert_eq!(
            clean("\u{200e}Zak Designs ").as_deref(),
            Some("Zak Designs")
        );
        assert_eq!(clean(" \u{200e} "), None);
    }
}
