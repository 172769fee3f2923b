//! Objects of answers whose writers change their minds: numbers come as texts, flags as words, null
//! for absent. What a field means is each source's to say, and strict; the form it comes in is not.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::{clean, decimal, number};

/// An object of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Object<'a> {
    /// `None` when the value is something else.
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// The names of all fields.
    pub(crate) fn names(self) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is such a field, be it null.
    pub(crate) fn mentions(self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The field, unless it is null.
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// An object within.
    pub(crate) fn object(self, name: &str) -> Option<Self> {
        Self::of(self.get(name)?)
    }

    /// A list's elements; none where there is no list.
    pub(crate) fn list(self, name: &str) -> &'a [Value] {
        self.get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// The objects of a list.
    pub(crate) fn objects(self, name: &str) -> impl Iterator<Item = Self> + Clone + use<'a> {
        self.list(name).iter().filter_map(Self::of)
    }

    /// A text with something in it, or a number as text.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        text(self.get(name)?)
    }

    /// The first of these fields that holds a text.
    pub(crate) fn first_text(self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    /// The texts of a list, or the one text in its place.
    pub(crate) fn texts(self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(text).collect(),
            Some(value) => text(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// Yes or no: as such, as 1 and 0, or in words.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            value => super::flag(&text(value)?),
        }
    }

    /// A number, also as text.
    pub(crate) fn decimal(self, name: &str) -> Option<Decimal> {
        match self.get(name)? {
            Value::Number(told) => decimal(told),
            Value::String(told) => number(told.trim()),
            _ => None,
        }
    }

    /// A whole number, also as text.
    pub(crate) fn whole(self, name: &str) -> Option<i64> {
        let told = self.decimal(name)?;
        told.fract()
            .is_zero()
            .then(|| told.trunc().try_into().ok())
            .flatten()
    }
}

/// A text with something in it, or a number as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => clean(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_read_in_any_form_and_never_guessed() {
        let value = json!({"n": 7, "s": "8,369", "f": 5.0, "h": 5.5, "t": " \u{200e}x\u{0} ", "z": null,
            "yes": "True", "one": 1, "no": "N", "many": 38, "list": ["a", 1, null, {}, " "],
            "solo": "solo", "w": {"a": 1}, "big": 9_007_199_254_740_993_i64});
        let object = Object::of(&value).expect("an object");
        let whole = |name| object.whole(name);
        assert_eq!(
            ["n", "s", "f", "big"].map(whole),
            [Some(7), Some(8_369), Some(5), Some(9_007_199_254_740_993)]
        );
        assert_eq!(["h", "t", "z", "w", "?"].map(whole), [None; 5]);
        assert_eq!(object.text("t").as_deref(), Some("x"));
        assert_eq!(object.text("n").as_deref(), Some("7"));
        assert_eq!(object.first_text(&["z", "t"]).as_deref(), Some("x"));
        let flag = |name| object.flag(name);
        assert_eq!(
            ["yes", "one", "no", "many", "z"].map(flag),
            [Some(true), Some(true), Some(false), None, None]
        );
        assert_eq!(object.texts("list"), ["a", "1"]);
        assert_eq!(object.texts("solo"), ["solo"]);
        assert!(object.object("w").is_some() && object.object("n").is_none());
        assert!(object.mentions("z") && object.get("z").is_none());
    }
}
