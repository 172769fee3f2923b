//! Prices in text: which of its amounts is the price.

use domain::money::Currency;

use super::number::{self, Style, Wrong};
use super::scan::{self, Piece};
use super::sign::{self, Meaning};
use super::words::{self, Role};
use super::{NoPrice, Price, quoted};
use crate::web::locale::Locale;

/// A price's text is short; what is longer is prose about something.
const LONGEST: usize = 400;

/// One amount in a text.
#[derive(Clone, Debug)]
struct Amount {
    text: String,
    meaning: Option<Meaning>,
    role: Option<Role>,
    /// For a unit of something: "1.99 € / 100 g".
    per: bool,
    /// Below zero.
    negative: bool,
    /// Directly before a word: perhaps "500 g".
    counts: bool,
    /// The end of a range that the amount before begins.
    ends_range: bool,
}

/// An amount with its value.
#[derive(Clone, Copy, Debug)]
struct Valued {
    minor: i64,
    role: Option<Role>,
    per: bool,
    ends_range: bool,
}

pub(super) fn read(text: &str, page: Option<Currency>, locale: &Locale) -> Result<Price, NoPrice> {
    let short: String = text.chars().take(LONGEST).collect();
    let pieces = scan::pieces(&scan::normalise(&short));
    let mut amounts = amounts(&pieces);
    keep_money(&mut amounts, page.is_some());
    if amounts.is_empty() {
        let free = pieces.iter().any(|piece| match piece {
            Piece::Word(word) => words::is_free(word),
            _ => false,
        });
        return Err(match free {
            true => NoPrice::Free(quoted(text)),
            false => NoPrice::Nothing(quoted(text)),
        });
    }
    let negative = amounts.iter().any(|amount| amount.negative);
    amounts.retain(|amount| !amount.negative && amount.role != Some(Role::Else));
    if amounts.is_empty() {
        return Err(match negative {
            true => NoPrice::Negative(quoted(text)),
            false => NoPrice::Nothing(quoted(text)),
        });
    }
    let currency = currency(&amounts, page, locale, text)?;
    let valued = amounts
        .iter()
        .map(|amount| value(amount, currency, locale))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|wrong| wrong.of(text))?;
    choose(&valued, currency, text)
}

/// Every number of a text with what stands around it.
fn amounts(pieces: &[Piece]) -> Vec<Amount> {
    let mut out: Vec<Amount> = Vec::new();
    let mut used = vec![false; pieces.len()];
    let mut since = 0;
    for (place, piece) in pieces.iter().enumerate() {
        let Piece::Number(number) = piece else {
            continue;
        };
        let before = &pieces[since..place];
        let first = since == 0;
        since = place + 1;
        if number.percent {
            continue;
        }
        let mut meaning = number.inner;
        // "USD $12": a code outweighs a sign.
        for near in place.saturating_sub(2)..place {
            if let Piece::Currency(found) = &pieces[near]
                && !used[near]
                && (near + 1 == place || matches!(pieces[near + 1], Piece::Currency(_)))
            {
                used[near] = true;
                if !matches!(meaning, Some(Meaning::Code(_))) {
                    meaning = Some(*found);
                }
            }
        }
        if let Some(Piece::Word(country)) = place.checked_sub(2).and_then(|near| pieces.get(near))
            && meaning.is_some_and(|meaning| {
                sign::at_start("$").is_some_and(|(dollar, _)| dollar == meaning)
            })
            && let Some((exact, _)) = sign::at_start(&format!("{}$", country.to_uppercase()))
        {
            meaning = Some(exact);
        }
        if let Some(Piece::Currency(found)) = pieces.get(place + 1) {
            let theirs =
                matches!(pieces.get(place + 2), Some(Piece::Number(_))) && meaning.is_some();
            if !theirs && (meaning.is_none() || matches!(found, Meaning::Code(_))) {
                used[place + 1] = true;
                meaning = Some(*found);
            }
        }
        let behind = match used.get(place + 1) {
            Some(true) => &pieces[place + 2..],
            _ => &pieces[place + 1..],
        };
        let link = before
            .iter()
            .rev()
            .find(|piece| !matches!(piece, Piece::Currency(_)));
        let dashed = matches!(link, Some(Piece::Dash));
        let joined = matches!(link, Some(Piece::Word(word)) if words::between(word));
        let role = role(before, behind);
        out.push(Amount {
            text: number.text.clone(),
            meaning,
            role,
            per: is_per(behind) || matches!(before.last(), Some(Piece::Slash)),
            negative: dashed && first && number.tight && leads(before),
            counts: matches!(behind.first(), Some(Piece::Word(word)) if !words::from_behind(word)),
            ends_range: !first && !out.is_empty() && (dashed || joined),
        });
    }
    out
}

