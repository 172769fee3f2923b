//! The language of what is written for a tenant.

use super::Refusal;

/// The language of a tenant that names none.
pub const DEFAULT: &str = "en";
/// BCP 47 tags of the languages there are.
const KNOWN: [&str; 3] = [DEFAULT, "zh-Hans", "zh-Hant"];

/// Reads a language tag.
///
/// # Errors
/// When it is none of those there are.
pub fn parse(text: &str) -> Result<&'static str, Refusal> {
    let found = KNOWN.into_iter().find(|known| *known == text.trim());
    found.ok_or("must be one of: en, zh-Hans, zh-Hant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_languages_that_there_are() {
        assert_eq!(parse("zh-Hant"), Ok("zh-Hant"));
        assert!(parse("de").is_err() && parse("").is_err());
    }
}
