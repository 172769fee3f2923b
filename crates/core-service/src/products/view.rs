//! The shape of a product.

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::history::LastKnown;
use domain::money::Currency;
use domain::observation::Values;
use sea_orm::FromQueryResult;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

use super::figures::Shown;
use super::popularity::Popularity;
use crate::alerts::view::percent;
use crate::values::ValuesRow;

/// An amount in major units and its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Money {
    /// Decimal text with the currency's decimals.
    #[schema(example = "19.99")]
    pub amount: String,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
}

impl From<domain::money::Money> for Money {
    fn from(money: domain::money::Money) -> Self {
        Self {
            amount: money.amount(),
            currency: money.currency.code().to_owned(),
        }
    }
}

/// What a source recommends to buy first, and from whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BuyBox {
    /// Its price.
    pub price: Option<Money>,
    /// Who holds it.
    pub seller: Option<String>,
}

/// A place in one of the source's categories; 1 is the best.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CategoryRank {
    /// The category as the source names it.
    pub category: String,
    /// The place.
    pub rank: i32,
}

/// Kinds of products that people filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Flags {
    /// Newly listed.
    pub new: bool,
    /// A limited edition.
    pub limited: bool,
    /// Sold before its release.
    pub pre_order: bool,
    /// The buyer does not know which figure is inside.
    pub blind_box: bool,
}

/// How far figures moved at the last point where they changed, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Delta {
    /// Of the price.
    #[schema(example = -12.5)]
    pub price_percent: Option<f64>,
    /// Of the rank; negative is better.
    pub rank_percent: Option<f64>,
}

/// Whether and how a product can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(rename_all = "snake_case", as = Availability)]
#[expect(
    missing_docs,
    reason = "the words of domain::availability, documented there"
)]
pub enum AvailabilityWord {
    InStock,
    OutOfStock,
    PreOrder,
    ComingSoon,
    Discontinued,
    NotFound,
    Unknown,
}

impl From<Availability> for AvailabilityWord {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::InStock => Self::InStock,
            Availability::OutOfStock => Self::OutOfStock,
            Availability::PreOrder => Self::PreOrder,
            Availability::ComingSoon => Self::ComingSoon,
            Availability::Discontinued => Self::Discontinued,
            Availability::NotFound => Self::NotFound,
            Availability::Unknown => Self::Unknown,
        }
    }
}

/// A watched listing with its newest figures. What is not known is null, never 0 or "".
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Product {
    /// Its id.
    pub id: i64,
    /// Where it is listed.
    #[schema(example = "amazon")]
    pub source: String,
    /// Upper-case ISO 3166 code.
    #[schema(example = "US")]
    pub marketplace: String,
    /// The source's own id.
    pub external_id: String,
    /// For a variant: the product it belongs to.
    pub parent_id: Option<i64>,
    /// The page a person would open; null where the source has none.
    pub url: Option<String>,
    /// As listed.
    pub title: Option<String>,
    /// The maker or brand.
    pub brand: Option<String>,
    /// The series or collection.
    pub series: Option<String>,
    /// The category's path.
    pub category: Option<String>,
    /// The main picture.
    pub image_url: Option<String>,
    /// All pictures, the main one first.
    pub images: Vec<String>,
    /// Bullet points.
    pub features: Vec<String>,
    /// Other named facts, as listed.
    pub attributes: BTreeMap<String, String>,
    /// What kind of product it is said to be.
    pub flags: Flags,
    /// The price now; null when nobody offers it. A crawl that could not learn it leaves the last good one.
    pub price: Option<Money>,
    /// The price before discount.
    pub list_price: Option<Money>,
    /// The recommended offer.
    pub buy_box: BuyBox,
    /// The rank in the root category.
    pub rank: Option<i32>,
    /// The root category.
    pub rank_category: Option<String>,
    /// All ranks, the root category first.
    pub ranks: Vec<CategoryRank>,
    /// 0 to 5, with decimals. A crawl that could not learn it leaves the last good one.
    #[schema(example = 4.6)]
    pub rating: Option<f64>,
    /// Number of ratings or reviews.
    pub review_count: Option<i32>,
    /// How it can be had.
    pub availability: AvailabilityWord,
    /// Whether it can be bought now.
    pub in_stock: Option<bool>,
    /// Units left, where the source tells.
    pub stock_quantity: Option<i32>,
    /// When it was last seen.
    pub last_observed_at: Option<DateTime<Utc>>,
    /// When its figures last changed.
    pub last_changed_at: Option<DateTime<Utc>>,
    /// The tenant's tracking; null for a variant that is watched through its parent.
    pub tracking_id: Option<Uuid>,
    /// How the page is read, where the tenant chose; null: as the source finds best.
    #[schema(example = "json_ld")]
    pub strategy: Option<String>,
    /// The last moves.
    pub delta: Delta,
    /// How popular it is within its category; null where too little is known.
    pub popularity: Option<Popularity>,
    /// Grows whenever the newest look is another one; the same number is in `listing.changed`.
    pub version: i64,
}

/// A product with what is too long for lists.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProductDetails {
    /// As in lists.
    #[serde(flatten)]
    pub product: Product,
    /// What the seller says of it, as plain text.
    pub description: Option<String>,
    /// Addresses of films about it.
    pub videos: Vec<String>,
}

