//! What is listed: the facts about a product which do not move with time.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{money::Money, place};

/// An upstream that the simulator plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Amazon, read through Apify actors.
    Amazon,
    /// PopMart's international shop.
    Popmart,
    /// Haier's platform for distributors.
    Haier,
    /// 1688's open platform.
    Alibaba1688,
    /// A web shop of several countries.
    Web,
}

impl Source {
    /// The name used in paths and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Amazon => "amazon",
            Self::Popmart => "popmart",
            Self::Haier => "haier",
            Self::Alibaba1688 => "alibaba1688",
            Self::Web => "web",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names one listing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListingKey {
    /// Where it is listed.
    pub source: Source,
    /// Upper-case ISO 3166 code.
    pub marketplace: String,
    /// ASIN, PopMart product id, Haier product code, 1688 offer id or the last part of a web page's address.
    pub external_id: String,
}

impl ListingKey {
    /// Puts a key together.
    pub fn new(
        source: Source,
        marketplace: impl Into<String>,
        external_id: impl Into<String>,
    ) -> Self {
        Self {
            source,
            marketplace: marketplace.into(),
            external_id: external_id.into(),
        }
    }

    /// The page a shopper would open, and a person would paste to track it; empty for Haier, whose goods have
    /// none; for the web shop below the simulator's own address, which the market does not know.
    #[must_use]
    pub fn url(&self) -> String {
        match self.source {
            Source::Amazon => {
                let host = place::amazon_place(&self.marketplace).map_or("amazon.com", |p| p.host);
                format!("https://www.{host}/dp/{}", self.external_id)
            }
            Source::Popmart => format!(
                "https://www.popmart.com/{}/products/{}",
                self.marketplace.to_lowercase(),
                self.external_id
            ),
            Source::Haier => String::new(),
            Source::Alibaba1688 => {
                format!("https://detail.1688.com/offer/{}.html", self.external_id)
            }
            Source::Web => format!(
                "/shop/{}/{}",
                self.marketplace.to_lowercase(),
                self.external_id
            ),
        }
    }
}

impl fmt::Display for ListingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}",
            self.source, self.marketplace, self.external_id
        )
    }
}

/// How often a listing's price is reconsidered and its stock refilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tempo {
    /// Prices hold for one to two weeks.
    Calm,
    /// Prices hold for two or three days.
    Daily,
    /// Prices hold for some hours.
    Brisk,
    /// Prices hold for minutes, so that a short session sees them move.
    Live,
}

/// The picture's subject: the names say what is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    Headphones,
    Earplugs,
    Kettle,
    Bottle,
    Grinder,
    Dripper,
    Scale,
    Speaker,
    Lamp,
    Mug,
    Figure,
    Plush,
    Pendant,
    Crate,
    Fridge,
    Washer,
    AirConditioner,
    WaterHeater,
}

/// Who holds or may hold the buy box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Shop name as shown.
    pub name: String,
    /// Seller id; `None` when Amazon itself sells.
    pub id: Option<String>,
}

/// One purchasable form of a PopMart product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sku {
    /// Upstream id.
    pub id: String,
    /// "Single box", "Whole set".
    pub title: String,
    /// Regular price.
    pub price: Money,
    /// Boxes in it.
    pub boxes: i64,
}

/// What only PopMart listings have.
#[derive(Debug, Clone)]
pub struct Release {
    /// Purchasable forms, cheapest first; never empty.
    pub skus: Vec<Sku>,
    /// Sold in rare drops.
    pub limited: bool,
    /// Shown among the new arrivals.
    pub fresh: bool,
    /// Announced: goes on sale at a moment still ahead.
    pub pre_order: bool,
    /// The buyer does not know which figure is in the box.
    pub blind_box: bool,
    /// First sale, when it is in the past.
    pub released: DateTime<Utc>,
    /// Most pieces one customer may buy.
    pub per_customer: i64,
    /// "Vinyl Plush", "PVC".
    pub material: String,
    /// Collection of the series, PopMart's `brandId`.
    pub collection: i64,
}

/// What only Amazon listings have.
#[derive(Debug, Clone)]
pub struct Offering {
    /// Usual best-seller rank in the root category.
    pub rank: u32,
    /// Usual best-seller rank in the leaf category.
    pub leaf_rank: u32,
    /// Usual rating, 0-5.
    pub rating: f64,
    /// Reviews at the market's epoch.
    pub reviews: u32,
    /// New reviews a day.
    pub reviews_per_day: f64,
    /// Who may hold the buy box, the usual one first; never empty.
    pub sellers: Vec<Seller>,
    /// Price before any promotion, shown struck through.
    pub list_price: Option<Money>,
    /// Colour or size that this ASIN is.
    pub variant: String,
}

/// What only Haier listings have.
#[derive(Debug, Clone)]
pub struct Appliance {
    /// The product group: "冰箱", "洗衣机".
    pub group: String,
    /// What the market pays, above the supply price.
    pub market_price: Money,
    /// Share of the supply price that is rebated at once, in basis points.
    pub direct_rebate: i64,
    /// Rebate a piece.
    pub unit_rebate: Money,
    /// Taken off sale now and then, for days.
    pub erratic: bool,
}

