//! What a tenant supplied to read a source with.

use std::collections::BTreeMap;
use std::fmt;

/// A tenant's credential: the fields that [`crate::About::credential`] names. Never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credential {
    fields: BTreeMap<String, String>,
}

impl Credential {
    /// From its fields.
    pub fn new(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            fields: fields.into_iter().collect(),
        }
    }

    /// A field; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let text = self.fields.get(name)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The fields' names and texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.fields.keys()).finish()
    }
}
