//! Products of Amazon's other marketplaces.

use super::amazon::Row;
use crate::market::listing::{Glyph, Tempo};

/// amazon.co.uk, .de, .co.jp, .ca and .com.au.
#[rustfmt::skip] // a table: one product reads better in few long lines
pub(super) const ROWS: &[Row] = &[
    Row {
        marketplace: "GB", asin: "B0CP6GH8RX", brand: "Wrenfield", glyph: Glyph::Kettle,
        title: "Wrenfield Electric Kettle, 1.7L 3000W Rapid Boil, Quiet Design, Brushed Stainless Steel with Limescale Filter, Cream",
        breadcrumbs: "Home & Kitchen > Kitchen & Home Appliances > Small Kitchen Appliances > Kettles & Hot Water Dispensers > Kettles",
        price: (3499, 4499), ranks: (286, 5), rating: 4.5, reviews: (8_820, 16.0),
        tempo: Tempo::Daily, scarcity: 0.12, sellers: &["Wrenfield Home", "Amazon"], variant: "Cream",
        features: &[
            "A CUP IN 45 SECONDS – 3 kW boils one cup before the bag is out of the box.",
            "QUIET – About half as loud as an ordinary kettle.",
            "SCALE FILTER – Lifts out and rinses clean.",
        ],
        attributes: &[("Colour", "Cream"), ("Material", "Stainless Steel"), ("Capacity", "1.7 litres"), ("Wattage", "3000 watts"), ("Model Number", "WF-K30-CR")],
    },
    Row {
        marketplace: "GB", asin: "B0D7SN4KYM", brand: "Hushwell", glyph: Glyph::Earplugs,
        title: "Hushwell Day Ear Plugs for Noise Sensitivity & Focus – Reusable Silicone Earplugs with Acoustic Filter, 18dB, Office, Festivals, Parenting, Rose",
        breadcrumbs: "Health & Personal Care > Medication & Remedies > Ear Care > Ear Plugs",
        price: (2195, 0), ranks: (143, 2), rating: 4.2, reviews: (7_405, 21.0),
        tempo: Tempo::Brisk, scarcity: 0.10, sellers: &["Hushwell UK", "Corner Chemist Online"], variant: "Rose",
        features: &[
            "TURN THE WORLD DOWN, NOT OFF – 18 dB with an acoustic filter that keeps voices clear.",
            "ALL-DAY FIT – Four sizes of soft tips.",
            "CARRY CASE – Clips to keys.",
        ],
        attributes: &[("Colour", "Rose"), ("Material", "Silicone"), ("Noise Reduction", "18 dB"), ("Model Number", "HW-DAY-RS")],
    },
    Row {
        marketplace: "DE", asin: "B0DB9KT5WC", brand: "Nordhauser", glyph: Glyph::Bottle,
        title: "Nordhauser Trinkflasche Edelstahl 1 Liter, auslaufsicher, kohlensäuregeeignet, BPA-frei, Thermosflasche für Sport, Uni und Büro, Anthrazit",
        breadcrumbs: "Sport & Freizeit > Camping & Outdoor > Trinksysteme & Thermoskannen > Trinkflaschen",
        price: (2499, 2999), ranks: (318, 7), rating: 4.6, reviews: (16_420, 18.0),
        tempo: Tempo::Daily, scarcity: 0.10, sellers: &["Nordhauser", "Amazon"], variant: "Anthrazit",
        features: &[
            "24 STUNDEN KALT – Doppelwandig vakuumisoliert, 12 Stunden heiß.",
            "DICHT AUCH MIT KOHLENSÄURE – Geprüft bis 3 bar.",
            "SPÜLMASCHINENFEST – Deckel und Flasche.",
        ],
        attributes: &[("Farbe", "Anthrazit"), ("Material", "Edelstahl"), ("Fassungsvermögen", "1 Liter"), ("Modellnummer", "NH-1000-AN")],
    },
    Row {
        marketplace: "DE", asin: "B0CYM2V8FL", brand: "Kestrel Coffee", glyph: Glyph::Grinder,
        title: "Kestrel Coffee Kaffeemühle manuell, Kegelmahlwerk aus Edelstahl, 36 Klicks, für Espresso, Filter und French Press, 25 g, Titan",
        breadcrumbs: "Küche, Haushalt & Wohnen > Küche, Kochen & Backen > Kaffee, Tee & Espresso > Kaffeemühlen",
        price: (8990, 0), ranks: (1_940, 6), rating: 4.7, reviews: (2_875, 7.0),
        tempo: Tempo::Calm, scarcity: 0.24, sellers: &["Kestrel Coffee EU"], variant: "Titan",
        features: &[
            "36 KLICKS – Fein genug für Espresso, grob genug für die French Press.",
            "DOPPELT KUGELGELAGERT – Läuft leicht und gerade.",
            "25 GRAMM – Reicht für zwei Tassen.",
        ],
        attributes: &[("Farbe", "Titan"), ("Material", "Edelstahl"), ("Gewicht", "470 Gramm"), ("Modellnummer", "KC-M36-TI")],
    },
    Row {
        marketplace: "JP", asin: "B0CR4XZ7NB", brand: "ミナモ珈琲道具", glyph: Glyph::Dripper,
        title: "ミナモ珈琲道具 コーヒードリッパー 磁器製 1〜4杯用 円すい形 美濃焼 日本製 ホワイト",
        breadcrumbs: "ホーム&キッチン > コーヒー・お茶用品 > コーヒー用品 > コーヒードリッパー",
        price: (2980, 3480), ranks: (1_260, 9), rating: 4.4, reviews: (3_105, 6.0),
        tempo: Tempo::Daily, scarcity: 0.14, sellers: &["ミナモ公式ストア", "Amazon.co.jp"], variant: "ホワイト",
        features: &[
            "【美濃焼】岐阜の窯で一点ずつ焼き上げた磁器製。保温性に優れ、味が安定します。",
            "【スパイラルリブ】お湯の抜けがよく、すっきりとした味わいに。",
            "【1〜4杯用】朝の一杯から来客時まで。",
        ],
        attributes: &[("色", "ホワイト"), ("素材", "磁器"), ("容量", "480 ミリリットル"), ("型番", "MNM-D02-W")],
    },
    Row {
        marketplace: "JP", asin: "B0DF8QJ3MA", brand: "ソラネ", glyph: Glyph::Headphones,
        title: "ソラネ ワイヤレスイヤホン Bluetooth5.4 ノイズキャンセリング 最大42時間再生 IPX5 マルチポイント 小型 軽量 ブラック",
        breadcrumbs: "家電&カメラ > イヤホン・ヘッドホン > イヤホン",
        price: (5980, 7980), ranks: (208, 17), rating: 4.2, reviews: (5_642, 24.0),
        tempo: Tempo::Live, scarcity: 0.12, sellers: &["ソラネ公式ショップ", "あおば電器"], variant: "ブラック",
        features: &[
            "【ノイズキャンセリング】最大45dBの騒音を低減。",
            "【42時間】ケース併用で最大42時間再生。",
            "【マルチポイント】2台同時接続に対応。",
        ],
        attributes: &[("色", "ブラック"), ("接続技術", "Bluetooth 5.4"), ("重量", "4.1 グラム"), ("型番", "SRN-T4-BK")],
    },
    Row {
        marketplace: "CA", asin: "B0D9VC6HPE", brand: "Tarnwater", glyph: Glyph::Mug,
        title: "Tarnwater Insulated Travel Mug 473 mL, Leak-Proof Ceramic-Lined Coffee Tumbler with 360° Lid, Fits Most Brewers, Maple Red",
        breadcrumbs: "Home & Kitchen > Kitchen & Dining > Storage & Organization > Thermoses > Insulated Tumblers",
        price: (3495, 0), ranks: (512, 13), rating: 4.6, reviews: (4_918, 13.0),
        tempo: Tempo::Brisk, scarcity: 0.12, sellers: &["Tarnwater Canada", "Maple & Main Supply"], variant: "Maple Red",
        features: &[
            "TASTES OF COFFEE – A ceramic lining instead of bare steel.",
            "DRINK FROM ANY SIDE – The 360° lid closes with a click.",
            "HOT FOR SEVEN HOURS – Cold for eighteen.",
        ],
        attributes: &[("Colour", "Maple Red"), ("Material", "Stainless Steel, Ceramic"), ("Capacity", "473 Millilitres"), ("Model Number", "TW-M16-MR")],
    },
    Row {
        marketplace: "AU", asin: "B0CS5BN2ZU", brand: "Stillpoint", glyph: Glyph::Earplugs,
        title: "Stillpoint Swim Ear Plugs, 3 Pairs Waterproof Silicone Earplugs for Swimming, Surfing and Showering, Adults & Kids, Blue",
        breadcrumbs: "Health, Household & Personal Care > Medication & Remedies > Ear Care > Ear Plugs",
        price: (1695, 2195), ranks: (455, 8), rating: 4.1, reviews: (2_036, 8.0),
        tempo: Tempo::Calm, scarcity: 0.18, sellers: &["Stillpoint AU", "Bondi Bay Goods"], variant: "Blue",
        features: &[
            "KEEPS WATER OUT – Three soft flanges seal without pressure.",
            "LETS SOUND IN – Hear the coach and the whistle.",
            "THREE PAIRS – One for the bag, one for the car, one to lose.",
        ],
        attributes: &[("Colour", "Blue"), ("Material", "Silicone"), ("Unit Count", "6.0 Count"), ("Model Number", "SP-SW3-BL")],
    },
];
