//! Where a page is at home: what its signs and separators mean.

use domain::money::Currency;

use super::country;

/// A page's language and country, each where something tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Locale {
    /// ISO 639, lower case; empty when unknown.
    pub(super) language: String,
    /// The script or region behind the language, lower case, such as `hant` or `ch`.
    pub(super) variant: String,
    /// Upper-case ISO 3166: by the host's ending or the tracker's word, else the language's region.
    pub(super) country: Option<&'static str>,
}

impl Locale {
    /// From a language tag such as `de-CH` or `zh_Hant_TW` and a marketplace.
    pub(super) fn new(tag: Option<&str>, marketplace: &str) -> Self {
        let tag = tag.unwrap_or_default().trim().to_ascii_lowercase();
        let mut parts = tag.split(['-', '_']).map(str::to_owned);
        let language = parts.next().filter(|part| (2..=3).contains(&part.len()));
        let rest: Vec<String> = parts.collect();
        let region = rest.iter().find_map(|part| country::find(part));
        Self {
            language: language.unwrap_or_default(),
            variant: rest.into_iter().next().unwrap_or_default(),
            country: country::find(marketplace).or(region),
        }
    }

    /// What the country pays with.
    pub(super) fn currency(&self) -> Option<Currency> {
        crate::currency::of_marketplace(self.country?)
    }

    /// The decimal separator that readers of this page expect; `None` when nothing tells.
    pub(super) fn decimal(&self, currency: Currency) -> Option<char> {
        if !self.language.is_empty() {
            return Some(match (self.language.as_str(), self.country) {
                ("de" | "it", Some("CH" | "LI")) => '.',
                ("en", Some("ZA")) => ',',
                (
                    "es",
                    Some("MX" | "US" | "PR" | "GT" | "HN" | "NI" | "PA" | "SV" | "DO" | "PE"),
                ) => '.',
                (
                    "de" | "fr" | "es" | "it" | "pt" | "nl" | "pl" | "cs" | "sk" | "ru" | "uk"
                    | "be" | "tr" | "sv" | "nb" | "no" | "nn" | "da" | "fi" | "hu" | "ro" | "bg"
                    | "hr" | "sl" | "sr" | "bs" | "mk" | "sq" | "et" | "lv" | "lt" | "el" | "id"
                    | "vi" | "ca" | "gl" | "eu" | "is" | "kk" | "ka" | "az",
                    _,
                ) => ',',
                _ => '.',
            });
        }
        match self.country {
            Some(
                "DE" | "AT" | "FR" | "ES" | "IT" | "PT" | "NL" | "BE" | "LU" | "PL" | "CZ" | "SK"
                | "RU" | "UA" | "BY" | "TR" | "SE" | "NO" | "DK" | "FI" | "IS" | "HU" | "RO" | "BG"
                | "HR" | "SI" | "RS" | "BA" | "MK" | "AL" | "EE" | "LV" | "LT" | "GR" | "ID" | "VN"
                | "BR" | "AR" | "CL" | "CO" | "UY" | "EC" | "BO" | "PY" | "VE" | "CR",
            ) => Some(','),
            Some(
                "US" | "GB" | "IE" | "AU" | "NZ" | "JP" | "CN" | "HK" | "TW" | "KR" | "SG" | "MY"
                | "TH" | "PH" | "IN" | "PK" | "IL" | "MX" | "CH" | "LI",
            ) => Some('.'),
            Some(_) => None,
            None => match currency.code() {
                "USD" | "GBP" | "AUD" | "NZD" | "JPY" | "CNY" | "HKD" | "TWD" | "KRW" | "SGD"
                | "INR" | "MYR" | "THB" | "PHP" | "MXN" => Some('.'),
                "PLN" | "CZK" | "SEK" | "NOK" | "DKK" | "HUF" | "RON" | "BRL" | "TRY" | "RUB"
                | "UAH" | "IDR" | "VND" => Some(','),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_outweighs_the_language_about_the_country() {
        let locale = Locale::new(Some("en-US"), "AU");
        assert_eq!(
            (locale.language.as_str(), locale.country),
            ("en", Some("AU"))
        );
        assert_eq!(Locale::new(Some("zh_Hant_TW"), "ZZ").country, Some("TW"));
        assert_eq!(Locale::new(None, "ZZ"), Locale::default());
    }

    #[test]
    fn separators_follow_the_language_then_the_country_then_the_currency() {
        let eur = Currency::parse("EUR").expect("EUR");
        let usd = Currency::parse("USD").expect("USD");
        assert_eq!(Locale::new(Some("de"), "ZZ").decimal(eur), Some(','));
        assert_eq!(Locale::new(Some("de-CH"), "CH").decimal(eur), Some('.'));
        assert_eq!(Locale::new(Some("en"), "DE").decimal(eur), Some('.'));
        assert_eq!(Locale::new(None, "DE").decimal(eur), Some(','));
        assert_eq!(Locale::new(None, "ZZ").decimal(eur), None);
        assert_eq!(Locale::new(None, "ZZ").decimal(usd), Some('.'));
    }
}
