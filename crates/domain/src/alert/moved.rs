//! What may have moved between two looks, in one number: spares rules from looks that do not concern them.

use super::Metric;
use crate::observation::Values;

/// A set of things that may have moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved(u16);

impl Moved {
    /// None of them.
    pub const NOTHING: Self = Self(0);
    /// Who holds the buy box.
    pub const SELLER: Self = Self(1 << 7);
    /// How it can be had.
    pub const AVAILABILITY: Self = Self(1 << 8);
    /// What the listing says of itself.
    pub const CONTENT: Self = Self(1 << 9);
    /// Whatever there is.
    pub const ANYTHING: Self = Self(u16::MAX);

    /// A metric.
    #[must_use]
    pub const fn of(metric: Metric) -> Self {
        Self(1 << metric.place())
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they have something in common.
    #[must_use]
    pub const fn touches(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// What two looks tell otherwise; that one of them did not learn something counts, too.
    #[must_use]
    pub fn between(before: &Values, after: &Values) -> Self {
        let offer = before.offer != after.offer || before.currency != after.currency;
        let bits = [
            (Metric::Price, offer || before.price != after.price),
            (
                Metric::ListPrice,
                offer || before.list_price != after.list_price,
            ),
            (
                Metric::BuyBoxPrice,
                offer || before.buy_box_price != after.buy_box_price,
            ),
            (Metric::Rank, before.rank() != after.rank()),
            (
                Metric::Rating,
                before.rating_hundredths != after.rating_hundredths,
            ),
            (
                Metric::ReviewCount,
                before.review_count != after.review_count,
            ),
            (
                Metric::StockQuantity,
                before.stock_quantity != after.stock_quantity,
            ),
        ];
        let mut moved = bits
            .into_iter()
            .filter(|(_, differs)| *differs)
            .fold(Self::NOTHING, |all, (metric, _)| all.and(Self::of(metric)));
        if before.buy_box_seller != after.buy_box_seller {
            moved = moved.and(Self::SELLER);
        }
        if offer || before.availability != after.availability || before.in_stock != after.in_stock {
            moved = moved.and(Self::AVAILABILITY);
        }
        moved
    }
}
