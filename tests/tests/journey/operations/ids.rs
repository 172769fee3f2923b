//! The ids that requests name.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::Value;

/// What is no tenant's: sources, addresses of shops, a person's own credentials and what mails bring them.
const NOBODYS: [&str; 8] = [
    "web_url",
    "own",
    "refresh_token",
    "slug",
    "verification",
    "reset",
    "invited",
    "handoff",
];

/// Ids by what they are of.
#[derive(Debug, Clone, Default)]
pub struct Ids(BTreeMap<String, Value>);

impl Ids {
    /// Whether an id of this name is one of a tenant's own.
    pub fn is_a_tenants(name: &str) -> bool {
        !NOBODYS.contains(&name)
    }

    /// Keeps one.
    pub fn set(&mut self, name: &str, id: impl Into<Value>) {
        self.0.insert(name.to_owned(), id.into());
    }

    /// The one of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The same names with ids that nobody has, of the same form.
    pub fn unknown(&self) -> Self {
        let nobodys = |(name, id): (&String, &Value)| {
            let other = match id {
                _ if !Self::is_a_tenants(name) => id.clone(),
                Value::Number(_) => 999_999_999.into(),
                _ => uuid::Uuid::now_v7().to_string().into(),
            };
            (name.clone(), other)
        };
        Self(self.0.iter().map(nobodys).collect())
    }

    /// Texts of those that belong to a tenant alone and are like no other text: no numbers, which are products', and of a
    /// product of its own what stands in its address.
    pub fn marks(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = |(name, _): &(&String, &Value)| Self::is_a_tenants(name);
        self.0
            .iter()
            .filter(own)
            .filter_map(|(name, id)| Some((name.as_str(), id.as_str()?)))
    }

    /// `text` without the ids of these, so that answers about two of a kind can be compared.
    pub fn hidden_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, id)| {
            text.replace(&plain(id), &format!("<{name}>"))
        })
    }

    /// `text` with each `{name}` replaced.
    pub fn fill(&self, text: &str) -> anyhow::Result<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').context("an open brace")?;
            filled.push_str(before);
            filled.push_str(&plain(self.wanted(name)?));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The same in a body; a text that is nothing but `{name}` becomes the id as it is.
    pub fn fill_json(&self, body: &Value) -> anyhow::Result<Value> {
        Ok(match body {
            Value::String(text) => match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
                Some(name) => self.wanted(name)?.clone(),
                None => self.fill(text)?.into(),
            },
            Value::Array(items) => items
                .iter()
                .map(|item| self.fill_json(item))
                .collect::<anyhow::Result<_>>()?,
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| Ok((name.clone(), self.fill_json(value)?)))
                .collect::<anyhow::Result<serde_json::Map<_, _>>>()?
                .into(),
            other => other.clone(),
        })
    }

    fn wanted(&self, name: &str) -> anyhow::Result<&Value> {
        let known: Vec<_> = self.0.keys().collect();
        self.get(name).with_context(|| {
            format!(
                "no case before gave the id {{{name}}}; there are {known:?}. Let the case that makes one say \
                 `.gives(\"{name}\", \"/id\")`"
            )
        })
    }
}

fn plain(id: &Value) -> String {
    id.as_str()
        .map_or_else(|| id.to_string(), ToOwned::to_owned)
}
