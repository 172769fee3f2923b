//! Which country a host's ending names.

/// ISO 3166-1 alpha-2, all officially assigned codes.
const COUNTRIES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Endings of countries that the whole world registers under: they say nothing about where a shop
/// sells. A second level below them (`.com.co`) does.
const WORLDWIDE: &[&str] = &[
    "AI", "AM", "BZ", "CC", "CO", "FM", "GG", "GL", "IO", "LA", "LY", "ME", "ML", "NU", "SH", "SO",
    "TK", "TO", "TV", "VC", "WS",
];

/// What names no country; ISO 3166 gives it to nobody.
pub(super) const NOWHERE: &str = "ZZ";

/// The country that a host's ending names, upper-case ISO 3166, or [`NOWHERE`].
pub(super) fn of_host(host: &str) -> &'static str {
    let mut labels = host.trim_end_matches('.').rsplit('.');
    let ending = labels.next().unwrap_or_default().to_ascii_uppercase();
    let code = match ending.as_str() {
        "UK" => "GB",
        other => other,
    };
    let national =
        matches!(labels.next(), Some("com" | "net" | "org" | "co")) && labels.next().is_some();
    if WORLDWIDE.contains(&code) && !national {
        return NOWHERE;
    }
    find(code).unwrap_or(NOWHERE)
}

/// An assigned code in its one form.
pub(super) fn find(code: &str) -> Option<&'static str> {
    let place = COUNTRIES
        .split(' ')
        .find(|known| known.eq_ignore_ascii_case(code))?;
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_name_countries_and_the_worldwide_ones_do_not() {
        for (host, country) in [
            ("shop.de", "DE"),
            ("shop.co.uk", "GB"),
            ("shop.com.au", "AU"),
            ("shop.com.co", "CO"),
            ("xn--bcher-kva.ch", "CH"),
            ("shop.co", NOWHERE),
            ("shop.io", NOWHERE),
            ("shop.com", NOWHERE),
            ("shop.eu", NOWHERE),
            ("127.0.0.1", NOWHERE),
            ("localhost", NOWHERE),
        ] {
            assert_eq!(of_host(host), country, "{host}");
        }
        assert_eq!(COUNTRIES.split(' ').count(), 249);
    }
}
