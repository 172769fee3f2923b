//! The PopMart catalogue: invented series, sold by the box, by the set and as single figures.

use chrono::DateTime;
use iso_currency::Currency;

use crate::market::{
    listing::{Detail, Glyph, Listing, ListingKey, Release, Sku, Source, Tempo},
    money::Money,
    place,
};

/// How a product is sold.
#[derive(Clone, Copy)]
enum Form {
    /// Blind boxes: single, or a whole set of so many.
    Boxes(i64),
    /// One known piece.
    Piece,
}

/// How a product is released.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Steady,
    Fresh,
    Limited,
    Announced,
}

struct Row(
    &'static str, // marketplace
    i64,          // product id
    &'static str, // series (intellectual property) name
    &'static str, // title
    &'static str, // material
    Form,
    i64, // price of one box or piece, minor units
    Run,
    Tempo,
    f64, // scarcity
    Glyph,
);

use Form::{Boxes, Piece};
use Glyph::{Crate, Figure, Pendant, Plush};
use Run::{Announced, Fresh, Limited, Steady};
use Tempo::{Brisk, Calm, Daily, Live};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("US", 4107, "MOONLET", "MOONLET Lantern Festival Series Figures", "PVC/ABS", Boxes(12), 1_699, Steady, Daily, 0.35, Figure),
    Row("US", 4112, "MOONLET", "MOONLET Sleepless City Series-Vinyl Plush Pendant Blind Box", "Vinyl Plush", Boxes(6), 2_799, Fresh, Live, 0.75, Pendant),
    Row("US", 4118, "MOONLET", "MOONLET - THE LAST TRAIN HOME 1/8 Action Figure", "PVC/ABS", Piece, 8_999, Limited, Calm, 0.0, Figure),
    Row("US", 4121, "MOONLET", "MOONLET Tidal Pool Series Scene Sets", "PVC/ABS", Boxes(8), 2_199, Steady, Calm, 0.25, Crate),
    Row("US", 4203, "PIKO & PALS", "PIKO & PALS Bakery Street Series Figures", "PVC", Boxes(12), 1_499, Steady, Calm, 0.20, Figure),
    Row("US", 4209, "PIKO & PALS", "PIKO & PALS Rainy Day Club Series-Plush Doll", "Polyester", Boxes(9), 1_999, Fresh, Daily, 0.40, Plush),
    Row("US", 4214, "PIKO & PALS", "PIKO - GIANT DUMPLING Vinyl Plush Doll", "Vinyl Plush", Piece, 10_499, Limited, Calm, 0.0, Plush),
    Row("US", 4217, "PIKO & PALS", "PIKO & PALS Tiny Postman Series-Earphone Case", "PU/PVC", Boxes(6), 1_899, Steady, Brisk, 0.30, Pendant),
    Row("US", 4301, "NOCTURNE FOX", "NOCTURNE FOX Paper Theatre Series Figures", "PVC/ABS", Boxes(12), 1_699, Steady, Daily, 0.30, Figure),
    Row("US", 4306, "NOCTURNE FOX", "NOCTURNE FOX × Ink Garden Figurine", "Resin", Piece, 14_999, Limited, Calm, 0.0, Figure),
    Row("US", 4311, "NOCTURNE FOX", "NOCTURNE FOX Winter Mask Series-Vinyl Plush Pendant Blind Box", "Vinyl Plush", Boxes(6), 2_999, Announced, Calm, 0.0, Pendant),
    Row("US", 4402, "DRIZZLE", "DRIZZLE Everyday Puddles Series Figures", "PVC", Boxes(10), 1_599, Steady, Calm, 0.22, Figure),
    Row("US", 4405, "DRIZZLE", "DRIZZLE Cloud Nine Series-Plush Hanging Card", "Polyester", Boxes(8), 1_799, Fresh, Brisk, 0.45, Plush),
    Row("US", 4408, "DRIZZLE", "DRIZZLE - STAY A LITTLE LONGER Vinyl Face Doll", "Vinyl Plush", Piece, 5_999, Steady, Daily, 0.50, Plush),
    Row("US", 4501, "TINY CURATORS", "TINY CURATORS Museum After Dark Series Figures", "PVC/ABS", Boxes(12), 1_699, Steady, Calm, 0.20, Figure),
    Row("US", 4504, "TINY CURATORS", "TINY CURATORS Fossil Hunters Series Fridge Magnet", "ABS", Boxes(9), 1_299, Steady, Daily, 0.18, Crate),
    Row("US", 4507, "TINY CURATORS", "TINY CURATORS - NIGHT GUARD 400% Figure", "PVC/ABS", Piece, 18_900, Announced, Calm, 0.0, Figure),
    Row("US", 4602, "BUMBLETON", "BUMBLETON Honey Parade Series Figures", "PVC", Boxes(12), 1_499, Fresh, Daily, 0.35, Figure),
    Row("US", 4606, "BUMBLETON", "BUMBLETON Picnic Basket Series-Plush Bag Charm", "Polyester", Boxes(6), 2_299, Steady, Live, 0.70, Pendant),
    Row("US", 4609, "BUMBLETON", "BUMBLETON - QUEEN OF THE MEADOW Figurine", "Resin", Piece, 11_900, Steady, Calm, 0.40, Figure),
    Row("US", 4701, "OTTER ORBIT", "OTTER ORBIT Space Laundry Series Figures", "PVC/ABS", Boxes(12), 1_699, Steady, Brisk, 0.28, Figure),
    Row("US", 4704, "OTTER ORBIT", "OTTER ORBIT Zero Gravity Series-Vinyl Plush Pendant Blind Box", "Vinyl Plush", Boxes(6), 2_799, Limited, Calm, 0.0, Pendant),
    Row("JP", 4112, "MOONLET", "MOONLET 眠らない街シリーズ ぬいぐるみペンダント ブラインドボックス", "Vinyl Plush", Boxes(6), 3_300, Fresh, Daily, 0.60, Pendant),
    Row("JP", 4301, "NOCTURNE FOX", "NOCTURNE FOX 紙の劇場シリーズ フィギュア", "PVC/ABS", Boxes(12), 1_980, Steady, Calm, 0.25, Figure),
    Row("GB", 4203, "PIKO & PALS", "PIKO & PALS Bakery Street Series Figures", "PVC", Boxes(12), 1_350, Steady, Calm, 0.22, Figure),
];