/// What [`ProductDetails`] is made of.
#[derive(Debug, FromQueryResult)]
pub struct DetailsRow {
    #[sea_orm(nested)]
    product: ProductRow,
    description: Option<String>,
    videos: serde_json::Value,
}

impl From<DetailsRow> for ProductDetails {
    fn from(row: DetailsRow) -> Self {
        Self {
            product: row.product.into(),
            description: row.description,
            videos: listed(row.videos),
        }
    }
}

/// A row of the view `catalog.product`.
#[derive(Debug, FromQueryResult)]
pub struct ProductRow {
    /// The listing.
    pub id: i64,
    /// Since when the tenant watches it.
    pub watched_at: DateTime<Utc>,
    /// Where it is listed.
    pub source: String,
    marketplace: String,
    /// Its id there.
    pub external_id: String,
    /// For a variant: its parent.
    pub parent_id: Option<i64>,
    url: String,
    /// As listed.
    pub title: Option<String>,
    brand: Option<String>,
    series: Option<String>,
    category: Option<String>,
    images: serde_json::Value,
    strategy: Option<String>,
    features: serde_json::Value,
    attributes: serde_json::Value,
    is_new: bool,
    is_limited: bool,
    is_pre_order: bool,
    is_blind_box: bool,
    state_version: i64,
    /// When it was last seen.
    pub observed_at: Option<DateTime<Utc>>,
    /// When its figures last changed.
    pub changed_at: Option<DateTime<Utc>>,
    known_price: Option<i64>,
    /// The currency of the last price really seen.
    pub known_currency: Option<String>,
    /// The last rank really seen.
    pub known_rank: Option<i32>,
    known_rating_hundredths: Option<i32>,
    known_review_count: Option<i32>,
    price_change_bp: Option<i64>,
    rank_change_bp: Option<i64>,
    /// The tenant's tracking.
    pub tracking_id: Option<Uuid>,
    popularity: Option<serde_json::Value>,
    #[sea_orm(nested)]
    values: ValuesRow,
}

/// The columns of [`ProductRow`], of `catalog.product`.
pub const COLUMNS: &str = "id, watched_at, source, marketplace, external_id, parent_id, url, title, \
    brand, series, category, images, features, attributes, strategy, \
    is_new, is_limited, is_pre_order, is_blind_box, state_version, observed_at, changed_at, \
    known_price, known_currency, \
    known_rank, known_rating_hundredths, known_review_count, price_change_bp, rank_change_bp, tracking_id, \
    offer, currency, price, list_price, buy_box_price, buy_box_seller, availability, in_stock, stock_quantity, ranks, \
    rating_hundredths, review_count, popularity";

impl From<ProductRow> for Product {
    fn from(row: ProductRow) -> Self {
        let values = Values::from(row.values);
        let known = LastKnown {
            price: row
                .known_price
                .zip(row.known_currency)
                .and_then(|(minor, code)| {
                    Some(domain::money::Money::from_minor(
                        minor,
                        Currency::parse(&code).ok()?,
                    ))
                }),
            rank: row.known_rank,
            rating_hundredths: row.known_rating_hundredths,
            review_count: row.known_review_count,
        };
        let shown = Shown::of(&values, &known);
        let money = |minor: Option<i64>| values.money(minor).map(Money::from);
        let images: Vec<String> = listed(row.images);
        Self {
            id: row.id,
            source: row.source,
            marketplace: row.marketplace,
            external_id: row.external_id,
            parent_id: row.parent_id,
            url: Some(row.url).filter(|url| !url.is_empty()),
            title: row.title,
            brand: row.brand,
            series: row.series,
            category: row.category,
            image_url: images.first().cloned(),
            images,
            features: listed(row.features),
            attributes: listed(row.attributes),
            flags: Flags {
                new: row.is_new,
                limited: row.is_limited,
                pre_order: row.is_pre_order,
                blind_box: row.is_blind_box,
            },
            price: shown.price.map(Money::from),
            list_price: money(values.list_price),
            buy_box: BuyBox {
                price: money(values.buy_box_price),
                seller: values.buy_box_seller.clone(),
            },
            rank: shown.rank,
            rank_category: values.ranks.first().map(|rank| rank.category.clone()),
            ranks: values
                .ranks
                .iter()
                .map(|rank| CategoryRank {
                    category: rank.category.clone(),
                    rank: rank.rank,
                })
                .collect(),
            rating: shown
                .rating_hundredths
                .map(|hundredths| f64::from(hundredths) / 100.0),
            review_count: shown.review_count,
            availability: values.availability.into(),
            in_stock: values.in_stock,
            stock_quantity: values.stock_quantity,
            last_observed_at: row.observed_at,
            last_changed_at: row.changed_at,
            tracking_id: row.tracking_id,
            strategy: row.strategy,
            delta: Delta {
                price_percent: row.price_change_bp.map(percent),
                rank_percent: row.rank_change_bp.map(percent),
            },
            popularity: row
                .popularity
                .and_then(|shown| serde_json::from_value(shown).ok()),
            version: row.state_version,
        }
    }
}

/// A list or map that ingest wrote; anything else would be a defect there and reads as empty.
fn listed<T: serde::de::DeserializeOwned + Default>(json: serde_json::Value) -> T {
    serde_json::from_value(json).unwrap_or_default()
}
