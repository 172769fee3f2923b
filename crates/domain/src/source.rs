//! Where products are listed.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest name of a source, in bytes: names stand in queue names and keys.
const LONGEST: usize = 24;

/// A kind of market, by the name it has in the API, the tables and the queues: `amazon`, `popmart`.
///
/// Which sources there are is known to the registry of connectors alone; this is only a well-formed
/// name, small enough to be copied everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// Lower-case ASCII; zeros behind the end.
    bytes: [u8; LONGEST],
}

impl Source {
    /// The source of a name that stands in the code.
    ///
    /// # Panics
    /// In a constant: when the name is not well formed, at compile time.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        match Self::well_formed(name) {
            Some(source) => source,
            None => panic!("a source's name is 1 to 24 of a-z, 0-9 and _, beginning with a letter"),
        }
    }

    const fn well_formed(name: &str) -> Option<Self> {
        let text = name.as_bytes();
        if text.is_empty() || text.len() > LONGEST || !text[0].is_ascii_lowercase() {
            return None;
        }
        let mut bytes = [0; LONGEST];
        let mut place = 0;
        while place < text.len() {
            let byte = text[place];
            if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
                return None;
            }
            bytes[place] = byte;
            place += 1;
        }
        Some(Self { bytes })
    }

    /// The name used in the API, in tables and in queue names.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.bytes.iter().position(|byte| *byte == 0);
        let text = &self.bytes[..end.unwrap_or(LONGEST)];
        // Only ASCII gets in.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text cannot be the name of a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a source")]
pub struct UnknownSource(pub String);

impl std::str::FromStr for Source {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::well_formed(text).ok_or_else(|| UnknownSource(text.chars().take(40).collect()))
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_as_it_was() {
        for name in ["amazon", "alibaba1688", "web", "a_shop_of_twenty_four_ab"] {
            assert_eq!(name.parse::<Source>().expect("a name").as_str(), name);
        }
        assert_eq!(Source::named("web").to_string(), "web");
    }

    #[test]
    fn what_could_not_stand_in_a_queue_name_is_no_source() {
        for text in [
            "",
            "Amazon",
            "1688",
            "pop mart",
            "a.b",
            "é",
            "a_name_longer_than_allowed",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }
}
