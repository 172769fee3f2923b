//! Rows of the Amazon catalogue and how a row becomes a listing.

use crate::market::{
    listing::{Detail, Glyph, Listing, ListingKey, Offering, Seller, Source, Tempo},
    money::Money,
    place,
};

/// One product, as compact as a table row.
pub(super) struct Row {
    pub marketplace: &'static str,
    pub asin: &'static str,
    pub title: &'static str,
    pub brand: &'static str,
    /// Joined by " > ", root first.
    pub breadcrumbs: &'static str,
    pub glyph: Glyph,
    /// Regular price and struck-through price (0 = none), in minor units.
    pub price: (i64, i64),
    /// Usual ranks in the root and leaf category.
    pub ranks: (u32, u32),
    pub rating: f64,
    /// Reviews at the epoch and new ones a day.
    pub reviews: (u32, f64),
    pub tempo: Tempo,
    pub scarcity: f64,
    /// Usual seller, then the one that undercuts; "Amazon" sells without an id.
    pub sellers: &'static [&'static str],
    pub variant: &'static str,
    pub features: &'static [&'static str],
    pub attributes: &'static [(&'static str, &'static str)],
}

/// The listing of a row.
pub(super) fn listing(row: &Row) -> Listing {
    let currency = place::amazon_place(row.marketplace)
        .map_or(iso_currency::Currency::USD, |place| place.currency);
    let owned = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    Listing {
        key: ListingKey::new(Source::Amazon, row.marketplace, row.asin),
        title: row.title.to_owned(),
        brand: row.brand.to_owned(),
        series: None,
        breadcrumbs: row.breadcrumbs.split(" > ").map(str::to_owned).collect(),
        features: owned(row.features),
        attributes: row
            .attributes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        price: Money::new(row.price.0, currency),
        tempo: row.tempo,
        scarcity: row.scarcity,
        glyph: row.glyph,
        detail: Detail::Amazon(Offering {
            rank: row.ranks.0,
            leaf_rank: row.ranks.1,
            rating: row.rating,
            reviews: row.reviews.0,
            reviews_per_day: row.reviews.1,
            sellers: row.sellers.iter().map(|name| seller(name)).collect(),
            list_price: (row.price.1 > 0).then(|| Money::new(row.price.1, currency)),
            variant: row.variant.to_owned(),
        }),
    }
}

/// A seller with an id in Amazon's form, derived from the name.
pub(crate) fn seller(name: &str) -> Seller {
    if name.starts_with("Amazon") {
        return Seller {
            name: name.to_owned(),
            id: None,
        };
    }
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
    let noise = crate::market::noise::Noise::new(0).of(name);
    let tail = (0..13).map(|n| char::from(*noise.nth(n).pick(LETTERS)));
    Seller {
        name: name.to_owned(),
        id: Some(std::iter::once('A').chain(tail).collect()),
    }
}
