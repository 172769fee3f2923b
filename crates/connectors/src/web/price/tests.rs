//! Prices as they are met.

use proptest::prelude::*;

use super::*;

fn locale(tag: &str, country: &str) -> Locale {
    Locale::new(Some(tag).filter(|tag| !tag.is_empty()), country)
}

fn code(code: &str) -> Option<Currency> {
    Currency::parse(code).ok()
}

/// (minor units, currency) of a shown text.
fn seen(text: &str, tag: &str, country: &str) -> Result<(i64, &'static str), NoPrice> {
    shown(text, None, &locale(tag, country)).map(|price| (price.minor, price.currency.code()))
}

#[test]
fn separators_of_all_kinds() {
    for (text, tag, country, minor, currency) in [
        ("1.234,56 €", "de", "DE", 123_456, "EUR"),
        ("€1,234.56", "en", "IE", 123_456, "EUR"),
        ("1 234,56 €", "fr", "FR", 123_456, "EUR"),
        ("1\u{202f}234,56\u{a0}€", "fr", "FR", 123_456, "EUR"),
        ("CHF 1'234.50", "de-CH", "CH", 123_450, "CHF"),
        ("Fr. 1’234.–", "de-CH", "CH", 123_400, "CHF"),
        ("₹12,34,567.00", "en", "IN", 123_456_700, "INR"),
        ("₹ 1,299", "en-IN", "IN", 129_900, "INR"),
        ("1.234 €", "de", "DE", 123_400, "EUR"),
        ("1,234 €", "en", "IE", 123_400, "EUR"),
        ("$1,234", "en", "US", 123_400, "USD"),
        ("1.234.567 ₫", "vi", "VN", 1_234_567, "VND"),
        ("19,9 €", "", "DE", 1_990, "EUR"),
        ("12€99", "fr", "FR", 1_299, "EUR"),
        ("1 299:-", "sv", "SE", 0, ""),
        ("1 299 kr", "sv", "SE", 129_900, "SEK"),
        ("kr. 1.299,-", "da", "DK", 129_900, "DKK"),
        ("349,- kr", "nb", "NO", 34_900, "NOK"),
        ("12,– €", "de", "DE", 1_200, "EUR"),
        ("129,99 zł", "pl", "PL", 12_999, "PLN"),
        ("R$ 1.299,90", "pt-BR", "BR", 129_990, "BRL"),
        ("４，９８０円", "ja", "JP", 4_980, "JPY"),
        ("￥１，２８０（税込）", "ja", "JP", 1_280, "JPY"),
        ("1万2800円", "ja", "JP", 12_800, "JPY"),
        ("¥299.00", "zh-CN", "CN", 29_900, "CNY"),
        ("299元", "zh-Hans", "CN", 29_900, "CNY"),
        ("NT$1,280", "zh-TW", "TW", 128_000, "TWD"),
        ("HK$ 88.5", "zh-HK", "HK", 8_850, "HKD"),
        ("₩12,900", "ko", "KR", 12_900, "KRW"),
        ("12,900원", "ko", "KR", 12_900, "KRW"),
        ("$ 1.299,00", "es", "CO", 129_900, "COP"),
        ("US$12.50", "en", "ZZ", 1_250, "USD"),
        ("US $12.50", "en", "AU", 1_250, "USD"),
        ("$12.50 AUD", "en", "ZZ", 1_250, "AUD"),
        ("USD $12.50", "en", "CA", 1_250, "USD"),
        ("$12.50", "en-CA", "ZZ", 1_250, "CAD"),
        ("KWD 1.250", "en", "KW", 1_250, "KWD"),
        (".99 £", "en", "GB", 99, "GBP"),
        ("٣٥٫٥٠ د.إ", "ar", "AE", 3_550, "AED"),
    ] {
        if currency.is_empty() {
            assert!(seen(text, tag, country).is_err(), "{text}");
        } else {
            assert_eq!(seen(text, tag, country), Ok((minor, currency)), "{text}");
        }
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let eur = code("EUR");
    let nowhere = Locale::default();
    for text in ["1.234", "1.000", "12.500"] {
        let told = machine(text, eur, &nowhere);
        assert_eq!(told, Err(NoPrice::Ambiguous(text.into())), "{text}");
    }
    assert!(matches!(
        seen("1.234 €", "en", "ZZ"),
        Err(NoPrice::Ambiguous(_))
    ));
    assert!(matches!(
        seen("1,234 €", "de", "DE"),
        Err(NoPrice::Ambiguous(_))
    ));
    assert!(matches!(
        seen("$20.00 $15.00", "en", "US"),
        Err(NoPrice::Ambiguous(_))
    ));
    assert!(matches!(seen("$12 99", "en", "US"), Ok((1200, _)) | Err(_)));
}

#[test]
fn a_sign_that_several_countries_share_needs_a_country() {
    for (text, tag) in [
        ("$12.50", "en"),
        ("¥1,280", "en"),
        ("99 kr", "en"),
        ("12.50", "en"),
    ] {
        let told = seen(text, tag, "ZZ");
        assert!(
            matches!(told, Err(NoPrice::NoCurrency(_) | NoPrice::Nothing(_))),
            "{text}: {told:?}"
        );
    }
    let told = shown("¥1,280", code("CNY"), &locale("en", "ZZ")).map(|price| price.minor);
    assert_eq!(told, Ok(128_000), "the page says which elsewhere");
}

#[test]
fn machine_prices_have_a_point_and_sometimes_too_many_decimals() {
    let at = |text, currency, tag, country| {
        machine(text, code(currency), &locale(tag, country)).map(|price| price.minor)
    };
    assert_eq!(at("19.99", "EUR", "de", "DE"), Ok(1_999));
    assert_eq!(at("19.9", "EUR", "de", "DE"), Ok(1_990));
    assert_eq!(at("19,99", "EUR", "de", "DE"), Ok(1_999));
    assert_eq!(at("1.234,56", "EUR", "en", "IE"), Ok(123_456));
    assert_eq!(at("1,234.56", "EUR", "de", "DE"), Ok(123_456));
    assert_eq!(at("1,234", "USD", "en", "US"), Ok(123_400));
    assert_eq!(at("19.9900", "EUR", "", "ZZ"), Ok(1_999));
    assert_eq!(at("23.990000000000002", "USD", "", "ZZ"), Ok(2_399));
    assert_eq!(at("1234.567", "USD", "", "ZZ"), Ok(123_457));
    assert_eq!(at("4980", "JPY", "ja", "JP"), Ok(4_980));
    assert_eq!(at("4,980", "JPY", "ja", "JP"), Ok(4_980));
    assert_eq!(at("4980.00", "JPY", "ja", "JP"), Ok(4_980));
    assert_eq!(at("1.250", "KWD", "en", "KW"), Ok(1_250));
    assert_eq!(at("€ 19,99", "EUR", "de", "DE"), Ok(1_999));
    assert_eq!(at("0.999", "EUR", "de", "DE"), Ok(100));
    for text in ["0", "0.00", "0,00"] {
        assert!(
            matches!(at(text, "EUR", "de", "DE"), Err(NoPrice::Free(_))),
            "{text}"
        );
    }
    assert!(matches!(
        at("-5", "EUR", "de", "DE"),
        Err(NoPrice::Negative(_) | NoPrice::Nothing(_))
    ));
    assert!(at("1.2.3", "EUR", "de", "DE").is_err());
    assert!(at("1234567890123456", "EUR", "de", "DE").is_err());
    assert!(at("call us", "EUR", "de", "DE").is_err());
}

#[test]
fn ranges_give_the_lowest_and_say_so() {
    for text in [
        "12.99 – 19.99 €",
        "€12.99-€19.99",
        "12.99 € bis 19.99 €",
        "12.99€ ～ 19.99€",
        "from €12.99 to €19.99",
    ] {
        let price = shown(text, None, &locale("en", "IE")).expect(text);
        assert_eq!((price.minor, price.up_to), (1_299, Some(1_999)), "{text}");
    }
    for (text, tag, country) in [
        ("ab 12,99 €", "de", "DE"),
        ("À partir de 12,99 €", "fr", "FR"),
        ("vanaf € 12,99", "nl", "NL"),
        ("desde 12,99 €", "es", "ES"),
        ("od 12,99 zł", "pl", "PL"),
    ] {
        let price = shown(text, None, &locale(tag, country)).expect(text);
        assert_eq!((price.minor, price.from), (1_299, true), "{text}");
    }
    let price = shown("1299円から", None, &locale("ja", "JP")).expect("a price");
    assert_eq!((price.minor, price.from), (1_299, true));
}

#[test]
fn was_and_now_are_told_apart() {
    for (text, tag, country) in [
        ("Was £20.00 Now £15.00", "en", "GB"),
        ("RRP £20.00, £15.00", "en", "GB"),
        ("£15.00 RRP £20.00", "en", "GB"),
        ("£15.00 (save £5.00) was £20.00", "en", "GB"),
        ("-25% £15.00 Was: £20.00", "en", "GB"),
    ] {
        let price = shown(text, None, &locale(tag, country)).expect(text);
        assert_eq!((price.minor, price.was), (1_500, Some(2_000)), "{text}");
    }
    let price = shown("Statt 20,00 € nur 15,00 €", None, &locale("de", "DE")).expect("a price");
    assert_eq!((price.minor, price.was), (1_500, Some(2_000)));
    let price = shown("通常価格 2,000円 特価 1,500円", None, &locale("ja", "JP")).expect("a price");
    assert_eq!((price.minor, price.was), (1_500, Some(2_000)));
}

#[test]
fn sizes_units_and_shipping_are_no_prices() {
    let at = |text| seen(text, "de", "DE").map(|(minor, _)| minor);
    assert_eq!(at("500 g 4,99 €"), Ok(499));
    assert_eq!(at("4,99 € (9,98 € / 1 kg)"), Ok(499));
    assert_eq!(at("4,99 € zzgl. Versand 3,90 €"), Ok(499));
    assert_eq!(at("4,99 € inkl. 19% MwSt."), Ok(499));
    assert_eq!(at("2 Stück 4,99 €"), Ok(499));
    assert!(matches!(at("UVP 20,00 €"), Err(NoPrice::Nothing(_))));
}

#[test]
fn free_is_never_a_price() {
    for (text, tag) in [
        ("Free", "en"),
        ("kostenlos", "de"),
        ("0,00 €", "de"),
        ("無料", "ja"),
        ("€0", "en"),
        ("免费", "zh"),
    ] {
        assert!(
            matches!(seen(text, tag, "DE"), Err(NoPrice::Free(_))),
            "{text}"
        );
    }
    assert!(matches!(
        seen("-12,99 €", "de", "DE"),
        Err(NoPrice::Negative(_))
    ));
}

proptest! {
    #[test]
    fn any_text_is_a_positive_price_or_refused(text in ".{0,60}|[0-9.,' €$¥円kr~–/%-]{0,30}", tag in "[a-z]{0,2}", named in any::<bool>()) {
        let locale = locale(&tag, "ZZ");
        let currency = code("EUR").filter(|_| named);
        for read in [shown(&text, currency, &locale), machine(&text, currency, &locale)].into_iter().flatten() {
            prop_assert!(read.minor > 0);
            prop_assert!(read.up_to.is_none_or(|high| high > read.minor));
        }
    }

    #[test]
    fn what_a_country_writes_is_read_back(minor in 1_i64..99_999_999) {
        let (whole, cents) = (minor / 100, minor % 100);
        let grouped = |separator: &str| {
            let digits = whole.to_string();
            let cut: Vec<String> = digits.as_bytes().rchunks(3).rev()
                .map(|part| String::from_utf8_lossy(part).into_owned()).collect();
            cut.join(separator)
        };
        for (text, tag, country) in [
            (format!("{},{cents:02} €", grouped(".")), "de", "DE"),
            (format!("€{}.{cents:02}", grouped(",")), "en", "IE"),
            (format!("{},{cents:02} €", grouped("\u{202f}")), "fr", "FR"),
            (format!("CHF {}.{cents:02}", grouped("’")), "de-CH", "CH"),
            (format!("{whole}.{cents:02} EUR"), "", "ZZ"),
        ] {
            let read = seen(&text, tag, country).map(|(minor, _)| minor);
            prop_assert_eq!(read, Ok(minor), "{}", text);
        }
        let plain = machine(&format!("{whole}.{cents:02}"), code("EUR"), &Locale::default());
        prop_assert_eq!(plain.map(|price| price.minor), Ok(minor));
    }
}
