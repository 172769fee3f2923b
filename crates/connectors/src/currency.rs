//! What people pay with where.

use domain::money::Currency;

/// The currency of a marketplace, where we know it.
pub(crate) fn of_marketplace(country: &str) -> Option<Currency> {
    let code = match country {
        "US" => "USD",
        "CA" => "CAD",
        "MX" => "MXN",
        "BR" => "BRL",
        "GB" => "GBP",
        "DE" | "FR" | "IT" | "ES" | "NL" | "BE" | "IE" | "AT" | "FI" | "PT" | "GR" | "LU" => "EUR",
        "SE" => "SEK",
        "DK" => "DKK",
        "NO" => "NOK",
        "CH" => "CHF",
        "PL" => "PLN",
        "CZ" => "CZK",
        "HU" => "HUF",
        "TR" => "TRY",
        "AE" => "AED",
        "SA" => "SAR",
        "EG" => "EGP",
        "ZA" => "ZAR",
        "IN" => "INR",
        "JP" => "JPY",
        "KR" => "KRW",
        "CN" => "CNY",
        "HK" => "HKD",
        "MO" => "MOP",
        "TW" => "TWD",
        "SG" => "SGD",
        "MY" => "MYR",
        "TH" => "THB",
        "VN" => "VND",
        "ID" => "IDR",
        "PH" => "PHP",
        "AU" => "AUD",
        "NZ" => "NZD",
        _ => return None,
    };
    Currency::parse(code).ok()
}

/// The currency an answer names, or that of its marketplace: a symbol such as `$` stands for many.
pub(crate) fn resolve(named: Option<&str>, marketplace: &str) -> Option<Currency> {
    named
        .map(str::trim)
        .filter(|code| code.len() == 3)
        .and_then(|code| Currency::parse(code).ok())
        .or_else(|| of_marketplace(marketplace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_means_the_marketplaces_currency_and_a_code_itself() {
        let code = |named, marketplace| resolve(named, marketplace).map(Currency::code);
        assert_eq!(code(Some("$"), "AU"), Some("AUD"));
        assert_eq!(code(Some("$"), "CA"), Some("CAD"));
        assert_eq!(code(None, "JP"), Some("JPY"));
        assert_eq!(code(Some("eur"), "US"), Some("EUR"));
        assert_eq!(code(Some("???"), "GB"), Some("GBP"));
        assert_eq!(code(Some("$"), "XX"), None);
    }

    #[test]
    fn every_marketplace_has_a_currency_that_exists() {
        for country in ["US", "IE", "SA", "MO", "VN", "PH", "ZA", "CZ"] {
            assert!(of_marketplace(country).is_some(), "{country}");
        }
    }
}
