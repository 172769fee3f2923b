//! Marketplaces: which countries each source sells in, in what currency and under which host.

use iso_currency::Currency;

/// One Amazon shop.
#[derive(Debug, Clone, Copy)]
pub struct AmazonPlace {
    /// Upper-case ISO 3166 code.
    pub marketplace: &'static str,
    /// Shop host without `www.`.
    pub host: &'static str,
    /// Currency of its prices.
    pub currency: Currency,
    /// What junglee writes into `currency`: mostly a bare symbol, ambiguous on purpose.
    pub symbol: &'static str,
}

const fn amazon(
    marketplace: &'static str,
    host: &'static str,
    currency: Currency,
    symbol: &'static str,
) -> AmazonPlace {
    AmazonPlace {
        marketplace,
        host,
        currency,
        symbol,
    }
}

/// Every Amazon shop the market knows.
pub const AMAZON: &[AmazonPlace] = &[
    amazon("US", "amazon.com", Currency::USD, "$"),
    amazon("CA", "amazon.ca", Currency::CAD, "$"),
    amazon("MX", "amazon.com.mx", Currency::MXN, "$"),
    amazon("BR", "amazon.com.br", Currency::BRL, "R$"),
    amazon("GB", "amazon.co.uk", Currency::GBP, "£"),
    amazon("DE", "amazon.de", Currency::EUR, "€"),
    amazon("FR", "amazon.fr", Currency::EUR, "€"),
    amazon("IT", "amazon.it", Currency::EUR, "€"),
    amazon("ES", "amazon.es", Currency::EUR, "€"),
    amazon("NL", "amazon.nl", Currency::EUR, "€"),
    amazon("SE", "amazon.se", Currency::SEK, "kr"),
    amazon("PL", "amazon.pl", Currency::PLN, "zł"),
    amazon("JP", "amazon.co.jp", Currency::JPY, "￥"),
    amazon("AU", "amazon.com.au", Currency::AUD, "$"),
    amazon("IN", "amazon.in", Currency::INR, "₹"),
    amazon("SG", "amazon.sg", Currency::SGD, "S$"),
    amazon("AE", "amazon.ae", Currency::AED, "AED"),
];

/// Countries of the PopMart international shop with their currencies.
pub const POPMART: &[(&str, Currency)] = &[
    ("US", Currency::USD),
    ("CA", Currency::CAD),
    ("GB", Currency::GBP),
    ("FR", Currency::EUR),
    ("DE", Currency::EUR),
    ("IT", Currency::EUR),
    ("ES", Currency::EUR),
    ("NL", Currency::EUR),
    ("JP", Currency::JPY),
    ("KR", Currency::KRW),
    ("SG", Currency::SGD),
    ("AU", Currency::AUD),
    ("NZ", Currency::NZD),
    ("MY", Currency::MYR),
    ("TH", Currency::THB),
    ("PH", Currency::PHP),
    ("ID", Currency::IDR),
    ("VN", Currency::VND),
    ("HK", Currency::HKD),
    ("MO", Currency::MOP),
    ("TW", Currency::TWD),
    ("BR", Currency::BRL),
];

/// Countries of Haier's platform with their currencies.
pub const HAIER: &[(&str, Currency)] = &[("CN", Currency::CNY)];

/// Countries of the web shop with their currencies.
pub const WEB: &[(&str, Currency)] = &[
    ("US", Currency::USD),
    ("GB", Currency::GBP),
    ("DE", Currency::EUR),
    ("FR", Currency::EUR),
    ("ES", Currency::EUR),
    ("IT", Currency::EUR),
    ("PT", Currency::EUR),
    ("NL", Currency::EUR),
    ("PL", Currency::PLN),
    ("JP", Currency::JPY),
    ("KR", Currency::KRW),
    ("CN", Currency::CNY),
    ("TW", Currency::TWD),
];

/// The currency of the web shop in a country.
#[must_use]
pub fn web_currency(marketplace: &str) -> Option<Currency> {
    WEB.iter()
        .find(|(country, _)| *country == marketplace)
        .map(|(_, currency)| *currency)
}

/// The Amazon shop of a marketplace.
#[must_use]
pub fn amazon_place(marketplace: &str) -> Option<&'static AmazonPlace> {
    AMAZON.iter().find(|place| place.marketplace == marketplace)
}

/// The Amazon shop behind a host, with or without `www.`.
#[must_use]
pub fn amazon_host(host: &str) -> Option<&'static AmazonPlace> {
    let bare = host.strip_prefix("www.").unwrap_or(host);
    AMAZON.iter().find(|place| place.host == bare)
}

/// The currency of PopMart's shop in a country.
#[must_use]
pub fn popmart_currency(marketplace: &str) -> Option<Currency> {
    POPMART
        .iter()
        .find(|(country, _)| *country == marketplace)
        .map(|(_, currency)| *currency)
}

/// The currency of Haier's platform in a country.
#[must_use]
pub fn haier_currency(marketplace: &str) -> Option<Currency> {
    HAIER
        .iter()
        .find(|(country, _)| *country == marketplace)
        .map(|(_, currency)| *currency)
}

/// The currency of 1688 in a country.
#[must_use]
pub fn alibaba1688_currency(marketplace: &str) -> Option<Currency> {
    (marketplace == "CN").then_some(Currency::CNY)
}
