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
        "DE" | "FR" | "IT" | "ES" | "NL" | "BE" | "IE" | "AT" | "FI" | "PT" | "GR" | "LU"
        | "SK" | "SI" | "HR" | "BG" | "EE" | "LV" | "LT" | "MT" | "CY" | "MC" | "SM" | "ME" => {
            "EUR"
        }
        "SE" => "SEK",
        "DK" => "DKK",
        "NO" => "NOK",
        "CH" | "LI" => "CHF",
        "IS" => "ISK",
        "RO" => "RON",
        "RS" => "RSD",
        "UA" => "UAH",
        "RU" => "RUB",
        "KZ" => "KZT",
        "GE" => "GEL",
        "PL" => "PLN",
        "CZ" => "CZK",
        "HU" => "HUF",
        "TR" => "TRY",
        "AE" => "AED",
        "SA" => "SAR",
        "EG" => "EGP",
        "KW" => "KWD",
        "BH" => "BHD",
        "OM" => "OMR",
        "QA" => "QAR",
        "JO" => "JOD",
        "IL" => "ILS",
        "MA" => "MAD",
        "NG" => "NGN",
        "KE" => "KES",
        "AR" => "ARS",
        "CL" => "CLP",
        "CO" => "COP",
        "PE" => "PEN",
        "UY" => "UYU",
        "CR" => "CRC",
        "PK" => "PKR",
        "LK" => "LKR",
        "NP" => "NPR",
        "BD" => "BDT",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marketplace_has_a_currency_that_exists() {
        for country in ["US", "IE", "SA", "MO", "VN", "PH", "ZA", "CZ"] {
            assert!(of_marketplace(country).is_some(), "{country}");
        }
    }
}
