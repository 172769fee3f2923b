//! Wholesale offers on 1688: invented goods, suppliers and numbers.

use iso_currency::Currency;

use crate::market::{
    listing::{
        Detail, Glyph, Listing, ListingKey, Sku, Source, Supplier, Tempo, Wholesale, WholesaleSku,
    },
    money::Money,
};

struct Row(
    i64,          // offer id
    &'static str, // title
    &'static str, // title in English
    &'static str, // brand
    usize,        // supplier
    [i64; 3],     // categories, root first
    &'static str, // material
    &'static str, // unit, Chinese/English
    Sold,
    i64, // price of the first form, fen
    i64, // pieces of the smallest order
    i64, // grams
    Tempo,
    f64, // scarcity
    Glyph,
);

/// How an offer is quoted.
#[derive(Clone, Copy)]
enum Sold {
    /// No forms: by quantity. From how many pieces, at how many percent of the price.
    Quantity(&'static [(i64, i64)]),
    /// By form: what they differ by, and each with its price in percent of the first.
    Forms(&'static str, &'static [(&'static str, i64)]),
    /// Forms of one price, by quantity.
    Both(
        &'static str,
        &'static [(&'static str, i64)],
        &'static [(i64, i64)],
    ),
}

use Glyph::{
    Bottle, Crate, Earplugs, Headphones, Kettle, Lamp, Mug, Pendant, Plush, Scale, Speaker,
};
use Sold::{Both, Forms, Quantity};
use Tempo::{Brisk, Calm, Daily, Live};

/// Seller's open id, company, where it ships from.
const SUPPLIERS: &[(&str, &str, &str)] = &[
    (
        "BBBsimShanyuGlass01",
        "台州市山屿玻璃制品有限公司",
        "浙江省台州市",
    ),
    (
        "BBBsimLanheAudio02",
        "深圳市岚禾电子科技有限公司",
        "广东省深圳市",
    ),
    (
        "BBBsimMumianHome03",
        "义乌市木棉家居用品有限公司",
        "浙江省金华市义乌市",
    ),
    (
        "BBBsimQinglanPack04",
        "温州市青岚包装有限公司",
        "浙江省温州市",
    ),
];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row(610_200_300_101, "双层玻璃杯 高硼硅耐热便携随手杯 定制印字", "Double-wall borosilicate glass tumbler, custom print", "山屿", 0, [15, 1_031, 1_031_877], "高硼硅玻璃", "个/piece", Forms("容量", &[("300ml", 100), ("420ml", 118), ("550ml", 140)]), 1_380, 2, 320, Daily, 0.2, Mug),
    Row(610_200_300_102, "不锈钢保温杯 大容量运动水壶 学生男女通用", "Stainless steel insulated sports bottle", "山屿", 0, [15, 1_031, 1_031_880], "304不锈钢", "个/piece", Forms("颜色", &[("墨绿", 100), ("奶白", 100), ("雾蓝", 104), ("樱粉", 104)]), 2_650, 1, 410, Live, 0.5, Bottle),
    Row(610_200_300_103, "玻璃冷水壶 家用耐高温凉水壶套装", "Glass water pitcher set, heat resistant", "山屿", 0, [15, 1_031, 1_031_881], "玻璃", "套/set", Both("款式", &[("单壶", 100), ("一壶四杯", 165)], &[(1, 100), (24, 93), (120, 86)]), 2_280, 1, 1_150, Calm, 0.15, Kettle),
    Row(610_200_300_104, "手冲咖啡电子秤 计时厨房秤 0.1g精准", "Coffee scale with timer, 0.1 g", "山屿", 0, [15, 1_040, 1_040_112], "ABS", "台/unit", Forms("颜色", &[("黑色", 100), ("白色", 100)]), 4_590, 2, 480, Calm, 0.1, Scale),
    Row(620_500_700_201, "蓝牙耳机 头戴式无线降噪耳麦 超长续航", "Bluetooth headphones, over-ear, noise cancelling", "岚禾", 1, [7, 705, 705_031], "ABS", "个/piece", Forms("颜色", &[("曜石黑", 100), ("月光白", 100), ("烟灰", 103)]), 5_980, 1, 260, Live, 0.45, Headphones),
    Row(620_500_700_202, "真无线蓝牙耳机 入耳式迷你双耳 跨境专供", "True wireless Bluetooth earbuds, in-ear, mini", "岚禾", 1, [7, 705, 705_032], "ABS", "对/pair", Both("版本", &[("标准版", 100), ("降噪版", 100)], &[(1, 100), (50, 92), (500, 84)]), 3_150, 1, 60, Brisk, 0.3, Earplugs),
    Row(620_500_700_203, "便携蓝牙音箱 户外防水低音炮小音响", "Portable Bluetooth speaker, waterproof", "岚禾", 1, [7, 705, 705_040], "ABS", "台/unit", Forms("颜色", &[("黑", 100), ("军绿", 100)]), 4_200, 2, 540, Daily, 0.25, Speaker),
    Row(620_500_700_204, "LED护眼台灯 折叠充电学生宿舍阅读灯", "LED desk lamp, foldable, rechargeable", "岚禾", 1, [7, 711, 711_009], "ABS", "台/unit", Forms("规格", &[("插电款", 100), ("充电款", 128)]), 2_390, 3, 620, Brisk, 0.3, Lamp),
    Row(630_800_100_301, "毛绒公仔 可爱小狐狸抱枕 节日礼品批发", "Plush fox pillow, gift wholesale", "木棉", 2, [67, 6_702, 6_702_004], "PP棉", "个/piece", Forms("高度", &[("25cm", 100), ("40cm", 170), ("60cm", 290)]), 990, 5, 180, Daily, 0.2, Plush),
    Row(630_800_100_302, "钥匙扣挂件 硅胶卡通包包挂饰 扭蛋礼品", "Silicone keychain pendant, capsule gift", "木棉", 2, [67, 6_705, 6_705_011], "硅胶", "个/piece", Quantity(&[(20, 100), (200, 85), (2_000, 70)]), 120, 20, 15, Live, 0.4, Pendant),
    Row(630_800_100_303, "桌面收纳盒 抽屉式化妆品杂物整理盒", "Desktop storage box with drawers", "木棉", 2, [67, 6_711, 6_711_020], "PP", "个/piece", Forms("层数", &[("单层", 100), ("三层", 210)]), 860, 4, 450, Calm, 0.1, Crate),
    Row(630_800_100_304, "陶瓷马克杯 复古粗陶咖啡杯 可定制logo", "Stoneware mug, custom logo", "木棉", 2, [67, 6_703, 6_703_007], "陶瓷", "个/piece", Both("釉色", &[("白釉", 100), ("青釉", 100), ("黑釉", 100)], &[(2, 100), (48, 90), (480, 78)]), 740, 2, 360, Brisk, 0.25, Mug),
    Row(640_300_900_401, "瓦楞纸箱 搬家快递包装 五层加厚", "Corrugated carton, five layers", "青岚", 3, [68, 6_801, 6_801_002], "瓦楞纸", "只/box", Quantity(&[(50, 100), (500, 88), (5_000, 75)]), 135, 50, 210, Calm, 0.05, Crate),
    Row(640_300_900_402, "气泡袋 防震快递泡沫袋 加厚双层", "Bubble mailer bags, double layer", "青岚", 3, [68, 6_801, 6_801_009], "PE", "包/pack", Quantity(&[(1, 100), (20, 92), (100, 80)]), 1_150, 1, 700, Daily, 0.1, Crate),
    Row(640_300_900_403, "礼品纸袋 手提牛皮纸袋 现货可印刷", "Kraft paper gift bags, printable", "青岚", 3, [68, 6_803, 6_803_001], "牛皮纸", "只/bag", Forms("尺寸", &[("小号", 100), ("中号", 135), ("大号", 180)]), 68, 100, 40, Brisk, 0.15, Crate),
];

/// Every offer of the catalogue.
pub(crate) fn listings() -> impl Iterator<Item = Listing> {
    ROWS.iter().map(listing)
}

fn listing(row: &Row) -> Listing {
    let &Row(
        id,
        title,
        english,
        brand,
        supplier,
        categories,
        material,
        unit,
        sold,
        price,
        min_order,
        grams,
        tempo,
        scarcity,
        glyph,
    ) = row;
    let quote = match sold {
        Sold::Quantity(_) => 0,
        Sold::Forms(..) => 1,
        Sold::Both(..) => 2,
    };
    let (property, forms) = match sold {
        Sold::Quantity(_) => ("", [].as_slice()),
        Sold::Forms(property, forms) | Sold::Both(property, forms, _) => (property, forms),
    };
    let ranges = match sold {
        Sold::Forms(..) => [].as_slice(),
        Sold::Quantity(ranges) | Sold::Both(_, _, ranges) => ranges,
    };
    let fen = |fen: i64| Money::new(fen, Currency::CNY);
    let skus = forms.iter().enumerate().map(|(place, (name, percent))| {
        let number = 4_000_000_000_000 + id % 1_000_000_000 * 10 + place as i64;
        WholesaleSku {
            sku: Sku {
                id: number.to_string(),
                title: (*name).to_owned(),
                // By quantity, all forms cost the same.
                price: fen(price * if quote == 1 { *percent } else { 100 } / 100),
                boxes: 1,
            },
            property: property.to_owned(),
        }
    });
    let (unit, unit_english) = unit.split_once('/').unwrap_or((unit, unit));
    let wholesale = Wholesale {
        english: english.to_owned(),
        quote,
        skus: skus.collect(),
        ranges: ranges.to_vec(),
        min_order,
        unit: (unit.to_owned(), unit_english.to_owned()),
        supplier: self::supplier(supplier),
        categories,
        material: material.to_owned(),
        grams,
    };
    Listing {
        tempo,
        scarcity,
        glyph,
        ..plain(
            ListingKey::new(Source::Alibaba1688, "CN", id.to_string()),
            title,
            brand,
            fen(price),
            wholesale,
        )
    }
}

/// One of the suppliers; counts round.
pub(crate) fn supplier(number: usize) -> Supplier {
    let (open_id, company, ships_from) = SUPPLIERS[number % SUPPLIERS.len()];
    Supplier {
        open_id: open_id.to_owned(),
        company: company.to_owned(),
        ships_from: ships_from.to_owned(),
    }
}

/// A calm offer that never sells out.
pub(crate) fn plain(
    key: ListingKey,
    title: &str,
    brand: &str,
    price: Money,
    wholesale: Wholesale,
) -> Listing {
    Listing {
        key,
        title: title.to_owned(),
        brand: brand.to_owned(),
        series: None,
        breadcrumbs: wholesale.categories.iter().map(i64::to_string).collect(),
        features: Vec::new(),
        attributes: Vec::new(),
        price,
        tempo: Tempo::Calm,
        scarcity: 0.0,
        glyph: Glyph::Crate,
        detail: Detail::Alibaba1688(wholesale),
    }
}
