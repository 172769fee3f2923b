//! Reading JSON that other people write.

mod object;

use std::collections::HashSet;
use std::hash::Hash;

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

pub(crate) use object::{Object, text};

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
pub(crate) fn decimal(told: &Number) -> Option<Decimal> {
    number(&told.to_string())
}

/// A plain or scientific number, exact. Thousands may be parted by commas, where each part is whole:
/// a comma before anything but three digits could be a decimal one.
pub(crate) fn number(text: &str) -> Option<Decimal> {
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | 'e' | 'E');
    if !text.chars().all(digits) {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(',');
    let first = parts.next()?.trim_start_matches(['-', '+']);
    let sound = !whole.contains(',')
        || ((1..=3).contains(&first.len()) && parts.all(|part| part.len() == 3));
    if !sound || fraction.contains(',') {
        return None;
    }
    let plain = text.replace(',', "");
    plain
        .parse()
        .ok()
        .or_else(|| Decimal::from_scientific(&plain).ok())
}

/// Yes or no in words, or as 1 and 0.
pub(crate) fn flag(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "y" | "yes" => Some(true),
        "0" | "false" | "n" | "no" => Some(false),
        _ => None,
    }
}

/// A count in people's words: whole, in brackets or not; what parts it parts thousands, also as in
/// India.
pub(crate) fn counted(text: &str) -> Option<i32> {
    let parts = |c: char| {
        matches!(
            c,
            ',' | '.' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}'
        )
    };
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    let groups: Vec<&str> = text.split(parts).collect();
    let sound = match groups.as_slice() {
        [_] => true,
        [first, middle @ .., last] => {
            let even = |size| middle.iter().all(|group: &&str| group.len() == size);
            (1..=3).contains(&first.len()) && last.len() == 3 && (even(3) || even(2))
        }
        [] => false,
    };
    let digits = groups.concat();
    if sound && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse().ok();
    }
    // A program's "12.0".
    let whole = number(text).filter(|number| number.fract().is_zero())?;
    i32::try_from(whole.trunc())
        .ok()
        .filter(|count| *count >= 0)
}

/// Each once, in order. Lists come with any number of repetitions.
pub(crate) fn distinct<T: Clone + Eq + Hash>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    let fresh = |one: &T| seen.insert(one.clone());
    all.into_iter().filter(fresh).collect()
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

/// A text with something in it, without the invisible direction marks that shops put in front, and
/// without NUL, which no column takes.
pub(crate) fn clean(text: &str) -> Option<String> {
    let text = text
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}' | '\0'));
    (!text.is_empty()).then(|| text.replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Number {
        serde_json::from_str(text).expect("a number")
    }

    #[test]
    fn numbers_are_plain_scientific_or_grouped() {
        let is = |text: &str| number(text).map(|number| number.to_string());
        for (text, plain) in [
            ("47.0", "47.0"),
            ("-3", "-3"),
            ("+5", "5"),
            ("1e3", "1000"),
            ("1,250.50", "1250.50"),
            ("1,234,567", "1234567"),
            ("007.5", "7.5"),
        ] {
            assert_eq!(is(text).as_deref(), Some(plain), "{text}");
        }
        for none in [
            "",
            "1,25",
            "12,50.00",
            "1.5,000",
            ",500",
            "1_000",
            "12-15",
            "NaN",
            "1e400",
            "５",
            "x",
            "-",
            ".",
            ",",
            "1,,000",
            "79228162514264337593543950336",
        ] {
            assert_eq!(is(none), None, "{none}");
        }
    }

    #[test]
    fn counts_are_whole_and_fit() {
        assert_eq!(count(&told("23642")), Some(23_642));
        assert_eq!(count(&told("5.0")), Some(5));
        assert_eq!(count(&told("5.5")), None);
        assert_eq!(count(&told("-1")), None);
        assert_eq!(count(&told("99999999999")), None);
    }

    #[test]
    fn counts_are_whole_however_thousands_are_parted() {
        for (text, count) in [
            ("7", Some(7)),
            ("8,369", Some(8369)),
            ("1.260", Some(1260)),
            ("(23\u{202f}642)", Some(23_642)),
            ("12,34,567", Some(1_234_567)),
            ("12.0", Some(12)),
            ("4.5", None),
            ("1,2345", None),
            (",123", None),
            ("-3", None),
            ("1K+", None),
            ("99999999999", None),
            ("many", None),
            ("", None),
        ] {
            assert_eq!(counted(text), count, "{text}");
        }
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
