//! What a person wants of a rule, read and checked.

use domain::alert::{Rule, SeverityChoice};
use http_kit::problem::FieldError;
use serde_json::Value as Json;

use super::read;

/// Longest name, in characters.
pub const NAME: usize = 100;

/// Reads a rule whose fields stand under `path`, which ends in a dot or is empty.
///
/// # Errors
/// All that is wrong with it, by field.
pub fn rule(condition: &Json, severity: Option<&str>, path: &str) -> Result<Rule, Vec<FieldError>> {
    let severity = chosen(severity, path);
    match (read(condition, &format!("{path}condition")), severity) {
        (Ok(condition), Ok(severity)) => Ok(Rule {
            condition,
            severity,
        }),
        (condition, severity) => Err(condition
            .err()
            .unwrap_or_default()
            .into_iter()
            .chain(severity.err())
            .collect()),
    }
}

/// Reads a severity; by size where none is named.
///
/// # Errors
/// When it is none of ours.
pub fn chosen(severity: Option<&str>, path: &str) -> Result<SeverityChoice, FieldError> {
    let Some(text) = severity else {
        return Ok(SeverityChoice::default());
    };
    SeverityChoice::parse(text).ok_or_else(|| {
        let words: Vec<&str> = SeverityChoice::ALL.iter().map(|(_, name)| *name).collect();
        FieldError::new(
            format!("{path}severity"),
            format!("must be one of: {}", words.join(", ")),
        )
    })
}

/// A name as it is kept, or what is wrong with it.
///
/// # Errors
/// When it is empty, too long, or holds what no table can.
pub fn name(name: &str, path: &str) -> Result<String, FieldError> {
    let kept = name.trim();
    let length = kept.chars().count();
    if (1..=NAME).contains(&length) && !kept.contains('\0') {
        return Ok(kept.to_owned());
    }
    let message = format!("must be a text of 1 to {NAME} characters, or left out");
    Err(FieldError::new(format!("{path}name"), message))
}
