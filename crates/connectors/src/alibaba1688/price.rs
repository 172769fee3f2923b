//! What a product costs: by SKU or by quantity, for the smallest order that may be placed.

use domain::money::{Currency, Money};
use rust_decimal::{Decimal, RoundingStrategy};

use super::fields::{Figure, Told};
use super::product::{Product, Sku};
use crate::json::Object;

/// The price from a number of pieces on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub from: i64,
    pub price: Figure,
    pub promotion: Figure,
}

/// A price in minor units, with the one before a promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Price {
    /// Nobody tells one.
    Absent,
    /// One is told, but it is none; what was written.
    Wrong(String),
    /// More than zero.
    Known { price: i64, list: Option<i64> },
}

/// All prices are in yuan: other currencies come only when asked for.
pub(super) fn yuan() -> Option<Currency> {
    Currency::parse("CNY").ok()
}

/// Reads `[{startQuantity, price, promotionPrice?}]`, in the order of quantities.
pub(super) fn ranges<'a>(rows: impl Iterator<Item = Object<'a>>) -> Vec<Range> {
    let mut ranges: Vec<Range> = rows
        .map(|row| Range {
            from: row.count("startQuantity").unwrap_or(1).max(1),
            price: row.price("price"),
            promotion: row.price("promotionPrice"),
        })
        .filter(|range| range.price != Figure::Absent)
        .collect();
    ranges.sort_by_key(|range| range.from);
    ranges
}

/// A price and its promotion. A promotion that is no price, or not below the price, is none.
pub(super) fn price(full: &Figure, promotion: &Figure) -> Price {
    let full = match full {
        Figure::Absent => return Price::Absent,
        Figure::Wrong(text) => return Price::Wrong(text.clone()),
        Figure::Yuan(amount) => *amount,
    };
    let Some(price) = minor(full) else {
        return Price::Wrong(full.to_string());
    };
    match promotion.yuan().and_then(minor) {
        Some(reduced) if reduced < price => Price::Known {
            price: reduced,
            list: Some(price),
        },
        _ => Price::Known { price, list: None },
    }
}

/// Fen. Prices finer than that (0.035 a bag) are rounded to the nearest, never to nothing.
fn minor(amount: Decimal) -> Option<i64> {
    let rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Money::from_major(rounded, yuan()?)
        .ok()
        .map(|money| money.minor)
        .filter(|minor| *minor > 0)
}

impl Product {
    /// The price of the smallest order by quantity.
    fn by_quantity(&self) -> Price {
        let smallest = self.min_order.unwrap_or(1);
        let range = self
            .ranges
            .iter()
            .rev()
            .find(|range| range.from <= smallest)
            .or(self.ranges.first());
        range.map_or(Price::Absent, |range| price(&range.price, &range.promotion))
    }

    /// Whether quantity decides, and not the SKU.
    fn quoted_by_quantity(&self) -> bool {
        matches!(self.quote, Some(0 | 2)) && !self.ranges.is_empty()
    }

    /// What one SKU costs: its own price, or that of the quantity where the product is quoted so or
    /// the SKU names none.
    pub(super) fn price_of(&self, sku: &Sku) -> Price {
        let own = price(&sku.price, &sku.promotion);
        match own {
            Price::Absent => self.by_quantity(),
            _ if self.quoted_by_quantity() => self.by_quantity(),
            own => own,
        }
    }

    /// What the product costs: by quantity where it is quoted so, else its cheapest SKU; of those
    /// that can be bought, as long as there are any.
    pub(super) fn price(&self) -> Price {
        if self.quoted_by_quantity() || self.skus.is_empty() {
            return self.by_quantity();
        }
        let cheapest = |buyable: bool| {
            self.skus
                .iter()
                .filter(|sku| !buyable || sku.stock != Some(0))
                .filter_map(|sku| match self.price_of(sku) {
                    Price::Known { price, list } => Some((price, list)),
                    _ => None,
                })
                .min_by_key(|(price, _)| *price)
        };
        if let Some((price, list)) = cheapest(true).or_else(|| cheapest(false)) {
            return Price::Known { price, list };
        }
        let wrong = self.skus.iter().map(|sku| self.price_of(sku));
        wrong
            .into_iter()
            .find(|price| matches!(price, Price::Wrong(_)))
            .unwrap_or(Price::Absent)
    }

