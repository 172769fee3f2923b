//! Money in integer minor units. No floats anywhere: text and JSON numbers go through [`Decimal`].

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Reads an ISO 4217 code such as `USD`, in either case.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(&code.to_ascii_uppercase())
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }

    /// The three-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the minor unit has: 2 for USD, 0 for JPY. Units without one (gold) count as 0.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units of its currency. In JSON: `{"amount":"19.99","currency":"USD"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units: 1999 is 19.99 USD, and 1999 JPY.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// From minor units.
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// From major units, such as 19.99. More decimals than the currency has are refused, not rounded,
    /// unless they are zeros.
    pub fn from_major(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let out_of_range = || MoneyError::BadAmount(amount.to_string());
        let scale = Decimal::from(10_u64.pow(currency.exponent()));
        let minor = amount.checked_mul(scale).ok_or_else(out_of_range)?;
        if !minor.fract().is_zero() {
            return Err(out_of_range());
        }
        let minor = minor.trunc().to_i64().ok_or_else(out_of_range)?;
        Ok(Self { minor, currency })
    }

    /// From plain decimal text such as `19.99`.
    pub fn parse_major(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let amount: Decimal = text
            .trim()
            .parse()
            .map_err(|_| MoneyError::BadAmount(text.to_owned()))?;
        Self::from_major(amount, currency)
    }

    /// The amount in ten-thousandths of the major unit, which no currency's minor unit is finer than: a number by which
    /// amounts of any currencies are compared as they are written. One out of range is the largest there is.
    #[must_use]
    pub fn ten_thousandths(self) -> i64 {
        let decimals = 4_u32.saturating_sub(self.currency.exponent());
        self.minor.saturating_mul(10_i64.pow(decimals))
    }

    /// The amount in major units as text with the currency's decimals.
    #[must_use]
    pub fn amount(self) -> String {
        Decimal::from_i128_with_scale(i128::from(self.minor), self.currency.exponent()).to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

/// The JSON shape of [`Money`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyJson {
    amount: String,
    currency: String,
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        MoneyJson {
            amount: self.amount(),
            currency: self.currency.code().to_owned(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = MoneyJson::deserialize(deserializer)?;
        let currency = Currency::parse(&json.currency).map_err(serde::de::Error::custom)?;
        Self::parse_major(&json.amount, currency).map_err(serde::de::Error::custom)
    }
}

/// Why a text is not money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not an ISO 4217 code.
    #[error("`{0}` is not an ISO 4217 currency code")]
    UnknownCurrency(String),
    /// Not a number, out of range, or finer than the currency's minor unit.
    #[error("`{0}` is not an amount of this currency")]
    BadAmount(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd() -> Currency {
        Currency::parse("usd").expect("USD exists")
    }

    #[test]
    fn exponent_decides_the_minor_unit() {
        let jpy = Currency::parse("JPY").expect("JPY exists");
        assert_eq!(
            Money::parse_major("27.99", usd()).expect("money").minor,
            2799
        );
        assert_eq!(Money::parse_major("2255", jpy).expect("money").minor, 2255);
        assert_eq!(Money::from_minor(2255, jpy).amount(), "2255");
        assert_eq!(Money::from_minor(5, usd()).amount(), "0.05");
    }

    #[test]
    fn amounts_compare_as_they_are_written_whatever_the_currency() {
        let scaled = |text: &str, code: &str| {
            let currency = Currency::parse(code).expect("a currency");
            let money = Money::parse_major(text, currency).expect("money");
            money.ten_thousandths()
        };
        let rising = [
            scaled("1.005", "KWD"),
            scaled("19.99", "USD"),
            scaled("19.9999", "CLF"),
            scaled("20", "JPY"),
            scaled("21.00", "CNY"),
        ];
        assert_eq!(rising, [10_050, 199_900, 199_999, 200_000, 210_000]);
        assert_eq!(
            Money::from_minor(i64::MAX, usd()).ten_thousandths(),
            i64::MAX
        );
    }

    #[test]
    fn finer_than_the_minor_unit_is_refused() {
        assert!(Money::parse_major("1.999", usd()).is_err());
        assert_eq!(
            Money::parse_major("1.990", usd()).expect("money").minor,
            199
        );
        assert!(Money::parse_major("1e400", usd()).is_err());
    }

    #[test]
    fn json_shape_is_amount_text_and_currency() {
        let money = Money::from_minor(1999, usd());
        let json = serde_json::to_string(&money).expect("serialises");
        assert_eq!(json, r#"{"amount":"19.99","currency":"USD"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).expect("reads"), money);
    }

    proptest! {
        #[test]
        fn text_round_trips(minor in -1_000_000_000_000_i64..1_000_000_000_000) {
            let money = Money::from_minor(minor, usd());
            prop_assert_eq!(Money::parse_major(&money.amount(), usd()), Ok(money));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = Money::parse_major(&text, usd());
        }
    }
}
