//! Believable listings for keys nobody has thought of: what control creates.

use chrono::DateTime;

use super::{
    catalogue::{alibaba1688, amazon::seller, haier, popmart::collection},
    listing::{
        Appliance, Detail, Glyph, Listing, ListingKey, Offering, Release, Sku, Source, Tempo,
        Wholesale,
    },
    money::Money,
    noise::Noise,
    place,
};

const BRANDS: &[&str] = &[
    "Fernhill",
    "Oakmoss",
    "Quillon",
    "Brightmere",
    "Palewater",
    "Juniper & Ash",
    "Tolvane",
    "Marrow Bay",
];
const ADJECTIVES: &[&str] = &[
    "Compact",
    "Foldable",
    "Insulated",
    "Wireless",
    "Everyday",
    "Premium",
    "Lightweight",
    "Classic",
];
const COLOURS: &[&str] = &["Slate", "Ivory", "Forest", "Terracotta", "Navy", "Black"];
const GOODS: &[(&str, &str, Glyph)] = &[
    (
        "Desk Lamp",
        "Tools & Home Improvement > Lighting & Ceiling Fans > Desk Lamps",
        Glyph::Lamp,
    ),
    (
        "Water Bottle",
        "Sports & Outdoors > Sports Water Bottles",
        Glyph::Bottle,
    ),
    (
        "Travel Mug",
        "Home & Kitchen > Kitchen & Dining > Insulated Tumblers",
        Glyph::Mug,
    ),
    (
        "Bluetooth Speaker",
        "Electronics > Portable Bluetooth Speakers",
        Glyph::Speaker,
    ),
    (
        "Headphones",
        "Electronics > Headphones & Earbuds > Over-Ear Headphones",
        Glyph::Headphones,
    ),
    (
        "Electric Kettle",
        "Home & Kitchen > Kitchen & Dining > Electric Kettles",
        Glyph::Kettle,
    ),
    (
        "Kitchen Scale",
        "Home & Kitchen > Kitchen & Dining > Kitchen Scales",
        Glyph::Scale,
    ),
];
const SERIES: &[&str] = &[
    "MOONLET",
    "PIKO & PALS",
    "NOCTURNE FOX",
    "DRIZZLE",
    "TINY CURATORS",
];
const THEMES: &[&str] = &[
    "Garden Party",
    "Night Market",
    "Snow Globe",
    "Secret Library",
    "Seaside Motel",
    "Toy Orchestra",
];

/// The listing of a key; calm, so that what control sets is all that moves while one watches.
pub(super) fn listing(noise: Noise, key: &ListingKey) -> Option<Listing> {
    let noise = noise.of("invented").of(&key.to_string());
    match key.source {
        Source::Amazon => amazon(noise, key),
        Source::Popmart => popmart(noise, key),
        Source::Haier => appliance(noise, key),
        Source::Alibaba1688 => wholesale(noise, key),
        Source::Web => {
            super::catalogue::web::invented(key, noise.of("price").between(1_200.0, 9_000.0) as i64)
        }
    }
}

fn amazon(noise: Noise, key: &ListingKey) -> Option<Listing> {
    let currency = place::amazon_place(&key.marketplace)?.currency;
    let brand = *noise.of("brand").pick(BRANDS);
    let adjective = *noise.of("adjective").pick(ADJECTIVES);
    let colour = *noise.of("colour").pick(COLOURS);
    let (thing, breadcrumbs, glyph) = *noise.of("good").pick(GOODS);
    let model = format!(
        "{}-{:03}",
        &brand[..2].to_uppercase(),
        noise.of("model").below(1_000)
    );
    let price = Money::new(noise.of("price").between(1_200.0, 9_000.0) as i64, currency);
    Some(Listing {
        key: key.clone(),
        title: format!("{brand} {adjective} {thing}, {model}, {colour}"),
        brand: brand.to_owned(),
        series: None,
        breadcrumbs: breadcrumbs.split(" > ").map(str::to_owned).collect(),
        features: vec![
            format!(
                "{} – Made for the way you use a {} every day.",
                adjective.to_uppercase(),
                thing.to_lowercase()
            ),
            "EASY TO CARE FOR – Wipe clean, store away, use again.".to_owned(),
            format!("TWO YEARS – {brand} repairs or replaces it."),
        ],
        attributes: vec![
            ("Color".to_owned(), colour.to_owned()),
            ("Model Number".to_owned(), model),
        ],
        price: if price.exponent() == 0 {
            price.scaled(1.0).charming()
        } else {
            price.charming()
        },
        tempo: Tempo::Calm,
        scarcity: 0.0,
        glyph,
        detail: Detail::Amazon(Offering {
            rank: noise.of("rank").between(300.0, 20_000.0) as u32,
            leaf_rank: noise.of("leaf").between(5.0, 200.0) as u32,
            rating: noise.of("rating").between(3.9, 4.7),
            reviews: noise.of("reviews").between(80.0, 6_000.0) as u32,
            reviews_per_day: noise.of("pace").between(0.5, 6.0),
            sellers: vec![seller(&format!("{brand} Direct"))],
            list_price: None,
            variant: colour.to_owned(),
        }),
    })
}

