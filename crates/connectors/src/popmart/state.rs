//! Where a product stands in its life at one instant.

use chrono::{DateTime, Utc};
use domain::availability::Availability;

use super::goods::Goods;

#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// Whether the shop's own words let it be bought; stock decides the rest.
    sells: bool,
    /// The shop's word that it can be had, where it gives one.
    available: Option<bool>,
    /// Not released yet.
    announced: bool,
    /// Said to be sold before its release.
    by_word: bool,
    /// Taken down for good.
    ended: bool,
}

impl State {
    /// Where `goods` stand at `now`.
    pub(crate) fn of(goods: &Goods, now: DateTime<Utc>) -> Self {
        let sale = &goods.sale;
        let tagged = |words: &[&str]| {
            goods
                .tags
                .iter()
                .any(|tag| words.contains(&tag.to_uppercase().replace([' ', '-'], "_").as_str()))
        };
        let ended = sale.until.is_some_and(|until| until <= now);
        let sold_out = sale.sold_out || tagged(&["OUT_OF_STOCK", "SOLD_OUT"]);
        Self {
            sells: sale.published != Some(false)
                && sale.available != Some(false)
                && !sold_out
                && !ended,
            available: sale.available,
            announced: sale.from.is_some_and(|from| from > now) || tagged(&["COMING_SOON"]),
            by_word: goods.says(&[
                "pre-order",
                "preorder",
                "pre order",
                "presale",
                "pre-sale",
                "pre sale",
            ]),
            ended,
        }
    }

    /// Whether what has this stock can be bought now.
    pub(crate) fn in_stock(self, stocked: Option<bool>) -> Option<bool> {
        match (self.sells, self.announced) {
            (false, _) => Some(false),
            // Stock waits for the release; only the shop's own word lets it be ordered before.
            (true, true) if self.available.is_none() && !self.by_word => Some(false),
            (true, _) => stocked,
        }
    }

    /// Whether the product as a whole can be bought now.
    pub(crate) fn whole_in_stock(self, stocked: Option<bool>) -> Option<bool> {
        self.in_stock(stocked.or(self.available))
    }

    pub(crate) fn availability(self, in_stock: Option<bool>) -> Availability {
        match (self.ended, self.announced || self.by_word, in_stock) {
            (true, ..) => Availability::Discontinued,
            (_, true, Some(true)) => Availability::PreOrder,
            _ if self.announced => Availability::ComingSoon,
            (.., Some(true)) => Availability::InStock,
            (.., Some(false)) => Availability::OutOfStock,
            (.., None) => Availability::Unknown,
        }
    }

    /// Whether it is sold before its release.
    pub(crate) fn pre_order(self, in_stock: Option<bool>) -> bool {
        self.by_word || self.announced && in_stock == Some(true)
    }

    pub(crate) fn announced(self) -> bool {
        self.announced
    }
}
