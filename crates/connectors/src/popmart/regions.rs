//! The shop's countries: which hosts serve them, what their headers say, what people pay with.

use domain::money::Currency;

/// One country's shop. A host is `None` where nobody has seen the generation serve the country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    /// Upper-case ISO 3166.
    pub(crate) country: &'static str,
    /// Currency of its prices where an answer names none; `None` where we have not seen it.
    currency: Option<&'static str>,
    /// `x-client-namespace` of the signed generation.
    pub(crate) namespace: &'static str,
    /// `x-project-id` of the signed generation.
    pub(crate) project: &'static str,
    /// Host of the signed generation.
    pub(crate) rest: Option<&'static str>,
    /// Host of the RPC generation.
    pub(crate) rpc: Option<&'static str>,
}

impl Region {
    /// The region of a country; `None` where the shop does not sell.
    pub(crate) fn of(country: &str) -> Option<&'static Self> {
        REGIONS.iter().find(|region| region.country == country)
    }

    /// The language of its titles where there is no English.
    pub(crate) fn language(&self) -> &'static str {
        match self.country {
            "JP" => "ja",
            _ => "en",
        }
    }

    /// What people pay with.
    pub(crate) fn currency(&self) -> Option<Currency> {
        Currency::parse(self.currency?).ok()
    }
}

const INTL: Option<&str> = Some("https://prod-intl-api.popmart.com");
const AMERICA: Option<&str> = Some("https://prod-na-api.popmart.com");
const ASIA: Option<&str> = Some("https://prod-asia-api.popmart.com");
const APAC: Option<&str> = Some("https://prod-apac-api.popmart.com");
const EUROPE: Option<&str> = Some("https://prod-uk-online-api.popmart.com");

const fn at(
    country: &'static str,
    currency: Option<&'static str>,
    (namespace, project): (&'static str, &'static str),
    rest: Option<&'static str>,
    rpc: Option<&'static str>,
) -> Region {
    Region {
        country,
        currency,
        namespace,
        project,
        rest,
        rpc,
    }
}

/// Countries of one continent share these; Asia and Oceania have shown no others.
const EURASIA: (&str, &str) = ("eurasian", "eude");
const NORTH_AMERICA: (&str, &str) = ("america", "naus");

const fn euro(country: &'static str) -> Region {
    at(country, Some("EUR"), EURASIA, INTL, EUROPE)
}

/// European countries with money of their own: whether the shop asks for it or for euros, its
/// answers say and we do not guess.
const fn europe(country: &'static str) -> Region {
    at(country, None, EURASIA, INTL, EUROPE)
}

const fn east(country: &'static str, currency: &'static str, rpc: Option<&'static str>) -> Region {
    at(country, Some(currency), EURASIA, INTL, rpc)
}

/// Hosts as public clients of 2025 (signed) and 2026 (RPC) name them.
pub(crate) const REGIONS: &[Region] = &[
    at("US", Some("USD"), NORTH_AMERICA, AMERICA, AMERICA),
    at("CA", Some("CAD"), NORTH_AMERICA, AMERICA, AMERICA),
    at("GB", Some("GBP"), ("eurasianuk", "uk"), INTL, EUROPE),
    euro("DE"),
    euro("FR"),
    euro("IT"),
    euro("ES"),
    euro("NL"),
    euro("BE"),
    euro("LU"),
    euro("IE"),
    euro("AT"),
    euro("PT"),
    euro("FI"),
    euro("GR"),
    euro("EE"),
    euro("LV"),
    euro("LT"),
    euro("SK"),
    euro("SI"),
    euro("HR"),
    europe("PL"),
    europe("CZ"),
    europe("HU"),
    europe("DK"),
    europe("SE"),
    europe("NO"),
    europe("CH"),
    east("JP", "JPY", APAC),
    east("KR", "KRW", APAC),
    east("SG", "SGD", APAC),
    east("MY", "MYR", APAC),
    east("PH", "PHP", APAC),
    east("VN", "VND", APAC),
    east("ID", "IDR", APAC),
    east("AU", "AUD", APAC),
    east("NZ", "NZD", APAC),
    at("TH", Some("THB"), ("thailand", "thailand"), ASIA, APAC),
    at("HK", Some("HKD"), ("hk", "hk"), INTL, AMERICA),
    east("TW", "TWD", None),
    east("MO", "MOP", None),
    east("BR", "BRL", None),
];

/// The names of [`REGIONS`].
pub(crate) const MARKETPLACES: &[&str] = &{
    let mut names = [""; REGIONS.len()];
    let mut place = 0;
    while place < REGIONS.len() {
        names[place] = REGIONS[place].country;
        place += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_is_named_once_with_a_currency_that_exists() {
        for (place, region) in REGIONS.iter().enumerate() {
            let same = REGIONS.iter().position(|r| r.country == region.country);
            assert_eq!(same, Some(place), "{}", region.country);
            assert_eq!(MARKETPLACES[place], region.country);
            assert_eq!(region.currency().is_some(), region.currency.is_some());
            assert!(region.rest.is_some(), "{}", region.country);
        }
    }

    #[test]
    fn hosts_and_headers_follow_the_region() {
        let rest = |country| Region::of(country).and_then(|region| region.rest);
        let rpc = |country| Region::of(country).and_then(|region| region.rpc);
        assert_eq!(rest("CA"), AMERICA);
        assert_eq!(rest("TH"), ASIA);
        assert_eq!(rest("JP"), INTL);
        assert_eq!(rpc("JP"), APAC);
        assert_eq!(rpc("FR"), EUROPE);
        assert_eq!(rpc("GB"), EUROPE);
        assert_eq!(rpc("HK"), AMERICA);
        assert_eq!(rpc("TW"), None, "nobody has seen it");
        assert_eq!(Region::of("CN"), None);
        let british = Region::of("GB").expect("a region");
        assert_eq!((british.namespace, british.project), ("eurasianuk", "uk"));
    }
}
