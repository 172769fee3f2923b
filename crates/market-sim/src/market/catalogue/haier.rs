//! What a distributor may order on Haier's platform: invented models and codes.

use iso_currency::Currency;

use crate::market::{
    listing::{Appliance, Detail, Glyph, Listing, ListingKey, Source, Tempo},
    money::Money,
};

struct Row(
    &'static str, // product code
    &'static str, // model, as the platform prints it
    &'static str, // brand
    Kind,
    i64, // supply price, yuan
    i64, // market price, yuan
    i64, // direct rebate, basis points
    i64, // rebate a piece, yuan
    Tempo,
    f64,  // scarcity
    bool, // taken off sale now and then
);

/// A product group.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Fridge,
    Washer,
    AirConditioner,
    WaterHeater,
}

impl Kind {
    /// Every group.
    pub const ALL: [Self; 4] = [
        Self::Fridge,
        Self::Washer,
        Self::AirConditioner,
        Self::WaterHeater,
    ];

    /// Its name on the platform.
    pub fn group(self) -> &'static str {
        match self {
            Self::Fridge => "冰箱",
            Self::Washer => "洗衣机",
            Self::AirConditioner => "空调",
            Self::WaterHeater => "热水器",
        }
    }

    fn glyph(self) -> Glyph {
        match self {
            Self::Fridge => Glyph::Fridge,
            Self::Washer => Glyph::Washer,
            Self::AirConditioner => Glyph::AirConditioner,
            Self::WaterHeater => Glyph::WaterHeater,
        }
    }
}

use Kind::{AirConditioner, Fridge, Washer, WaterHeater};
use Tempo::{Brisk, Calm, Daily, Live};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("LC0A11C01", "BCD-218WLC3 三门风冷冰箱", "澜川", Fridge, 1_860, 2_299, 300, 20, Calm, 0.10, false),
    Row("LC0A12C02", "BCD-452WLC7 十字对开门冰箱", "澜川", Fridge, 3_420, 4_199, 500, 0, Daily, 0.20, false),
    Row("LC0A13C05", "BCD-536WLD1 法式多门冰箱", "澜川", Fridge, 4_980, 6_299, 500, 100, Live, 0.45, false),
    Row("QH0A21B01", "BC-96TQ1 单门迷你冰箱", "青禾", Fridge, 620, 799, 0, 15, Calm, 0.15, false),
    Row("QH0A22B04", "BD-203HQ2 卧式冷柜", "青禾", Fridge, 1_080, 1_399, 200, 0, Daily, 0.25, true),
    Row("LC0B31C01", "XQG100-BL128 滚筒洗衣机", "澜川", Washer, 2_150, 2_799, 400, 50, Daily, 0.25, false),
    Row("LC0B32C06", "XQGH100-HL158 热泵洗烘一体机", "澜川", Washer, 4_360, 5_499, 600, 80, Brisk, 0.35, false),
    Row("QH0B41B02", "XQB90-Q516 波轮洗衣机", "青禾", Washer, 820, 1_049, 100, 0, Calm, 0.10, false),
    Row("QH0B42B03", "XPB120-Q88S 双桶洗衣机", "青禾", Washer, 560, 699, 0, 0, Calm, 0.12, true),
    Row("FY0C51A01", "KFR-35GW/F21 壁挂式空调 1.5匹", "风屿", AirConditioner, 2_080, 2_699, 300, 60, Live, 0.55, false),
    Row("FY0C52A03", "KFR-72LW/F35 柜式空调 3匹", "风屿", AirConditioner, 4_750, 5_999, 500, 150, Daily, 0.30, false),
    Row("FY0C53A07", "CASN-Y12 移动空调", "风屿", AirConditioner, 1_190, 1_599, 0, 30, Brisk, 0.40, true),
    Row("NX0D61D01", "ES60H-N5 电热水器 60升", "暖象", WaterHeater, 890, 1_199, 200, 20, Daily, 0.18, false),
    Row("NX0D62D02", "JSQ31-16N3 燃气热水器 16升", "暖象", WaterHeater, 1_780, 2_299, 400, 0, Brisk, 0.28, false),
    Row("NX0D63D05", "RE200-N9 空气能热水器 200升", "暖象", WaterHeater, 4_120, 5_299, 600, 200, Calm, 0.22, false),
    Row("NX0D64D08", "DSH75-N2 即热式电热水器", "暖象", WaterHeater, 960, 1_299, 100, 0, Calm, 0.15, true),
];

/// Every appliance of the catalogue.
pub(crate) fn listings() -> impl Iterator<Item = Listing> {
    ROWS.iter().map(listing)
}

fn listing(row: &Row) -> Listing {
    let &Row(code, model, brand, kind, supply, market, direct, unit, tempo, scarcity, erratic) =
        row;
    let yuan = |yuan: i64| Money::new(yuan * 100, Currency::CNY);
    let appliance = Appliance {
        group: kind.group().to_owned(),
        market_price: yuan(market),
        direct_rebate: direct,
        unit_rebate: yuan(unit),
        erratic,
    };
    Listing {
        tempo,
        scarcity,
        ..plain(
            ListingKey::new(Source::Haier, "CN", code),
            model.to_owned(),
            brand,
            kind,
            yuan(supply),
            appliance,
        )
    }
}

/// A calm appliance that never sells out.
pub(crate) fn plain(
    key: ListingKey,
    model: String,
    brand: &str,
    kind: Kind,
    supply: Money,
    appliance: Appliance,
) -> Listing {
    Listing {
        key,
        title: model,
        brand: brand.to_owned(),
        series: None,
        breadcrumbs: vec![appliance.group.clone()],
        features: Vec::new(),
        attributes: Vec::new(),
        price: supply,
        tempo: Tempo::Calm,
        scarcity: 0.0,
        glyph: kind.glyph(),
        detail: Detail::Haier(appliance),
    }
}
