//! Amounts as actors write them: a number, a text, or `{value, currency}`.
//!
//! Form is taken as it comes, meaning is not: what cannot be understood is an error, never "no price".

use domain::money::{Currency, Money};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::currency;
use crate::json::decimal;

/// What an amount of zero stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zero {
    /// "There is none": axesso's actors, and list prices everywhere.
    MeansNone,
    /// Nothing that a shop would write: the page was misread.
    IsWrong,
}

/// Reads an amount. `named` is the currency that stands beside it, where it does not hold one itself.
pub(crate) fn amount(
    told: Option<&Value>,
    named: Option<&str>,
    marketplace: &str,
    zero: Zero,
) -> Result<Option<Money>, String> {
    let Some(told) = told else { return Ok(None) };
    let own = told.get("currency").and_then(Value::as_str);
    let Some(number) = number(told)? else {
        return Ok(None);
    };
    let filled = |text: &&str| !text.trim().is_empty();
    let currency = match own.filter(filled).or_else(|| named.filter(filled)) {
        Some(symbol) => currency(symbol, marketplace)?,
        // The sign in the text itself, such as `US$ 12.99` on another country's page.
        None => match sign_of(told).map(|sign| currency(sign, marketplace)) {
            Some(Ok(currency)) => currency,
            _ => local(marketplace)?,
        },
    };
    money(number, currency, zero)
}

/// What stands around the figure of a text.
fn sign_of(told: &Value) -> Option<&str> {
    let text = told.as_str().or_else(|| told.get("value")?.as_str())?;
    let number =
        |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '\u{a0}' | '\u{202f}' | ' ');
    let sign = text.trim_matches(number);
    (!sign.is_empty()).then_some(sign)
}

fn money(number: Decimal, currency: Currency, zero: Zero) -> Result<Option<Money>, String> {
    if number.is_zero() {
        return match zero {
            Zero::MeansNone => Ok(None),
            Zero::IsWrong => Err("is zero".into()),
        };
    }
    let rounded = number.round_dp(currency.exponent());
    // What floats leave behind is far below this; a real third decimal means that we misread.
    let noise = Decimal::new(1, 6);
    if (number - rounded).abs() > noise {
        return Err(format!("has more decimals than {currency}"));
    }
    Money::from_major(rounded, currency)
        .ok()
        .filter(|money| money.minor > 0)
        .map(Some)
        .ok_or_else(|| "is not a possible amount".to_owned())
}

/// The figure; `None` when there is nothing.
fn number(told: &Value) -> Result<Option<Decimal>, String> {
    match told {
        Value::Null => Ok(None),
        Value::Number(number) => decimal(number)
            .map(Some)
            .ok_or_else(|| "is not a possible amount".to_owned()),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => figure(text)
            .map(Some)
            .ok_or_else(|| "is a text that is no amount".to_owned()),
        Value::Object(parts) => match parts.get("value") {
            Some(Value::Object(_)) => Err("is not an amount".into()),
            Some(value) => number(value),
            None if parts.keys().all(|key| key == "currency") => Ok(None),
            None => Err("is an object without a value".into()),
        },
        Value::Bool(_) | Value::Array(_) => Err("is not an amount".into()),
    }
}

/// A figure in a text such as `$1,299.00`, `12,99 €` or `19.90`; `None` when it could mean two things.
fn figure(text: &str) -> Option<Decimal> {
    let text = text.trim_matches(|c: char| !c.is_ascii_digit() && c != '-');
    let kept: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
        .collect();
    if !kept
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
    {
        return None;
    }
    let mark = match (kept.rfind('.'), kept.rfind(',')) {
        (None, None) => return kept.parse().ok(),
        (Some(dot), Some(comma)) => dot.max(comma),
        (Some(place), None) | (None, Some(place)) => place,
    };
    let (whole, fraction) = (&kept[..mark], &kept[mark + 1..]);
    let point = &kept[mark..=mark];
    if whole.contains(point) || fraction.len() == 3 {
        // One sign that groups thousands. A single point may also be a machine's decimal point; a
        // single comma may not, because no currency of Amazon's shops has three decimals.
        let groups: Vec<&str> = kept.split(point).collect();
        let grouped = (groups.len() > 2 || point == ",")
            && (1..=3).contains(&groups[0].len())
            && groups[1..].iter().all(|group| group.len() == 3);
        return grouped.then(|| groups.concat().parse().ok()).flatten();
    }
    let grouping = if point == "." { ',' } else { '.' };
    let groups: Vec<&str> = whole.split(grouping).collect();
    let sound = groups.len() == 1
        || ((1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3));
    if !sound || fraction.is_empty() {
        return None;
    }
    format!("{}.{fraction}", groups.concat()).parse().ok()
}

/// What its shop's country pays with.
fn local(marketplace: &str) -> Result<Currency, String> {
    currency::of_marketplace(marketplace)
        .ok_or_else(|| format!("its currency is unclear in {marketplace}"))
}