fn popmart(noise: Noise, key: &ListingKey) -> Option<Listing> {
    let currency = place::popmart_currency(&key.marketplace)?;
    let ip = *noise.of("series").pick(SERIES);
    let theme = *noise.of("theme").pick(THEMES);
    let label = Money::new(noise.of("price").between(1_299.0, 2_999.0) as i64, currency).charming();
    Some(Listing {
        key: key.clone(),
        title: format!("{ip} {theme} Series Figures"),
        brand: ip.to_owned(),
        series: Some(ip.to_owned()),
        breadcrumbs: vec!["Blind Box".to_owned(), ip.to_owned()],
        features: Vec::new(),
        attributes: vec![("Material".to_owned(), "PVC/ABS".to_owned())],
        price: label,
        tempo: Tempo::Calm,
        scarcity: 0.0,
        glyph: Glyph::Figure,
        detail: Detail::Popmart(Release {
            // One SKU only: a price or stock that is set then has one place to go.
            skus: vec![Sku {
                id: noise
                    .of("sku")
                    .below(90_000)
                    .saturating_add(10_000)
                    .to_string(),
                title: "Single box".to_owned(),
                price: label,
                boxes: 1,
            }],
            limited: false,
            fresh: false,
            pre_order: false,
            blind_box: true,
            released: DateTime::from_timestamp(1_740_000_000, 0)?,
            per_customer: 6,
            material: "PVC/ABS".to_owned(),
            collection: collection(ip),
        }),
    })
}

fn appliance(noise: Noise, key: &ListingKey) -> Option<Listing> {
    let currency = place::haier_currency(&key.marketplace)?;
    let kind = *noise.of("kind").pick(&haier::Kind::ALL);
    let brand = *noise.of("brand").pick(&["澜川", "青禾", "风屿", "暖象"]);
    let yuan = noise.of("price").between(600.0, 5_000.0) as i64;
    let supply = Money::new(yuan * 100, currency);
    let model = format!("HX{:03}", noise.of("model").below(1_000));
    let details = Appliance {
        group: kind.group().to_owned(),
        market_price: supply.scaled(1.25),
        direct_rebate: 0,
        unit_rebate: Money::new(0, currency),
        erratic: false,
    };
    Some(haier::plain(
        key.clone(),
        format!("{model} {}", kind.group()),
        brand,
        kind,
        supply,
        details,
    ))
}

/// Quoted by quantity with one price: a price or stock that is set then has one place to go.
fn wholesale(noise: Noise, key: &ListingKey) -> Option<Listing> {
    let currency = place::alibaba1688_currency(&key.marketplace)?;
    let goods = &[
        ("折叠雨伞", "Folding umbrella"),
        ("硅胶餐垫", "Silicone placemat"),
        ("帆布袋", "Canvas bag"),
    ];
    let (title, english) = *noise.of("good").pick(goods);
    let details = Wholesale {
        english: english.to_owned(),
        quote: 0,
        skus: Vec::new(),
        ranges: vec![(1, 100)],
        min_order: 1,
        unit: ("个".to_owned(), "piece".to_owned()),
        supplier: alibaba1688::supplier(noise.of("supplier").below(4) as usize),
        categories: [67, 6_702, 6_702_099],
        material: "混合".to_owned(),
        grams: noise.of("weight").between(50.0, 900.0) as i64,
    };
    let price = Money::new(noise.of("price").between(300.0, 9_000.0) as i64, currency);
    Some(alibaba1688::plain(
        key.clone(),
        &format!("{title} 现货批发 {}", noise.of("model").below(1_000)),
        "无牌",
        price,
        details,
    ))
}
