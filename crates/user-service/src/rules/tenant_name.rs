//! What a tenant calls itself.

use super::Refusal;

/// Reads a tenant's name without surrounding space.
///
/// # Errors
/// When nothing is left, it is longer than 100 characters, or holds control characters.
pub fn parse(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err("must not be empty"),
        101.. => Err("must have at most 100 characters"),
        _ if name.chars().any(char::is_control) => Err("must be one line of text"),
        _ => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_text() {
        assert_eq!(parse("  Acme Toys ").as_deref(), Ok("Acme Toys"));
        assert!(parse(&"ü".repeat(100)).is_ok());
        for text in ["", "  ", "a\nb", &"a".repeat(101)] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
