//! What a rising price looks like.

use super::Refusal;

/// Where nothing is chosen, a rise is green and a fall is red; in some markets it is the other way round.
const KNOWN: [&str; 2] = ["green", "red"];

/// Reads a colour.
///
/// # Errors
/// When it is none of those there are.
pub fn parse(text: &str) -> Result<&'static str, Refusal> {
    let found = KNOWN.into_iter().find(|known| *known == text.trim());
    found.ok_or("must be one of: green, red")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_that_there_are() {
        assert_eq!(parse("red"), Ok("red"));
        assert!(parse("blue").is_err() && parse("").is_err());
    }
}
