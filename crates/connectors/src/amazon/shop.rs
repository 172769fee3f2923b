//! Amazon's shops: one a country.

/// One shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shop {
    /// What follows `amazon.` in its host; axesso calls it the domain code.
    pub(crate) domain: &'static str,
    /// Its country, upper-case ISO 3166.
    pub(crate) marketplace: &'static str,
}

const fn shop(domain: &'static str, marketplace: &'static str) -> Shop {
    Shop {
        domain,
        marketplace,
    }
}

/// Every shop.
const SHOPS: [Shop; 22] = [
    shop("com", "US"),
    shop("co.uk", "GB"),
    shop("de", "DE"),
    shop("fr", "FR"),
    shop("it", "IT"),
    shop("es", "ES"),
    shop("nl", "NL"),
    shop("se", "SE"),
    shop("pl", "PL"),
    shop("com.be", "BE"),
    shop("ie", "IE"),
    shop("com.tr", "TR"),
    shop("ae", "AE"),
    shop("sa", "SA"),
    shop("eg", "EG"),
    shop("in", "IN"),
    shop("co.jp", "JP"),
    shop("sg", "SG"),
    shop("com.au", "AU"),
    shop("ca", "CA"),
    shop("com.mx", "MX"),
    shop("com.br", "BR"),
];

impl Shop {
    /// The shop of a country.
    pub(crate) fn of(marketplace: &str) -> Option<Self> {
        SHOPS
            .into_iter()
            .find(|shop| shop.marketplace == marketplace)
    }

    /// The shop with this ending after `amazon.`.
    pub(crate) fn at(domain: &str) -> Option<Self> {
        SHOPS.into_iter().find(|shop| shop.domain == domain)
    }

    /// A country as items write it: `UK` is not an ISO code but common.
    pub(crate) fn named(country: &str) -> Option<Self> {
        let upper = country.trim().to_ascii_uppercase();
        Self::of(if upper == "UK" { "GB" } else { &upper })
    }

    /// An address in this shop.
    pub(crate) fn url(self, path: &str) -> String {
        format!("https://www.amazon.{}{path}", self.domain)
    }
}
