//! Products of amazon.com.

use super::amazon::Row;
use crate::market::listing::{Glyph, Tempo};

const HEADPHONES: &str =
    "Electronics > Headphones, Earbuds & Accessories > Headphones & Earbuds > Over-Ear Headphones";
const EARBUDS: &str =
    "Electronics > Headphones, Earbuds & Accessories > Headphones & Earbuds > Earbud Headphones";
const EARPLUGS: &str = "Health & Household > Sleep & Snoring > Earplugs";
const KETTLES: &str =
    "Home & Kitchen > Kitchen & Dining > Coffee, Tea & Espresso > Electric Kettles";
const BOTTLES: &str =
    "Sports & Outdoors > Sports & Outdoor Recreation Accessories > Sports Water Bottles";
const GRINDERS: &str =
    "Home & Kitchen > Kitchen & Dining > Coffee, Tea & Espresso > Coffee Grinders";
const POUR_OVER: &str =
    "Home & Kitchen > Kitchen & Dining > Coffee, Tea & Espresso > Pour Over Coffee Makers";

/// amazon.com.
#[rustfmt::skip] // a table: one product reads better in few long lines
pub(super) const ROWS: &[Row] = &[
    Row {
        marketplace: "US", asin: "B0CQ7LMN42", brand: "Aurelio", glyph: Glyph::Headphones,
        title: "Aurelio Drift 2 Wireless Over-Ear Headphones, Hybrid Active Noise Cancelling, 60H Playtime, Multipoint Bluetooth 5.3, Hi-Res Audio, Foldable, Midnight Blue",
        breadcrumbs: HEADPHONES, price: (7999, 9999), ranks: (412, 9), rating: 4.5, reviews: (18_240, 31.0),
        tempo: Tempo::Live, scarcity: 0.10, sellers: &["Aurelio Audio Direct", "BrightCart Electronics"], variant: "Midnight Blue",
        features: &[
            "HYBRID NOISE CANCELLING – Four microphones listen inside and outside the cups and take up to 43 dB off trains, engines and open-plan offices.",
            "60 HOURS, 10 MINUTES – Plays 60 hours on one charge; ten minutes on a USB-C cable bring back six hours.",
            "TWO DEVICES AT ONCE – Multipoint Bluetooth 5.3 keeps laptop and phone connected and switches by itself when a call comes in.",
            "MEMORY FOAM COMFORT – 248 g, protein-leather cushions and a headband that folds flat into the hard case.",
            "IN THE BOX – Headphones, hard case, USB-C cable, 3.5 mm cable, airplane adapter.",
        ],
        attributes: &[("Color", "Midnight Blue"), ("Ear Placement", "Over Ear"), ("Connectivity Technology", "Bluetooth 5.3, 3.5mm"), ("Item Weight", "8.7 Ounces"), ("Model Number", "AU-DR2-MB")],
    },
    Row {
        marketplace: "US", asin: "B0D5RW8T3K", brand: "Nocturne Labs", glyph: Glyph::Headphones,
        title: "Nocturne Labs Halo One Bluetooth Headphones Over Ear, 90H Battery, Low-Latency Gaming Mode, Built-in Mic, Lightweight for Travel and Office, Sand",
        breadcrumbs: HEADPHONES, price: (3499, 0), ranks: (1_184, 31), rating: 4.3, reviews: (6_912, 22.0),
        tempo: Tempo::Brisk, scarcity: 0.14, sellers: &["Nocturne Labs US", "Harbor & Pine"], variant: "Sand",
        features: &[
            "90 HOURS OF MUSIC – Charge on Sunday, listen until the Sunday after next.",
            "CLEAR CALLS – Two beam-forming microphones keep the wind out of the conversation.",
            "GAMING MODE – 45 ms latency on phones, tablets and handhelds.",
            "LIGHT – 205 g with soft fabric cushions that stay cool.",
        ],
        attributes: &[("Color", "Sand"), ("Ear Placement", "Over Ear"), ("Connectivity Technology", "Bluetooth 5.4"), ("Item Weight", "7.2 Ounces"), ("Model Number", "NL-H1-SND")],
    },
    Row {
        marketplace: "US", asin: "B0CX2HJ9PD", brand: "Pebblewave", glyph: Glyph::Headphones,
        title: "Pebblewave Mini True Wireless Earbuds, Bluetooth 5.3 Headphones, 36H with Charging Case, IPX7 Waterproof, Ear Buds for Small Ears, Sage Green",
        breadcrumbs: EARBUDS, price: (2999, 3999), ranks: (268, 14), rating: 4.4, reviews: (31_508, 48.0),
        tempo: Tempo::Daily, scarcity: 0.08, sellers: &["Pebblewave Store", "QuickShelf Deals"], variant: "Sage Green",
        features: &[
            "MADE FOR SMALL EARS – 3.6 g a bud and five sizes of tips from XXS.",
            "36 HOURS – Nine in the buds, 27 more in a case the size of a matchbox.",
            "IPX7 – Rain, sweat and the odd wash cycle do no harm.",
            "ONE-STEP PAIRING – Open the case, tap once, done.",
        ],
        attributes: &[("Color", "Sage Green"), ("Ear Placement", "In Ear"), ("Connectivity Technology", "Bluetooth 5.3"), ("Water Resistance Level", "Waterproof"), ("Model Number", "PW-MINI-SG")],
    },
    Row {
        marketplace: "US", asin: "B0DKF4V6QS", brand: "Aurelio", glyph: Glyph::Speaker,
        title: "Aurelio Puck Portable Bluetooth Speaker, 24H Playtime, IP67 Waterproof, Stereo Pairing, Clip-On Loop, Coral",
        breadcrumbs: "Electronics > Portable Audio & Video > Portable Speakers & Docks > Portable Bluetooth Speakers",
        price: (4999, 0), ranks: (731, 22), rating: 4.6, reviews: (4_377, 17.0),
        tempo: Tempo::Calm, scarcity: 0.10, sellers: &["Aurelio Audio Direct"], variant: "Coral",
        features: &[
            "SMALL AND LOUD – A 45 mm driver with two passive radiators fills a kitchen, not a suitcase.",
            "IP67 – Dust-tight and fine under a metre of water for half an hour.",
            "PAIR TWO – Press both power buttons for a stereo pair.",
        ],
        attributes: &[("Color", "Coral"), ("Speaker Type", "Outdoor"), ("Battery Life", "24 Hours"), ("Model Number", "AU-PK-CRL")],
    },
    Row {
        marketplace: "US", asin: "B0D2M7Y5TF", brand: "Hushwell", glyph: Glyph::Earplugs,
        title: "Hushwell Night Ear Plugs for Sleeping – Soft Reusable Silicone Noise Reducing Earplugs for Side Sleepers, Travel & Focus, 4 Sizes, 27dB SNR, Lavender",
        breadcrumbs: EARPLUGS, price: (2495, 0), ranks: (96, 3), rating: 4.3, reviews: (22_690, 41.0),
        tempo: Tempo::Live, scarcity: 0.12, sellers: &["Hushwell", "Corner Chemist Online"], variant: "Lavender",
        features: &[
            "QUIET NIGHTS – 27 dB (SNR) takes snoring and traffic down to a murmur while the alarm still comes through.",
            "SIDE SLEEPERS WELCOME – A flat 4 mm profile sits below the edge of the ear.",
            "FOUR SIZES – XS to L tips in the case; most people wear M.",
            "REUSABLE – Rinse with soap and water, dry, use again.",
        ],
        attributes: &[("Color", "Lavender"), ("Material", "Silicone"), ("Noise Reduction", "27 dB"), ("Unit Count", "2.0 Count"), ("Model Number", "HW-NGT-LAV")],
    },
    Row {
        marketplace: "US", asin: "B0CT9XB1RG", brand: "Stillpoint", glyph: Glyph::Earplugs,
        title: "Stillpoint Foam Ear Plugs for Sleeping, 60 Pairs, 33dB NRR, Soft Slow-Rebound Ear Plugs for Snoring, Work, Concerts with Aluminum Case",
        breadcrumbs: EARPLUGS, price: (1199, 1499), ranks: (188, 5), rating: 4.5, reviews: (40_211, 39.0),
        tempo: Tempo::Daily, scarcity: 0.06, sellers: &["Amazon.com", "Stillpoint Supply"], variant: "60 Pairs",
        features: &[
            "33 dB NRR – The highest rating for a foam plug, tested to ANSI S3.19.",
            "SLOW REBOUND – Stays small for fifteen seconds, long enough to place it right.",
            "60 PAIRS – Two months of clean nights in one jar, with an aluminum case for the key ring.",
        ],
        attributes: &[("Color", "Mint"), ("Material", "Polyurethane Foam"), ("Noise Reduction", "33 dB"), ("Unit Count", "120.0 Count"), ("Model Number", "SP-60")],
    },
    Row {
        marketplace: "US", asin: "B0DG6NC8WZ", brand: "Orrin & Vale", glyph: Glyph::Kettle,
        title: "Orrin & Vale Gooseneck Electric Kettle with Temperature Control, 0.9L Stainless Steel Pour Over Kettle for Coffee & Tea, 1200W Quick Heat, Hold 60 Min, Matte Black",
        breadcrumbs: KETTLES, price: (6999, 8999), ranks: (1_520, 12), rating: 4.6, reviews: (9_804, 14.0),
        tempo: Tempo::Daily, scarcity: 0.16, sellers: &["Orrin & Vale", "Copper Lane Kitchens"], variant: "Matte Black",
        features: &[
            "TO THE DEGREE – Set 100 to 212 °F in single degrees; holds it for an hour.",
            "A POUR YOU CAN STEER – Counter-balanced handle and a 6 mm spout for slow spirals.",
            "FAST – 0.9 litres boil in under four minutes.",
            "SAFE – Shuts off when lifted dry.",
        ],
        attributes: &[("Color", "Matte Black"), ("Material", "Stainless Steel"), ("Capacity", "0.9 Liters"), ("Wattage", "1200 watts"), ("Model Number", "OV-GN09-BK")],
    },
    Row {
        marketplace: "US", asin: "B0CZ3TP7LQ", brand: "Bramblecook", glyph: Glyph::Kettle,
        title: "Bramblecook Electric Kettle, 1.7L Borosilicate Glass Tea Kettle with LED Ring, Auto Shut-Off & Boil-Dry Protection, BPA-Free, 1500W",
        breadcrumbs: KETTLES, price: (3299, 0), ranks: (905, 7), rating: 4.4, reviews: (15_133, 19.0),
        tempo: Tempo::Calm, scarcity: 0.08, sellers: &["Bramblecook Home", "Amazon.com"], variant: "1.7 L",
        features: &[
            "WATCH IT BOIL – Borosilicate glass with a blue ring that glows while it heats.",
            "1.7 LITERS – Seven cups at once.",
            "EASY TO CLEAN – A lid that opens wide and a filter that lifts out.",
        ],
        attributes: &[("Material", "Glass, Stainless Steel"), ("Capacity", "1.7 Liters"), ("Wattage", "1500 watts"), ("Model Number", "BC-K17")],
    },
    Row {
        marketplace: "US", asin: "B0D8KQ2M5V", brand: "Tarnwater", glyph: Glyph::Bottle,
        title: "Tarnwater Insulated Water Bottle with Straw Lid, 32 oz Stainless Steel, Leak Proof, Keeps Cold 30 Hours, Wide Mouth, Alpine Green",
        breadcrumbs: BOTTLES, price: (2795, 0), ranks: (144, 11), rating: 4.7, reviews: (52_618, 66.0),
        tempo: Tempo::Brisk, scarcity: 0.09, sellers: &["Tarnwater", "Trailhead Outfit"], variant: "Alpine Green",
        features: &[
            "COLD FOR 30 HOURS – Double-wall vacuum in 18/8 steel; hot for 12.",
            "TWO LIDS – Straw lid for the desk, screw lid for the pack.",
            "NO LEAKS – Tested upside down for a day.",
            "FITS CUP HOLDERS – 3.1 inch base.",
        ],
        attributes: &[("Color", "Alpine Green"), ("Material", "Stainless Steel"), ("Capacity", "32 Fluid Ounces"), ("Product Care Instructions", "Dishwasher Safe"), ("Model Number", "TW-32-AG")],
    },
    Row {
        marketplace: "US", asin: "B0CVR5D4XN", brand: "Sipwell", glyph: Glyph::Bottle,
        title: "Sipwell Kids Water Bottle 16 oz, BPA-Free Tritan with Straw and Carry Loop, Spill Proof, Easy Clean for School, Dino Parade",
        breadcrumbs: BOTTLES, price: (1399, 1699), ranks: (389, 24), rating: 4.6, reviews: (11_946, 27.0),
        tempo: Tempo::Daily, scarcity: 0.18, sellers: &["Sipwell Kids", "Amazon.com"], variant: "Dino Parade",
        features: &[
            "SCHOOL PROOF – A lid children open with one thumb and bags stay dry with.",
            "FOUR PARTS – All of them go into the dishwasher's top rack.",
            "TRITAN – Clear, light, free of BPA.",
        ],
        attributes: &[("Color", "Dino Parade"), ("Material", "Tritan"), ("Capacity", "16 Fluid Ounces"), ("Model Number", "SW-K16-DP")],
    },
    Row {
        marketplace: "US", asin: "B0DH1WJ6CB", brand: "Kestrel Coffee", glyph: Glyph::Grinder,
        title: "Kestrel Coffee Burr Grinder Electric, 40mm Conical Burr with 48 Precise Settings for Espresso, Drip, Pour Over & French Press, Anti-Static, Graphite",
        breadcrumbs: GRINDERS, price: (12999, 14999), ranks: (2_310, 8), rating: 4.4, reviews: (5_288, 11.0),
        tempo: Tempo::Calm, scarcity: 0.20, sellers: &["Kestrel Coffee Tools", "Copper Lane Kitchens"], variant: "Graphite",
        features: &[
            "48 STEPS – From Turkish to cold brew, each step about 20 microns.",
            "LITTLE STATIC – An ioniser keeps the chaff in the bin and off the counter.",
            "BY WEIGHT OR TIME – Repeats the last dose to 0.2 g.",
        ],
        attributes: &[("Color", "Graphite"), ("Material", "Stainless Steel, ABS"), ("Wattage", "165 watts"), ("Model Number", "KC-B40-GR")],
    },
    Row {
        marketplace: "US", asin: "B0D4PF9S7H", brand: "Kestrel Coffee", glyph: Glyph::Scale,
        title: "Kestrel Coffee Scale with Timer, 0.1g Precision, 4.4 lb, USB-C Rechargeable, Pour Over & Espresso Scale with Silicone Mat",
        breadcrumbs: "Home & Kitchen > Kitchen & Dining > Coffee, Tea & Espresso > Coffee Accessories > Coffee Scales",
        price: (3999, 0), ranks: (1_846, 4), rating: 4.7, reviews: (3_910, 9.0),
        tempo: Tempo::Calm, scarcity: 0.12, sellers: &["Kestrel Coffee Tools"], variant: "Black",
        features: &[
            "0.1 GRAM – Fast enough for espresso, steady enough for a slow pour.",
            "TIMER STARTS ITSELF – With the first drop.",
            "SPLASH-PROOF – A sealed face and a heat-proof mat.",
        ],
        attributes: &[("Color", "Black"), ("Weight Limit", "2 Kilograms"), ("Display Type", "LED"), ("Model Number", "KC-S1")],
    },
    Row {
        marketplace: "US", asin: "B0CW8YZ3GT", brand: "Orrin & Vale", glyph: Glyph::Dripper,
        title: "Orrin & Vale Pour Over Coffee Maker Set, 27 oz Glass Carafe with Reusable Double-Mesh Filter and Cork Collar, Paperless Drip Brewer",
        breadcrumbs: POUR_OVER, price: (2999, 3499), ranks: (1_075, 6), rating: 4.5, reviews: (13_755, 12.0),
        tempo: Tempo::Daily, scarcity: 0.12, sellers: &["Orrin & Vale", "Copper Lane Kitchens"], variant: "27 oz",
        features: &[
            "PAPERLESS – A double mesh lets the oils through and keeps the grounds out.",
            "HEAT-PROOF GLASS – Borosilicate, with a cork collar to hold.",
            "FOR FOUR CUPS – 27 ounces at a time.",
        ],
        attributes: &[("Material", "Borosilicate Glass, Cork"), ("Capacity", "27 Fluid Ounces"), ("Model Number", "OV-PO27")],
    },
    Row {
        marketplace: "US", asin: "B0DM5LE2UJ", brand: "Lumenfold", glyph: Glyph::Lamp,
        title: "Lumenfold LED Desk Lamp with Wireless Charger, Foldable Eye-Caring Reading Light, 5 Color Modes, Memory Timer, USB-C, White Oak",
        breadcrumbs: "Tools & Home Improvement > Lighting & Ceiling Fans > Lamps & Shades > Desk Lamps",
        price: (4599, 0), ranks: (640, 10), rating: 4.5, reviews: (2_264, 15.0),
        tempo: Tempo::Brisk, scarcity: 0.22, sellers: &["Lumenfold Lighting", "BrightCart Electronics"], variant: "White Oak",
        features: &[
            "EASY ON THE EYES – No flicker, CRI 95, from candle to daylight.",
            "CHARGES THE PHONE – 10 W pad in the base, USB-C out at the back.",
            "FOLDS FLAT – Four joints, one motion.",
        ],
        attributes: &[("Color", "White Oak"), ("Light Source Type", "LED"), ("Power Source", "Corded Electric"), ("Model Number", "LF-D5-WO")],
    },
];