/// The currency that an amount names. A bare `$` stands for many and means that of its shop, which
/// shows prices in other countries' currencies too.
fn currency(named: &str, marketplace: &str) -> Result<Currency, String> {
    let unseen = |c: &char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}');
    let symbol: String = named.chars().filter(|c| !unseen(c)).collect();
    let code = match symbol.as_str() {
        "$" => {
            let dollars = ["USD", "CAD", "AUD", "SGD", "MXN", "BRL"];
            return local(marketplace).and_then(|shop| match dollars.contains(&shop.code()) {
                true => Ok(shop),
                false => Err(format!("its currency is unclear in {marketplace}")),
            });
        }
        "kr" | "kr." => "SEK",
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) => code,
        sign => SIGNS
            .iter()
            .find(|(known, _)| *known == sign)
            .map(|(_, code)| *code)
            .ok_or_else(|| format!("its currency is unclear: `{}`", short(sign)))?,
    };
    Currency::parse(code).map_err(|_| format!("its currency is unclear: `{code}`"))
}

/// Signs that Amazon's shops write, their own and those of the countries they deliver to.
const SIGNS: &[(&str, &str)] = &[
    ("US$", "USD"),
    ("A$", "AUD"),
    ("AU$", "AUD"),
    ("C$", "CAD"),
    ("CA$", "CAD"),
    ("CDN$", "CAD"),
    ("MX$", "MXN"),
    ("R$", "BRL"),
    ("S$", "SGD"),
    ("HK$", "HKD"),
    ("NT$", "TWD"),
    ("NZ$", "NZD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("Rs", "INR"),
    ("Rs.", "INR"),
    ("¥", "JPY"),
    ("￥", "JPY"),
    ("円", "JPY"),
    ("JP¥", "JPY"),
    ("CN¥", "CNY"),
    ("zł", "PLN"),
    ("TL", "TRY"),
    ("₺", "TRY"),
    ("د.إ", "AED"),
    ("د.إ.", "AED"),
    ("ر.س", "SAR"),
    ("ر.س.", "SAR"),
    ("ج.م", "EGP"),
    ("ج.م.", "EGP"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("₩", "KRW"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₫", "VND"),
    ("₱", "PHP"),
    ("RM", "MYR"),
];

/// As much of a foreign text as a reason may hold.
fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(told: Value, marketplace: &str) -> Result<Option<String>, String> {
        amount(Some(&told), None, marketplace, Zero::IsWrong)
            .map(|money| money.map(|money| money.to_string()))
    }

    #[test]
    fn amounts_are_read_in_every_form() {
        for (told, marketplace, money) in [
            (json!({"value": 39.95, "currency": "$"}), "AU", "39.95 AUD"),
            (json!({"value": 109, "currency": "$"}), "CA", "109.00 CAD"),
            (
                json!({"value": "22.88", "currency": "USD"}),
                "CA",
                "22.88 USD",
            ),
            (json!({"value": 12.99, "currency": "€"}), "US", "12.99 EUR"),
            (json!(2255), "JP", "2255 JPY"),
            (json!("$1,299.00"), "US", "1299.00 USD"),
            (json!("1.299,50 €"), "DE", "1299.50 EUR"),
            (json!("12,99"), "FR", "12.99 EUR"),
            (json!("1,234,567"), "JP", "1234567 JPY"),
            (json!("￥1,299"), "JP", "1299 JPY"),
            (json!(23.990_000_000_000_002), "US", "23.99 USD"),
            (json!("US$ 12.99"), "DE", "12.99 USD"),
            (json!("Price: 12.99"), "US", "12.99 USD"),
            (json!({"value": "R$ 1.299,90"}), "BR", "1299.90 BRL"),
            (json!({"value": 9500, "currency": "₩"}), "US", "9500 KRW"),
            (json!({"value": 12.5, "currency": " "}), "GB", "12.50 GBP"),
            (json!({"value": 199, "currency": "د.إ"}), "AE", "199.00 AED"),
        ] {
            assert_eq!(
                read(told.clone(), marketplace),
                Ok(Some(money.into())),
                "{told}"
            );
        }
    }

    #[test]
    fn nothing_is_no_price_and_nonsense_is_an_error() {
        for told in [
            json!(null),
            json!(""),
            json!({}),
            json!({"value": null, "currency": "$"}),
        ] {
            assert_eq!(read(told.clone(), "US"), Ok(None), "{told}");
        }
        for told in [
            json!("five"),
            json!("1.299"),
            json!(true),
            json!([1]),
            json!(-5),
            json!("-5.00"),
            json!(0),
            json!({"min": 1, "max": 2}),
            json!({"value": {"value": 1}}),
            json!(12.345),
            json!(1e300),
            json!("12.99 - 15.99"),
        ] {
            assert!(read(told.clone(), "US").is_err(), "{told}");
        }
        for unclear in ["$", "¤", "points", "ZZZ"] {
            let told = json!({"value": 5, "currency": unclear});
            assert!(read(told, "DE").is_err(), "{unclear}");
        }
        assert!(read(json!(2255.5), "JP").is_err());
        let none = amount(Some(&json!(0)), None, "US", Zero::MeansNone);
        assert_eq!(none, Ok(None));
    }
}
