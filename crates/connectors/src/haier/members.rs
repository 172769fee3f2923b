//! JSON objects as they stand: the platform names one field twice, and its scalars come as text or as numbers.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json;

/// An object's members in their order, repeated names included, values unread.
#[derive(Debug, Default)]
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// What a field holds that should be a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Figure {
    /// Absent, null or empty.
    Nothing,
    /// A number, or a text that is one.
    Number(Decimal),
    /// Something else, shortened.
    Unreadable(String),
}

impl<'a> Members<'a> {
    /// The members of an object; `None` when it is something else.
    pub fn of(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    /// Whether there is a member of one of these names.
    pub fn names(&self, names: &[&str]) -> bool {
        self.0
            .iter()
            .any(|(name, _)| names.contains(&name.as_str()))
    }

    /// The first value under one of these names that is not null.
    pub fn raw(&self, names: &[&str]) -> Option<&'a RawValue> {
        self.all(names).next()
    }

    /// Every value under these names that is not null.
    pub fn all(&self, names: &[&str]) -> impl Iterator<Item = &'a RawValue> {
        let fits = |name: &str| names.contains(&name);
        self.0
            .iter()
            .filter(move |(name, raw)| fits(name) && raw.get() != "null")
            .map(|(_, raw)| *raw)
    }

    /// A text with something in it; a number counts as one.
    pub fn text(&self, names: &[&str]) -> Option<String> {
        self.all(names).find_map(text)
    }

    /// Texts of a list; elements of other types are left out. A single text is a list of one.
    pub fn texts(&self, names: &[&str]) -> Vec<String> {
        let Some(raw) = self.raw(names) else {
            return Vec::new();
        };
        match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
            Ok(list) => list.into_iter().filter_map(text).collect(),
            Err(_) => text(raw).into_iter().collect(),
        }
    }

    /// A flag: "1" and "0" by the platform's tables; also as numbers, truth values or words.
    pub fn flag(&self, names: &[&str]) -> Option<bool> {
        json::flag(&self.all(names).find_map(scalar)?)
    }

    /// A figure.
    pub fn figure(&self, names: &[&str]) -> Figure {
        self.raw(names).map_or(Figure::Nothing, figure)
    }
}

/// What one value says as a figure.
pub(super) fn figure(raw: &RawValue) -> Figure {
    let Some(text) = scalar(raw) else {
        return Figure::Unreadable(short(raw.get()));
    };
    let text = text.trim();
    if text.is_empty() {
        return Figure::Nothing;
    }
    json::number(text).map_or_else(|| Figure::Unreadable(short(text)), Figure::Number)
}

fn text(raw: &RawValue) -> Option<String> {
    json::text(&serde_json::from_str(raw.get()).ok()?)
}

fn scalar(raw: &RawValue) -> Option<String> {
    match serde_json::from_str(raw.get()).ok()? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// As much of a foreign text as a reason may hold.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Members<'_> {
        serde_json::from_str(text).expect("an object")
    }

    fn number(text: &str) -> Figure {
        Figure::Number(text.parse().expect("a decimal"))
    }

    #[test]
    fn figures_are_read_whatever_their_type() {
        let object = members(
            r#"{"a":2999.0,"b":"2999.50","c":null,"d":"","e":"面议","f":"2,999.00","g":"12,50","h":[1],"i":"007.5","j":"-3"}"#,
        );
        assert_eq!(object.figure(&["a"]), number("2999.0"));
        assert_eq!(object.figure(&["b"]), number("2999.50"));
        assert_eq!(object.figure(&["c"]), Figure::Nothing);
        assert_eq!(object.figure(&["d"]), Figure::Nothing);
        assert_eq!(object.figure(&["e"]), Figure::Unreadable("面议".into()));
        assert_eq!(object.figure(&["f"]), number("2999.00"));
        assert_eq!(object.figure(&["g"]), Figure::Unreadable("12,50".into()));
        assert_eq!(object.figure(&["h"]), Figure::Unreadable("[1]".into()));
        assert_eq!(object.figure(&["i"]), number("7.5"));
        assert_eq!(object.figure(&["j"]), number("-3"));
        assert_eq!(object.figure(&["z"]), Figure::Nothing);
    }

    #[test]
    fn flags_and_texts_come_in_several_types() {
        let object =
            members(r#"{"a":"1","b":0,"c":true,"d":"maybe","e":" x ","f":["u",null,"v"],"g":"w"}"#);
        let flags: Vec<_> = ["a", "b", "c", "d", "z"]
            .map(|name| object.flag(&[name]))
            .into();
        assert_eq!(flags, [Some(true), Some(false), Some(true), None, None]);
        assert_eq!(object.text(&["z", "e"]).as_deref(), Some("x"));
        assert_eq!(object.texts(&["f"]), ["u", "v"]);
        assert_eq!(object.texts(&["g"]), ["w"]);
    }

    #[test]
    fn a_name_may_stand_twice() {
        let object = members(r#"{"p":"COM","p":0.05,"p":null}"#);
        assert_eq!(object.all(&["p"]).count(), 2);
    }
}
