//! Currency signs, words and codes.

use domain::money::Currency;

use crate::web::locale::Locale;

/// What a sign may mean: ISO 4217 codes. One that several countries share has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This code.
    Code(Currency),
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// Signs with their codes, the longest first where one begins with another.
const SIGNS: &[(&str, &[&str])] = &[
    ("US$", &["USD"]),
    ("U$S", &["USD"]),
    ("HK$", &["HKD"]),
    ("NT$", &["TWD"]),
    ("NZ$", &["NZD"]),
    ("AU$", &["AUD"]),
    ("CA$", &["CAD"]),
    ("MX$", &["MXN"]),
    ("SG$", &["SGD"]),
    ("MOP$", &["MOP"]),
    ("R$", &["BRL"]),
    ("A$", &["AUD"]),
    ("C$", &["CAD"]),
    ("S$", &["SGD"]),
    (
        "$",
        &[
            "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU",
            "BND",
        ],
    ),
    ("€", &["EUR"]),
    ("£", &["GBP", "EGP", "GIP"]),
    ("¥", &["JPY", "CNY"]),
    ("円", &["JPY"]),
    ("人民币", &["CNY"]),
    ("人民幣", &["CNY"]),
    ("港币", &["HKD"]),
    ("港幣", &["HKD"]),
    ("新台幣", &["TWD"]),
    ("元", &["CNY", "TWD", "HKD"]),
    ("圓", &["TWD", "HKD"]),
    ("₩", &["KRW"]),
    ("원", &["KRW"]),
    ("₹", &["INR"]),
    ("₨", &["INR", "PKR", "LKR", "NPR"]),
    ("₱", &["PHP"]),
    ("₫", &["VND"]),
    ("đ", &["VND"]),
    ("₽", &["RUB"]),
    ("₺", &["TRY"]),
    ("₴", &["UAH"]),
    ("₪", &["ILS"]),
    ("฿", &["THB"]),
    ("₸", &["KZT"]),
    ("₾", &["GEL"]),
    ("₦", &["NGN"]),
    ("₡", &["CRC"]),
    ("₭", &["LAK"]),
    ("₮", &["MNT"]),
    ("د.إ", &["AED"]),
    ("ر.س", &["SAR"]),
];

/// Words that stand alone beside an amount, in lower case without a final point.
const WORDS: &[(&str, &[&str])] = &[
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("zł", &["PLN"]),
    ("zl", &["PLN"]),
    ("kč", &["CZK"]),
    ("ft", &["HUF"]),
    ("lei", &["RON"]),
    ("fr", &["CHF"]),
    ("sfr", &["CHF"]),
    ("rm", &["MYR"]),
    ("rp", &["IDR"]),
    ("rs", &["INR", "PKR", "LKR", "NPR"]),
    ("tl", &["TRY"]),
    ("руб", &["RUB"]),
    ("грн", &["UAH"]),
    ("dkr", &["DKK"]),
    ("nkr", &["NOK"]),
    ("skr", &["SEK"]),
    ("rmb", &["CNY"]),
    ("euro", &["EUR"]),
    ("euros", &["EUR"]),
];

impl Meaning {
    /// The one currency: what the page says elsewhere if the sign allows it, else the country's.
    pub(super) fn resolve(self, page: Option<Currency>, locale: &Locale) -> Option<Currency> {
        let codes = match self {
            Self::Code(currency) => return Some(currency),
            Self::OneOf([code]) => return Currency::parse(code).ok(),
            Self::OneOf(codes) => codes,
        };
        let fits = |currency: &Currency| codes.contains(&currency.code());
        page.filter(fits)
            .or_else(|| locale.currency().filter(fits))
            .or_else(|| {
                let code = match (codes[0], locale.language.as_str(), locale.variant.as_str()) {
                    // The pound of Egypt and of Gibraltar is written so beside a country that says it.
                    ("GBP", ..) if locale.country.is_none() => "GBP",
                    ("JPY", "ja", _) => "JPY",
                    ("JPY", "zh", "" | "hans" | "cn") => "CNY",
                    ("CNY", "zh", "" | "hans" | "cn") => "CNY",
                    ("SEK", "sv", _) => "SEK",
                    ("SEK", "da", _) => "DKK",
                    ("SEK", "nb" | "nn" | "no", _) => "NOK",
                    ("SEK", "is", _) => "ISK",
                    _ => return None,
                };
                Currency::parse(code).ok()
            })
    }
}

/// The sign at the beginning of a text, and its length in bytes.
pub(super) fn at_start(text: &str) -> Option<(Meaning, usize)> {
    SIGNS
        .iter()
        .find(|(sign, _)| text.starts_with(sign))
        .map(|(sign, codes)| (Meaning::OneOf(codes), sign.len()))
}

/// What a word of letters means as a currency.
pub(super) fn word(text: &str) -> Option<Meaning> {
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        // Codes for funds, metals and tests are words of other kinds on a page.
        let code = Currency::parse(text)
            .ok()
            .filter(|_| !text.starts_with('X'));
        if let Some(currency) = code {
            return Some(Meaning::Code(currency));
        }
    }
    let lower = text.to_lowercase();
    WORDS
        .iter()
        .find(|(word, _)| *word == lower)
        .map(|(_, codes)| Meaning::OneOf(codes))
}

/// What a text means that is nothing but a currency.
pub(super) fn whole(text: &str) -> Option<Meaning> {
    match at_start(text) {
        Some((meaning, length)) if length == text.len() => Some(meaning),
        _ => word(text.trim_end_matches('.')).or_else(|| word(&text.to_ascii_uppercase())),
    }
}
