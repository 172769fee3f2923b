//! The currency in which a tenant compares figures of several shops.

use domain::money::Currency;

use super::Refusal;

/// Reads an ISO 4217 code.
///
/// # Errors
/// When there is no such currency.
pub fn parse(text: &str) -> Result<&'static str, Refusal> {
    let found = Currency::parse(&text.trim().to_ascii_uppercase());
    found
        .map(Currency::code)
        .map_err(|_| "must be an ISO 4217 code such as USD or CNY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_currencies_that_there_are() {
        assert_eq!(parse(" cny "), Ok("CNY"));
        assert_eq!(parse("JPY"), Ok("JPY"));
        for text in ["", "US", "ZZZ", "US$", "dollars"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