/// Collection of each series, PopMart's `brandId`.
const COLLECTIONS: &[(&str, i64)] = &[
    ("MOONLET", 41),
    ("PIKO & PALS", 42),
    ("NOCTURNE FOX", 43),
    ("DRIZZLE", 44),
    ("TINY CURATORS", 45),
    ("BUMBLETON", 46),
    ("OTTER ORBIT", 47),
];

/// The collection of a series; series that the catalogue does not know share one.
pub(crate) fn collection(series: &str) -> i64 {
    COLLECTIONS
        .iter()
        .find(|(name, _)| *name == series)
        .map_or(99, |(_, id)| *id)
}

/// Every PopMart listing of the catalogue.
pub(super) fn listings() -> impl Iterator<Item = Listing> {
    ROWS.iter().map(listing)
}

fn listing(row: &Row) -> Listing {
    let Row(marketplace, id, ip, title, material, form, price, run, tempo, scarcity, glyph) = *row;
    let currency = place::popmart_currency(marketplace).unwrap_or(Currency::USD);
    let sku = |number: i64, title: &str, boxes: i64| Sku {
        id: (id * 2 - 1_000 + number).to_string(),
        title: title.to_owned(),
        price: Money::new(price * boxes, currency),
        boxes,
    };
    let words = if marketplace == "JP" {
        ["シングル", "セット"]
    } else {
        ["Single box", "Whole set"]
    };
    let (skus, kind) = match form {
        Boxes(count) => (
            vec![sku(0, words[0], 1), sku(1, words[1], count)],
            "Blind Box",
        ),
        Piece => (
            vec![sku(
                0,
                if marketplace == "JP" {
                    "単品"
                } else {
                    "Default"
                },
                1,
            )],
            "Figurines",
        ),
    };
    // First sales between late 2023 and mid 2025, later for higher ids.
    let released = 1_700_000_000 + (id - 4_100) * 80_000;
    Listing {
        key: ListingKey::new(Source::Popmart, marketplace, id.to_string()),
        title: title.to_owned(),
        brand: ip.to_owned(),
        series: Some(ip.to_owned()),
        breadcrumbs: vec![kind.to_owned(), ip.to_owned()],
        features: Vec::new(),
        attributes: vec![("Material".to_owned(), material.to_owned())],
        price: Money::new(price, currency),
        tempo,
        scarcity,
        glyph,
        detail: Detail::Popmart(Release {
            skus,
            limited: run == Limited,
            fresh: matches!(run, Fresh | Announced),
            pre_order: run == Announced,
            blind_box: matches!(form, Boxes(_)),
            released: DateTime::from_timestamp(released, 0).unwrap_or_default(),
            per_customer: if run == Limited { 1 } else { 6 },
            material: material.to_owned(),
            collection: collection(ip),
        }),
    }
}
