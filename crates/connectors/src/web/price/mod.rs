//! Prices as pages write them: separators, signs, ranges, "from", "was", "free".
//!
//! What can be read in two ways is refused with the reason. A wrong price is worse than none.

mod number;
mod scan;
mod shown;
mod sign;
mod words;

use domain::money::Currency;

use super::locale::Locale;

/// An amount that was read; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Price {
    /// Minor units.
    pub(super) minor: i64,
    /// Of what.
    pub(super) currency: Currency,
    /// The highest amount of a range, minor units: then `minor` is the lowest.
    pub(super) up_to: Option<i64>,
    /// "from …": more is possible, how much is not said.
    pub(super) from: bool,
    /// What it was before, minor units, where the same text says so.
    pub(super) was: Option<i64>,
}

impl Price {
    pub(super) fn exactly(minor: i64, currency: Currency) -> Self {
        Self {
            minor,
            currency,
            up_to: None,
            from: false,
            was: None,
        }
    }
}

/// Why a text is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPrice {
    /// There is no amount in it.
    #[error("`{0}` holds no amount")]
    Nothing(String),
    /// Zero, or a word for it: no shop sells at that, a broken page does.
    #[error("`{0}` is a price of nothing")]
    Free(String),
    /// Below zero.
    #[error("`{0}` is below zero")]
    Negative(String),
    /// Two readings make sense.
    #[error("`{0}` can be read in two ways")]
    Ambiguous(String),
    /// Digits and separators that no country writes so.
    #[error("`{0}` is not an amount")]
    Unreadable(String),
    /// Nothing says in which currency, or a sign that several countries share.
    #[error("`{0}` does not say in which currency")]
    NoCurrency(String),
}

/// Reads what structured data gives as a price: by the rules digits with a point, in the wild
/// anything that people read. `currency` is what the data names beside it.
pub(super) fn machine(
    text: &str,
    currency: Option<Currency>,
    locale: &Locale,
) -> Result<Price, NoPrice> {
    let plain = scan::normalise(text);
    let plain = plain.trim();
    if plain.is_empty()
        || !plain
            .chars()
            .all(|c| c.is_ascii_digit() || ".,' ".contains(c))
    {
        return shown(text, currency, locale);
    }
    let currency = currency.ok_or_else(|| NoPrice::NoCurrency(quoted(text)))?;
    let decimal = locale.decimal(currency);
    let minor = number::read(plain, number::Style::Machine, currency.exponent(), decimal)
        .map_err(|wrong| wrong.of(text))?;
    if minor == 0 {
        return Err(NoPrice::Free(quoted(text)));
    }
    Ok(Price::exactly(minor, currency))
}

/// Reads a price as people see it. `currency` is what the rest of the page says.
pub(super) fn shown(
    text: &str,
    currency: Option<Currency>,
    locale: &Locale,
) -> Result<Price, NoPrice> {
    shown::read(text, currency, locale)
}

/// The currency that a code or a sign means.
pub(super) fn currency(text: &str, locale: &Locale) -> Option<Currency> {
    let text = scan::normalise(text);
    sign::whole(text.trim())?.resolve(None, locale)
}

/// A text short enough for a reason.
fn quoted(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(60).collect()
}

#[cfg(test)]
mod tests;
