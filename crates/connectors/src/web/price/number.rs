//! Digits and separators to minor units.

use super::{NoPrice, quoted};

/// By whose rules a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A program's: a point before the decimals, and sometimes more decimals than the currency has.
    Machine,
    /// A person's.
    Shown,
}

/// Why digits are no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Ambiguous,
    Unreadable,
}

impl Wrong {
    pub(super) fn of(self, text: &str) -> NoPrice {
        match self {
            Self::Ambiguous => NoPrice::Ambiguous(quoted(text)),
            Self::Unreadable => NoPrice::Unreadable(quoted(text)),
        }
    }
}

/// Most digits before the decimals; more would not fit, and no price has them.
const MOST_DIGITS: usize = 15;

/// Reads `text`, which holds only ASCII digits, points, commas, apostrophes and single spaces.
/// `decimal` is the decimal separator of the page's readers, where it is known.
pub(super) fn read(
    text: &str,
    style: Style,
    exponent: u32,
    decimal: Option<char>,
) -> Result<i64, Wrong> {
    let is_separator = |c: char| !c.is_ascii_digit();
    let separators: Vec<char> = text.chars().filter(|c| is_separator(*c)).collect();
    let groups: Vec<&str> = text.split(is_separator).collect();
    let digits = text.len().saturating_sub(separators.len());
    let longest = groups.iter().map(|group| group.len()).max();
    // Decimals of a computed price may be many; they are cut, not counted.
    if digits == 0
        || digits > 3 * MOST_DIGITS
        || longest > Some(2 * MOST_DIGITS)
        || groups[1..].iter().any(|group| group.is_empty())
    {
        return Err(Wrong::Unreadable);
    }
    let Some(last) = separators.last().copied() else {
        return amount(&groups, None, style, exponent);
    };
    let others = &separators[..separators.len() - 1];
    let thousands = || amount(&groups, None, style, exponent);
    let decimals = || {
        let (whole, fraction) = groups.split_at(groups.len() - 1);
        amount(whole, Some(fraction[0]), style, exponent)
    };
    // A space or an apostrophe never stands before decimals.
    if matches!(last, ' ' | '\'') {
        return if others.iter().all(|other| *other == last) && grouped(&groups, last) {
            thousands()
        } else {
            Err(Wrong::Unreadable)
        };
    }
    if let Some(first) = others.first().copied() {
        let uniform = others.iter().all(|other| *other == first);
        return match uniform {
            true if first == last && grouped(&groups, last) => thousands(),
            true if first != last && grouped(&groups[..groups.len() - 1], first) => decimals(),
            _ => Err(Wrong::Unreadable),
        };
    }
    // One point or comma, once.
    let (before, after) = (groups[0], groups[1]);
    let could_group =
        after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    if !could_group {
        return decimals();
    }
    match (exponent, style) {
        (0, _) => thousands(),
        (3.., Style::Machine) if last == '.' => decimals(),
        (3.., _) => match decimal {
            Some(decimal) if decimal == last => decimals(),
            Some(_) => thousands(),
            None => Err(Wrong::Ambiguous),
        },
        // By the rules 1.234 is one and a bit; by the habits of many shops it is a thousand.
        (_, Style::Machine) if last == '.' => Err(Wrong::Ambiguous),
        (_, Style::Machine) if decimal.is_none() => thousands(),
        _ => match decimal {
            Some(decimal) if decimal != last => thousands(),
            _ => Err(Wrong::Ambiguous),
        },
    }
}

/// Whether groups are cut as thousands: 1 234 567, or 12,34,567 as in India.
fn grouped(groups: &[&str], separator: char) -> bool {
    let [first, middle @ .., last] = groups else {
        return false;
    };
    if middle.is_empty() && groups.len() < 2 {
        return false;
    }
    let western = (1..=3).contains(&first.len()) && middle.iter().all(|group| group.len() == 3);
    let indian = separator == ','
        && !middle.is_empty()
        && (1..=2).contains(&first.len())
        && middle.iter().all(|group| group.len() == 2);
    last.len() == 3 && (western || indian)
}

/// Minor units from whole groups and decimals.
fn amount(
    whole: &[&str],
    fraction: Option<&str>,
    style: Style,
    exponent: u32,
) -> Result<i64, Wrong> {
    let digits: String = whole.concat();
    let fraction = fraction.unwrap_or_default();
    if whole.len() > 1 && whole.iter().any(|group| group.is_empty()) {
        return Err(Wrong::Unreadable);
    }
    let places = exponent as usize;
    let (kept, noise) = fraction.split_at(fraction.len().min(places));
    if digits.len() > MOST_DIGITS {
        return Err(Wrong::Unreadable);
    }
    let text = format!("{digits}{kept:0<places$}");
    let minor: i64 = text.parse().map_err(|_| Wrong::Unreadable)?;
    if noise.bytes().all(|byte| byte == b'0') {
        return Ok(minor);
    }
    // Programs that compute prices leave digits behind; people do not write parts of a cent.
    let computed = style == Style::Machine && fraction.len() >= 3;
    if !computed {
        return Err(Wrong::Unreadable);
    }
    Ok(minor + i64::from(noise.as_bytes()[0] >= b'5'))
}
