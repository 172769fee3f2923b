//! Money in integer minor units by the currency's ISO 4217 exponent.

use std::fmt;

use iso_currency::Currency;

/// An amount in minor units: 1999 USD is 19.99, 2255 JPY is 2255 yen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Minor units of the currency.
    pub minor: i64,
    /// ISO 4217 currency.
    pub currency: Currency,
}

/// Why a text is no amount of a currency.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MoneyError {
    /// Not a plain, non-negative decimal number.
    #[error("`{0}` is not a plain decimal amount such as \"19.99\"")]
    Malformed(String),
    /// More digits after the point than the currency has.
    #[error("`{text}` has more than {exponent} decimals, which {currency} does not have")]
    TooPrecise {
        /// The text as given.
        text: String,
        /// ISO 4217 exponent of the currency.
        exponent: usize,
        /// ISO 4217 code.
        currency: &'static str,
    },
}

impl Money {
    /// An amount from minor units.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Digits after the decimal point.
    #[must_use]
    pub fn exponent(self) -> usize {
        usize::from(self.currency.exponent().unwrap_or(2))
    }

    /// Reads a decimal in major units, such as "19.99" or "2255".
    ///
    /// # Errors
    /// When the text is no plain decimal, is negative, or is finer than the currency's minor unit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let malformed = || MoneyError::Malformed(text.to_owned());
        let (major, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if major.is_empty() || !digits(major) || !digits(fraction) || text.ends_with('.') {
            return Err(malformed());
        }
        let exponent = Self::new(0, currency).exponent();
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > exponent {
            return Err(MoneyError::TooPrecise {
                text: text.to_owned(),
                exponent,
                currency: currency.code(),
            });
        }
        let minor = format!("{major}{fraction:0<exponent$}")
            .parse()
            .map_err(|_| malformed())?;
        Ok(Self::new(minor, currency))
    }

    /// The same amount as a JSON number in major units, as shops put it on the wire.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        if self.minor % 10_i64.pow(self.exponent() as u32) == 0 {
            return (self.minor / 10_i64.pow(self.exponent() as u32)).into();
        }
        // The shortest text of the nearest double is the decimal text again.
        self.to_string()
            .parse::<f64>()
            .map_or(serde_json::Value::Null, Into::into)
    }

    /// The amount times a factor, rounded to whole minor units.
    #[must_use]
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self::new((self.minor as f64 * factor).round() as i64, self.currency)
    }

    /// The nearest price that a shop would print on a label.
    #[must_use]
    pub(crate) fn charming(self) -> Self {
        let step = match self.exponent() {
            0 if self.minor < 1_000 => return self.on_grid(10, 0),
            0 => return self.on_grid(100, 80),
            _ if self.minor < 600 => return self.on_grid(10, 9),
            _ => 100,
        };
        self.on_grid(step, 99)
    }

    /// The nearest amount that leaves `rest` when divided by `step`, at least `rest` or `step`.
    fn on_grid(self, step: i64, rest: i64) -> Self {
        let steps = ((self.minor - rest) as f64 / step as f64).round() as i64;
        let minor = (steps * step + rest).max(if rest > 0 { rest } else { step });
        Self::new(minor, self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.exponent();
        if exponent == 0 {
            return write!(f, "{}", self.minor);
        }
        let unit = 10_i64.pow(exponent as u32);
        let sign = if self.minor < 0 { "-" } else { "" };
        let (major, rest) = (self.minor.abs() / unit, self.minor.abs() % unit);
        write!(f, "{sign}{major}.{rest:0exponent$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_follows_the_exponent() {
        let parse = |text, currency| Money::parse(text, currency).map(|money| money.minor);
        assert_eq!(parse("19.99", Currency::USD), Ok(1999));
        assert_eq!(parse("19.9", Currency::USD), Ok(1990));
        assert_eq!(parse("19", Currency::USD), Ok(1900));
        assert_eq!(parse("2255", Currency::JPY), Ok(2255));
        assert_eq!(parse("2255.0", Currency::JPY), Ok(2255));
        assert!(matches!(
            parse("22.5", Currency::JPY),
            Err(MoneyError::TooPrecise { .. })
        ));
        assert!(matches!(
            parse("1.999", Currency::USD),
            Err(MoneyError::TooPrecise { .. })
        ));
        for text in [
            "",
            "-1",
            "1e3",
            "1,99",
            ".5",
            "5.",
            "abc",
            "99999999999999999999",
        ] {
            assert!(
                matches!(parse(text, Currency::USD), Err(MoneyError::Malformed(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn prints_major_units() {
        assert_eq!(Money::new(1999, Currency::USD).to_string(), "19.99");
        assert_eq!(Money::new(5, Currency::USD).to_string(), "0.05");
        assert_eq!(Money::new(2255, Currency::JPY).to_string(), "2255");
        assert_eq!(
            Money::new(10900, Currency::USD).to_json().to_string(),
            "109"
        );
        assert_eq!(
            Money::new(3995, Currency::USD).to_json().to_string(),
            "39.95"
        );
    }

    #[test]
    fn charming_prices_look_like_labels() {
        let charm = |minor, currency| Money::new(minor, currency).charming().minor;
        assert_eq!(charm(2_431, Currency::USD), 2_399);
        assert_eq!(charm(2_479, Currency::USD), 2_499);
        assert_eq!(charm(312, Currency::USD), 309);
        assert_eq!(charm(3_210, Currency::JPY), 3_180);
    }
}
