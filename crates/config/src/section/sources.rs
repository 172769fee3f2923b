//! `[sources.*]`: one section a source, documented and read in the source's own folder.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::rule::Rules;
use crate::{ConfigError, Problem};

/// The settings of all sources. Each connector reads its own section with [`Sources::section`].
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Sources {
    sections: Table,
}

impl Sources {
    /// One source's section as its own struct, after its keys passed their rules.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn section<T: DeserializeOwned>(
        &self,
        source: &str,
        rules: Rules,
    ) -> Result<T, ConfigError> {
        self.section_without(source, &[], rules)
    }

    /// The same without some keys, which somebody else reads.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn section_without<T: DeserializeOwned>(
        &self,
        source: &str,
        keys: &[&str],
        rules: Rules,
    ) -> Result<T, ConfigError> {
        let mut table = self.table(source).cloned().unwrap_or_default();
        table.retain(|key, _| !keys.contains(&key));
        let problems = rules
            .iter()
            .filter_map(|(name, rule)| {
                let message = rule.complaint(table.get(*name)?)?;
                Some(Problem::new(format!("sources.{source}.{name}"), message))
            })
            .collect();
        ConfigError::unless_empty(problems)?;
        serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
            let key = format!("sources.{source}.{}", error.path());
            Problem::new(key, error.inner().message()).into()
        })
    }

    /// A whole number of a source's section.
    #[must_use]
    pub fn number(&self, source: &str, key: &str) -> Option<i64> {
        self.table(source)?.get(key)?.as_integer()
    }

    /// Sets one key, for tests and for the development installation.
    pub fn set(&mut self, source: &str, key: &str, value: impl Into<Value>) {
        let section = self
            .sections
            .entry(source)
            .or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(table) = section {
            table.insert(key.to_owned(), value.into());
        }
    }

    fn table(&self, source: &str) -> Option<&Table> {
        self.sections.get(source)?.as_table()
    }
}

/// Names only: the values hold secrets.
impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.sections.keys()).finish()
    }
}

impl Default for Sources {
    /// The defaults of every source.
    fn default() -> Self {
        crate::Config::defaults().sources
    }
}
