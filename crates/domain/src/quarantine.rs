//! Which figures are too unlikely to be believed at once, and what a second look says about them.
//!
//! A price twenty times off is nearly always a broken page, a placeholder or another currency, and now and then true.
//! So it is set apart instead of stored: the last good value stays, and another look has to agree before it counts.

use crate::history::LastKnown;
use crate::money::{Currency, Money};
use crate::observation::{Offer, Values};

/// From this factor on, either way, an amount is doubted.
pub const FACTOR: i128 = 20;
/// Two looks agree when they differ by at most one part in this many (5 %).
const TOLERANCE: i128 = 20;
/// Shops that hide a price show the smallest amount there is (0.01, or 1 yen); nobody sells at that.
const PLACEHOLDER: i64 = 1;

/// The amounts that can be doubted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Amount {
    /// [`Values::price`].
    Price,
    /// [`Values::list_price`].
    ListPrice,
    /// [`Values::buy_box_price`].
    BuyBoxPrice,
}

impl Amount {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Price, Self::ListPrice, Self::BuyBoxPrice];

    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::ListPrice => "list_price",
            Self::BuyBoxPrice => "buy_box_price",
        }
    }

    /// This amount of these values, in minor units.
    #[must_use]
    pub const fn of(self, values: &Values) -> Option<i64> {
        match self {
            Self::Price => values.price,
            Self::ListPrice => values.list_price,
            Self::BuyBoxPrice => values.buy_box_price,
        }
    }
}

/// The last good amounts: what new ones are measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trusted {
    /// The last offered price.
    price: Option<Money>,
    /// The list price of the newest look, if it told one.
    list_price: Option<Money>,
    /// The buy box price of the newest look, if it told one.
    buy_box_price: Option<Money>,
}

impl Trusted {
    /// What is trusted after these looks.
    #[must_use]
    pub fn of(newest: Option<&Values>, known: &LastKnown) -> Self {
        let told = |minor: fn(&Values) -> Option<i64>| {
            newest.and_then(|values| values.money(minor(values)))
        };
        Self {
            price: known.price,
            list_price: told(|values| values.list_price),
            buy_box_price: told(|values| values.buy_box_price),
        }
    }

    /// What an amount is measured against: its own last value, else the last price.
    fn base(&self, amount: Amount) -> Option<Money> {
        let own = match amount {
            Amount::Price => None,
            Amount::ListPrice => self.list_price,
            Amount::BuyBoxPrice => self.buy_box_price,
        };
        own.or(self.price)
    }
}

/// Why an observation is set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The smallest amount there is: a placeholder more often than a price.
    #[error("{} of {amount} is next to nothing", which.as_str())]
    NextToNothing {
        /// Which.
        which: Amount,
        /// What was told.
        amount: Money,
    },
    /// Far off the last good amount.
    #[error("{} went from {before} to {after}, {FACTOR} times off or more", which.as_str())]
    FarOff {
        /// Which.
        which: Amount,
        /// The last good one.
        before: Money,
        /// What was told.
        after: Money,
    },
    /// In another currency than the last good amount.
    #[error("{} came in {after} after {before}", which.as_str())]
    OtherCurrency {
        /// Which.
        which: Amount,
        /// The last good one's.
        before: Currency,
        /// What was told.
        after: Currency,
    },
}

impl Doubt {
    /// A stable word for the kind of doubt.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NextToNothing { .. } => "next_to_nothing",
            Self::FarOff { .. } => "far_off",
            Self::OtherCurrency { .. } => "other_currency",
        }
    }
}

/// Why these values are not to be believed at once; `None` when they are.
#[must_use]
pub fn doubt(trusted: &Trusted, values: &Values) -> Option<Doubt> {
    Amount::ALL
        .into_iter()
        .find_map(|which| doubt_about(trusted, values, which))
}