/// Who offers on 1688.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    /// `sellerOpenId`.
    pub open_id: String,
    /// Company name.
    pub company: String,
    /// Province and city.
    pub ships_from: String,
}

/// One form of a wholesale offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholesaleSku {
    /// Its id, the value it differs by, and its regular price.
    pub sku: Sku,
    /// What the forms differ by: "颜色", "容量".
    pub property: String,
}

/// What only 1688 offers have.
#[derive(Debug, Clone)]
pub struct Wholesale {
    /// The title in English.
    pub english: String,
    /// 0: no forms, by quantity; 1: by form; 2: forms, by quantity.
    pub quote: i64,
    /// Forms; none for quote 0.
    pub skus: Vec<WholesaleSku>,
    /// From how many pieces, at how many percent of the price; none for quote 1.
    pub ranges: Vec<(i64, i64)>,
    /// Pieces of the smallest order.
    pub min_order: i64,
    /// What a piece is, in Chinese and in English.
    pub unit: (String, String),
    /// Who offers it.
    pub supplier: Supplier,
    /// Category numbers, root first.
    pub categories: [i64; 3],
    /// "陶瓷".
    pub material: String,
    /// Weight of a piece.
    pub grams: i64,
}

/// How a page of the web shop tells its product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// JSON-LD.
    JsonLd,
    /// Microdata.
    Microdata,
    /// RDFa.
    Rdfa,
    /// Open Graph tags.
    OpenGraph,
    /// Nothing but what a person sees.
    Text,
    /// JSON-LD and Open Graph, which differ about the price.
    Contradicting,
    /// JSON-LD of a group with variants.
    Variants,
    /// JSON-LD with the lowest and the highest price.
    Range,
}

/// In what encoding a page of the web shop is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, named in the header.
    Utf8,
    /// Shift_JIS, named in the page alone.
    ShiftJis,
    /// GBK, named in the page alone.
    Gbk,
    /// ISO 8859-1, named in the header.
    Latin1,
}

/// What only listings of the web shop have.
#[derive(Debug, Clone)]
pub struct Shown {
    /// How its page tells it.
    pub markup: Markup,
    /// How its page is sent.
    pub charset: Charset,
    /// Forms with prices of their own; none unless the markup is [`Markup::Variants`].
    pub skus: Vec<Sku>,
}

/// The source's own part of a listing.
#[derive(Debug, Clone)]
pub enum Detail {
    /// Amazon.
    Amazon(Offering),
    /// PopMart.
    Popmart(Release),
    /// Haier.
    Haier(Appliance),
    /// 1688.
    Alibaba1688(Wholesale),
    /// The web shop.
    Web(Shown),
}

/// Facts about a listed product.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Its name in the market.
    pub key: ListingKey,
    /// Product title as the shop prints it.
    pub title: String,
    /// Brand; for PopMart the series' intellectual property.
    pub brand: String,
    /// PopMart series.
    pub series: Option<String>,
    /// Categories, root first.
    pub breadcrumbs: Vec<String>,
    /// Bullet points.
    pub features: Vec<String>,
    /// Technical details.
    pub attributes: Vec<(String, String)>,
    /// Regular price.
    pub price: Money,
    /// How fast it moves.
    pub tempo: Tempo,
    /// Probability that a stock cycle ends sold out.
    pub scarcity: f64,
    /// What its picture shows.
    pub glyph: Glyph,
    /// The source's own part.
    pub detail: Detail,
}

impl Listing {
    /// PopMart's part, if it is a PopMart listing.
    #[must_use]
    pub fn release(&self) -> Option<&Release> {
        match &self.detail {
            Detail::Popmart(release) => Some(release),
            Detail::Amazon(_) | Detail::Haier(_) | Detail::Alibaba1688(_) | Detail::Web(_) => None,
        }
    }

    /// Amazon's part, if it is an Amazon listing.
    #[must_use]
    pub fn offering(&self) -> Option<&Offering> {
        match &self.detail {
            Detail::Amazon(offering) => Some(offering),
            Detail::Popmart(_) | Detail::Haier(_) | Detail::Alibaba1688(_) | Detail::Web(_) => None,
        }
    }

    /// Haier's part, if it is a Haier listing.
    #[must_use]
    pub fn appliance(&self) -> Option<&Appliance> {
        match &self.detail {
            Detail::Haier(appliance) => Some(appliance),
            Detail::Amazon(_) | Detail::Popmart(_) | Detail::Alibaba1688(_) | Detail::Web(_) => {
                None
            }
        }
    }

    /// 1688's part, if it is a 1688 offer.
    #[must_use]
    pub fn wholesale(&self) -> Option<&Wholesale> {
        match &self.detail {
            Detail::Alibaba1688(wholesale) => Some(wholesale),
            Detail::Amazon(_) | Detail::Popmart(_) | Detail::Haier(_) | Detail::Web(_) => None,
        }
    }

    /// The web shop's part, if it is a listing of the web shop.
    #[must_use]
    pub fn shown(&self) -> Option<&Shown> {
        match &self.detail {
            Detail::Web(shown) => Some(shown),
            Detail::Amazon(_) | Detail::Popmart(_) | Detail::Haier(_) | Detail::Alibaba1688(_) => {
                None
            }
        }
    }
}
