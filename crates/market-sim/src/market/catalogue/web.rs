//! The web shop's catalogue: one page for each way to tell a product, in the languages of its countries.

use crate::market::{
    listing::{Charset, Detail, Glyph, Listing, ListingKey, Markup, Shown, Sku, Source, Tempo},
    money::Money,
    place,
};

struct Row(
    &'static str, // marketplace
    &'static str, // last part of the address; its beginning says how the page is marked up
    &'static str, // title
    &'static str, // brand
    &'static str, // category path
    i64,          // price, minor units
    Charset,
    Tempo,
    f64, // scarcity
    Glyph,
);

use Charset::{Gbk, Latin1, ShiftJis, Utf8};
use Glyph::{Bottle, Dripper, Earplugs, Grinder, Headphones, Kettle, Lamp, Mug, Scale, Speaker};
use Tempo::{Brisk, Calm, Daily, Live};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("US", "linked-kettle", "Copperline Gooseneck Kettle 0.9 L", "Copperline", "Kitchen > Kettles", 6_499, Utf8, Live, 0.20, Kettle),
    Row("DE", "micro-lampe", "Tischleuchte Nordlicht, dimmbar", "Lichtwerk Aue", "Wohnen > Leuchten", 12_990, Utf8, Daily, 0.25, Lamp),
    Row("FR", "rdfa-gourde", "Gourde isotherme 750 ml", "Brumeval", "Cuisine > Gourdes", 2_990, Latin1, Daily, 0.25, Bottle),
    Row("GB", "graph-grinder", "Hand Grinder Mk II", "Tolvane", "Coffee > Grinders", 8_900, Utf8, Brisk, 0.30, Grinder),
    Row("NL", "plain-weegschaal", "Keukenweegschaal Vlak 5 kg", "Vlak", "Keuken > Weegschalen", 3_495, Utf8, Calm, 0.15, Scale),
    Row("US", "mixed-speaker", "Pocket Speaker Two", "Harrow Audio", "Electronics > Speakers", 4_999, Utf8, Calm, 0.10, Speaker),
    Row("US", "group-mug", "Travel Mug Ridge", "Marrow Bay", "Kitchen > Mugs", 2_400, Utf8, Daily, 0.20, Mug),
    Row("ES", "range-auriculares", "Auriculares Marea", "Sonora Sur", "Audio > Auriculares", 5_990, Utf8, Daily, 0.20, Headphones),
    Row("JP", "micro-dripper", "陶器ドリッパー 二人用", "山霧窯", "コーヒー > ドリッパー", 2_980, ShiftJis, Daily, 0.30, Dripper),
    Row("CN", "linked-beizi", "随行保温杯 480毫升", "青岚", "厨房 > 水杯", 12_900, Gbk, Daily, 0.25, Mug),
    Row("TW", "plain-taideng", "護眼檯燈 小月", "暖屋", "居家 > 檯燈", 168_000, Utf8, Daily, 0.30, Lamp),
    Row("KR", "plain-iyeopeon", "무선 이어폰 하루", "하루소리", "오디오 > 이어폰", 89_000, Utf8, Daily, 0.30, Earplugs),
    Row("IT", "plain-bollitore", "Bollitore elettrico Onda", "Onda", "Cucina > Bollitori", 4_990, Utf8, Daily, 0.25, Kettle),
    Row("PT", "linked-garrafa", "Garrafa térmica Maré", "Maré", "Cozinha > Garrafas", 2_490, Utf8, Calm, 0.20, Bottle),
    Row("PL", "micro-mlynek", "Młynek ręczny Ziarno", "Ziarno", "Kawa > Młynki", 24_900, Utf8, Daily, 0.25, Grinder),
];

/// All listings.
pub(super) fn listings() -> Vec<Listing> {
    let all = ROWS.iter().filter_map(|row| {
        let Row(marketplace, slug, title, brand, path, minor, charset, tempo, scarcity, glyph) =
            row;
        let key = ListingKey::new(Source::Web, *marketplace, *slug);
        let price = Money::new(*minor, place::web_currency(marketplace)?);
        let listing = plain(key, (*title).to_owned(), brand, price, *charset);
        Some(Listing {
            breadcrumbs: path.split(" > ").map(str::to_owned).collect(),
            tempo: *tempo,
            scarcity: *scarcity,
            glyph: *glyph,
            ..listing
        })
    });
    all.collect()
}

/// A believable page for an address that nobody has thought of.
pub(crate) fn invented(key: &ListingKey, minor: i64) -> Option<Listing> {
    let currency = place::web_currency(&key.marketplace)?;
    // Yen and won have no hundredths.
    let price = Money::new(minor, currency).charming();
    let title = key.external_id.replace('-', " ");
    Some(plain(key.clone(), title, "Fernhill", price, Utf8))
}

fn plain(key: ListingKey, title: String, brand: &str, price: Money, charset: Charset) -> Listing {
    let markup = markup(&key.external_id);
    let forms: &[(&str, f64)] = match markup {
        Markup::Variants => &[("S", 1.0), ("M", 1.25), ("L", 1.5)],
        _ => &[],
    };
    let skus = forms.iter().map(|(size, factor)| Sku {
        id: format!("{}-{size}", key.external_id.to_uppercase()),
        title: format!("{title} {size}"),
        price: price.scaled(*factor),
        boxes: 1,
    });
    let skus = skus.collect();
    Listing {
        key,
        brand: brand.to_owned(),
        series: None,
        breadcrumbs: vec!["Shop".to_owned()],
        features: Vec::new(),
        attributes: Vec::new(),
        price,
        tempo: Calm,
        scarcity: 0.0,
        glyph: Glyph::Crate,
        detail: Detail::Web(Shown {
            markup,
            charset,
            skus,
        }),
        title,
    }
}

/// How a page is marked up, by the beginning of its name.
fn markup(slug: &str) -> Markup {
    match slug.split('-').next().unwrap_or_default() {
        "micro" => Markup::Microdata,
        "rdfa" => Markup::Rdfa,
        "graph" => Markup::OpenGraph,
        "plain" => Markup::Text,
        "mixed" => Markup::Contradicting,
        "group" => Markup::Variants,
        "range" => Markup::Range,
        _ => Markup::JsonLd,
    }
}