fn doubt_about(trusted: &Trusted, values: &Values, which: Amount) -> Option<Doubt> {
    let after = values.money(which.of(values))?;
    let before = trusted.base(which);
    if let Some(before) = before {
        if before.currency != after.currency {
            return Some(Doubt::OtherCurrency {
                which,
                before: before.currency,
                after: after.currency,
            });
        }
        if before.minor == after.minor {
            return None;
        }
    }
    if after.minor <= PLACEHOLDER {
        return Some(Doubt::NextToNothing {
            which,
            amount: after,
        });
    }
    let before = before?;
    let (old, new) = (i128::from(before.minor), i128::from(after.minor));
    let far = new >= old * FACTOR || old >= new * FACTOR;
    far.then_some(Doubt::FarOff {
        which,
        before,
        after,
    })
}

/// What a look means for figures that were set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondLook {
    /// It tells the same: believe both.
    Confirms,
    /// It tells what was known: the figures set apart were wrong.
    Dismisses,
    /// It is doubtful in its own way: it takes their place.
    Replaces(Doubt),
    /// It tells nothing about the amounts in doubt.
    Silent,
}

/// Judges `values` by what is trusted and by the figures set apart, which another look brought.
#[must_use]
pub fn second_look(trusted: &Trusted, apart: &Values, values: &Values) -> SecondLook {
    let doubted = |values: &Values| -> Vec<Amount> {
        let all = Amount::ALL.into_iter();
        all.filter(|which| doubt_about(trusted, values, *which).is_some())
            .collect()
    };
    if let Some(doubt) = doubt(trusted, values) {
        let same = doubted(values)
            .into_iter()
            .all(|which| agree(apart, values, which));
        return if same {
            SecondLook::Confirms
        } else {
            SecondLook::Replaces(doubt)
        };
    }
    let mut in_question = doubted(apart);
    if in_question.is_empty() {
        // What is trusted came nearer meanwhile.
        in_question.extend(
            Amount::ALL
                .into_iter()
                .filter(|which| which.of(apart).is_some()),
        );
    }
    in_question.retain(|which| which.of(values).is_some());
    if in_question.is_empty() {
        SecondLook::Silent
    } else if in_question
        .into_iter()
        .all(|which| agree(apart, values, which))
    {
        // Just within what would have been believed anyway.
        SecondLook::Confirms
    } else {
        SecondLook::Dismisses
    }
}

/// Whether two looks tell the same amount, nearly.
fn agree(first: &Values, second: &Values, which: Amount) -> bool {
    let (Some(first), Some(second)) =
        (first.money(which.of(first)), second.money(which.of(second)))
    else {
        return false;
    };
    let (a, b) = (i128::from(first.minor), i128::from(second.minor));
    first.currency == second.currency && (a - b).abs() * TOLERANCE <= a.abs()
}