/// Whether a text begins with the dash: "-12", not "Set - 12".
fn leads(before: &[Piece]) -> bool {
    !before.iter().any(|piece| matches!(piece, Piece::Word(_)))
}

fn is_per(behind: &[Piece]) -> bool {
    match behind.first() {
        Some(Piece::Slash) => true,
        Some(Piece::Word(word)) => words::per(word),
        _ => false,
    }
}

/// What the nearest telling word says, the words before an amount first.
fn role(before: &[Piece], behind: &[Piece]) -> Option<Role> {
    let said = before.iter().rev().find_map(|piece| match piece {
        Piece::Word(word) => words::role(word),
        _ => None,
    });
    let follows = match behind {
        [Piece::Word(word), ..] if words::from_behind(word) => Some(Role::From),
        [Piece::Word(word), ..] => words::role(word).filter(|role| *role == Role::Else),
        // "$9 / mo"
        [Piece::Slash, Piece::Word(word), ..] => {
            words::role(word).filter(|role| *role == Role::Else)
        }
        [Piece::Dash] => Some(Role::From),
        _ => None,
    };
    match (said, follows) {
        (Some(Role::Was | Role::Else), _) => said,
        (_, Some(_)) => follows,
        _ => said,
    }
}

/// Leaves only what can be money: where an amount has a currency beside it, the others are sizes
/// and counts, except the beginning of a range.
fn keep_money(amounts: &mut Vec<Amount>, page: bool) {
    let named = amounts.iter().any(|amount| amount.meaning.is_some());
    if !named {
        amounts.retain(|amount| page && (!amount.counts || amount.role.is_some()));
        return;
    }
    for place in 1..amounts.len() {
        if !amounts[place].ends_range {
            continue;
        }
        let meaning = amounts[place].meaning.or(amounts[place - 1].meaning);
        amounts[place].meaning = meaning;
        amounts[place - 1].meaning = meaning;
    }
    amounts.retain(|amount| amount.meaning.is_some());
}

/// The one currency of all amounts.
fn currency(
    amounts: &[Amount],
    page: Option<Currency>,
    locale: &Locale,
    text: &str,
) -> Result<Currency, NoPrice> {
    let mut found: Option<Currency> = None;
    for amount in amounts {
        let one = match amount.meaning {
            Some(meaning) => meaning.resolve(page, locale),
            None => page,
        };
        let one = one.ok_or_else(|| NoPrice::NoCurrency(quoted(text)))?;
        if found.is_some_and(|found| found != one) {
            return Err(NoPrice::Ambiguous(quoted(text)));
        }
        found = Some(one);
    }
    found.ok_or_else(|| NoPrice::NoCurrency(quoted(text)))
}

fn value(amount: &Amount, currency: Currency, locale: &Locale) -> Result<Valued, Wrong> {
    let decimal = locale.decimal(currency);
    Ok(Valued {
        minor: number::read(&amount.text, Style::Shown, currency.exponent(), decimal)?,
        role: amount.role,
        per: amount.per,
        ends_range: amount.ends_range,
    })
}

/// Which amount is the price.
fn choose(valued: &[Valued], currency: Currency, text: &str) -> Result<Price, NoPrice> {
    let was = valued.iter().find(|one| one.role == Some(Role::Was));
    let mut left: Vec<Valued> = valued
        .iter()
        .filter(|one| one.role != Some(Role::Was))
        .copied()
        .collect();
    let marked = |one: &Valued| one.role == Some(Role::Now);
    if left.iter().any(marked) && was.is_some() {
        left.retain(marked);
    }
    if left.iter().any(|one| !one.per) {
        left.retain(|one| !one.per);
    }
    let from = left.iter().any(|one| one.role == Some(Role::From));
    let mut values: Vec<i64> = left.iter().map(|one| one.minor).collect();
    values.dedup();
    let range = match values.as_slice() {
        [] => return Err(NoPrice::Nothing(quoted(text))),
        [_] => None,
        [low, high] if left.last().is_some_and(|one| one.ends_range) && low < high => Some(*high),
        _ => return Err(NoPrice::Ambiguous(quoted(text))),
    };
    let minor = values[0];
    if minor == 0 {
        return Err(NoPrice::Free(quoted(text)));
    }
    Ok(Price {
        minor,
        currency,
        up_to: range,
        from,
        was: was.map(|one| one.minor).filter(|was| *was > minor),
    })
}