    /// `1-9: 12.50 CNY; 10+: 11.00 CNY`, in the seller's own figures.
    pub(super) fn ranges_text(&self) -> Option<String> {
        let known: Vec<(i64, Decimal)> = self
            .ranges
            .iter()
            .filter_map(|range| {
                let full = range.price.yuan()?;
                let reduced = range.promotion.yuan().filter(|reduced| *reduced < full);
                Some((range.from, reduced.unwrap_or(full)))
            })
            .collect();
        let text: Vec<String> = known
            .iter()
            .enumerate()
            .map(|(place, (from, amount))| {
                let quantity = match known.get(place + 1) {
                    Some((next, _)) if *next > from + 1 => format!("{from}-{}", next - 1),
                    Some(_) => from.to_string(),
                    None => format!("{from}+"),
                };
                format!("{quantity}: {} CNY", figure(*amount))
            })
            .collect();
        (!text.is_empty()).then(|| text.join("; "))
    }
}

/// An amount with two decimals, or more where the seller has more.
pub(super) fn figure(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yuan(text: &str) -> Figure {
        Figure::Yuan(text.parse().expect("a number"))
    }

    fn range(from: i64, price: &str) -> Range {
        Range {
            from,
            price: yuan(price),
            promotion: Figure::Absent,
        }
    }

    fn sku(price: Figure, stock: i64) -> Sku {
        Sku {
            price,
            stock: Some(stock),
            ..Sku::default()
        }
    }

    fn known(price: i64) -> Price {
        Price::Known { price, list: None }
    }

    #[test]
    fn quantity_decides_by_the_smallest_order() {
        let mut product = Product {
            quote: Some(0),
            ranges: vec![range(1, "12.5"), range(10, "11"), range(100, "0.035")],
            ..Product::default()
        };
        assert_eq!(product.price(), known(1250));
        product.min_order = Some(50);
        assert_eq!(product.price(), known(1100));
        assert_eq!(
            product.ranges_text().as_deref(),
            Some("1-9: 12.50 CNY; 10-99: 11.00 CNY; 100+: 0.035 CNY")
        );
        product.min_order = Some(100);
        assert_eq!(product.price(), known(4), "rounded, not cut");
    }

    #[test]
    fn the_cheapest_sku_that_can_be_bought_decides() {
        let mut product = Product {
            quote: Some(1),
            ranges: vec![range(1, "9")],
            skus: vec![sku(yuan("5"), 0), sku(yuan("7"), 3), sku(Figure::Absent, 3)],
            ..Product::default()
        };
        assert_eq!(product.price(), known(700));
        assert_eq!(
            product.price_of(&product.skus[2]),
            known(900),
            "from the ranges"
        );
        product.skus[1].stock = Some(0);
        product.skus[2].stock = Some(0);
        assert_eq!(product.price(), known(500), "nothing can be bought");
        product.quote = Some(2);
        assert_eq!(product.price_of(&product.skus[0]), known(900));
    }

    #[test]
    fn a_promotion_lowers_the_price_and_never_raises_it() {
        let at = |promotion| price(&yuan("2.8"), &promotion);
        assert_eq!(
            at(yuan("2.66")),
            Price::Known {
                price: 266,
                list: Some(280)
            }
        );
        for none in [
            yuan("3"),
            yuan("2.8"),
            Figure::Absent,
            Figure::Wrong("0".into()),
        ] {
            assert_eq!(at(none), known(280));
        }
    }

    #[test]
    fn a_wrong_price_is_no_price() {
        let wrong = Figure::Wrong("0".into());
        let product = Product {
            quote: Some(1),
            skus: vec![sku(wrong, 3)],
            ..Product::default()
        };
        assert_eq!(product.price(), Price::Wrong("0".into()));
        assert_eq!(
            price(&yuan("0.001"), &Figure::Absent),
            Price::Wrong("0.001".into())
        );
    }
}