/// The amounts set apart, as values: enough for [`second_look`].
#[must_use]
pub fn amounts(
    currency: Option<String>,
    price: Option<i64>,
    list_price: Option<i64>,
    buy_box_price: Option<i64>,
) -> Values {
    Values {
        offer: if price.is_some() {
            Offer::Offered
        } else {
            Offer::NotCollected
        },
        currency,
        price,
        list_price,
        buy_box_price,
        ..Values::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn priced(minor: i64, currency: &str) -> Values {
        amounts(Some(currency.into()), Some(minor), None, None)
    }

    fn usd(minor: i64) -> Values {
        priced(minor, "USD")
    }

    fn trusting(values: &Values) -> Trusted {
        let mut known = LastKnown::default();
        known.learn(values);
        Trusted::of(Some(values), &known)
    }

    #[test]
    fn twenty_times_off_is_doubted_and_less_is_not() {
        let trusted = trusting(&usd(2_000));
        for likely in [101, 1_000, 2_000, 39_999] {
            assert_eq!(doubt(&trusted, &usd(likely)), None, "{likely}");
        }
        for unlikely in [1, 100, 40_000, i64::MAX] {
            assert!(doubt(&trusted, &usd(unlikely)).is_some(), "{unlikely}");
        }
        let told = doubt(&trusted, &usd(50_000)).expect("doubted").to_string();
        assert_eq!(
            told,
            "price went from 20.00 USD to 500.00 USD, 20 times off or more"
        );
    }

    #[test]
    fn another_currency_is_doubted_whatever_the_figure() {
        let trusted = trusting(&usd(2_000));
        let told = doubt(&trusted, &priced(2_000, "EUR")).expect("doubted");
        assert_eq!(told.to_string(), "price came in EUR after USD");
    }

    #[test]
    fn the_first_price_is_believed_unless_it_is_a_placeholder() {
        let nothing = Trusted::default();
        assert_eq!(doubt(&nothing, &usd(2)), None);
        assert!(doubt(&nothing, &usd(1)).is_some());
        assert_eq!(
            doubt(&trusting(&usd(1)), &usd(1)),
            None,
            "once confirmed it is known"
        );
    }

    #[test]
    fn a_list_price_is_measured_by_the_last_one_or_by_the_price() {
        let with_list = |list| Values {
            list_price: Some(list),
            ..usd(2_000)
        };
        assert!(doubt(&trusting(&usd(2_000)), &with_list(40_000)).is_some());
        assert_eq!(
            doubt(&trusting(&with_list(40_000)), &with_list(42_000)),
            None
        );
        let seller = Values {
            buy_box_price: Some(90),
            ..usd(2_000)
        };
        assert!(doubt(&trusting(&usd(2_000)), &seller).is_some());
    }

    #[test]
    fn a_second_look_confirms_dismisses_or_takes_the_place() {
        let trusted = trusting(&usd(2_000));
        let apart = usd(100_000);
        let look = |values: &Values| second_look(&trusted, &apart, values);
        assert_eq!(look(&usd(100_000)), SecondLook::Confirms);
        assert_eq!(look(&usd(105_000)), SecondLook::Confirms);
        assert!(matches!(look(&usd(105_001)), SecondLook::Replaces(_)));
        assert!(matches!(
            look(&priced(100_000, "EUR")),
            SecondLook::Replaces(_)
        ));
        assert_eq!(look(&usd(2_100)), SecondLook::Dismisses);
        let at_the_edge = second_look(&trusted, &usd(100), &usd(102));
        assert_eq!(
            at_the_edge,
            SecondLook::Confirms,
            "likely by itself, and the same"
        );
        assert_eq!(look(&Values::default()), SecondLook::Silent);
    }

    fn any_values() -> impl Strategy<Value = Values> {
        let amount = || proptest::option::of(1..=i64::MAX);
        let currency = prop_oneof![Just("USD"), Just("JPY"), Just("KWD")];
        (currency, amount(), amount(), amount()).prop_map(|(currency, price, list, buy_box)| {
            amounts(Some(currency.into()), price, list, buy_box)
        })
    }

    proptest! {
        /// What was believed is believed again, and nothing overflows.
        #[test]
        fn what_is_known_is_never_doubted(values in any_values()) {
            let mut known = LastKnown::default();
            known.learn(&values);
            if values.price.is_some() {
                prop_assert_eq!(doubt(&Trusted::of(Some(&values), &known), &values), None);
            }
        }

        /// The same look twice is always an answer: nothing stays doubted for ever.
        #[test]
        fn the_same_again_confirms(before in any_values(), values in any_values()) {
            let trusted = trusting(&before);
            if doubt(&trusted, &values).is_some() {
                prop_assert_eq!(second_look(&trusted, &values, &values), SecondLook::Confirms);
            }
        }

        /// Whatever is not doubted never stays apart as doubted, and the other way round.
        #[test]
        fn a_look_is_either_likely_or_doubtful(
            before in any_values(), apart in any_values(), values in any_values(),
        ) {
            let trusted = trusting(&before);
            let doubtful = doubt(&trusted, &values).is_some();
            let judged = second_look(&trusted, &apart, &values);
            match judged {
                SecondLook::Replaces(_) => prop_assert!(doubtful),
                SecondLook::Dismisses | SecondLook::Silent => prop_assert!(!doubtful),
                SecondLook::Confirms => {}
            }
        }

        /// Scale does not matter, only the factor does.
        #[test]
        fn the_factor_decides(price in 2_i64..1_000_000_000, factor in 1_i64..1_000) {
            let trusted = trusting(&usd(price));
            prop_assert_eq!(doubt(&trusted, &usd(price * factor)).is_some(), factor >= 20);
        }
    }
}
