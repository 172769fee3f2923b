//! A product that is not tracked, or not yet: as the source told it just now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::catalog::v1 as wire;
use contracts::catalog::v1::values::Offer;
use domain::money::{Currency, Money as Amount};
use serde::Serialize;
use utoipa::ToSchema;

/// An amount in major units and its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Money {
    /// Decimal text with the currency's decimals.
    #[schema(example = "19.99")]
    pub(super) amount: String,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub(super) currency: String,
}

/// What a source recommends to buy first, and from whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct BuyBox {
    /// Its price.
    price: Option<Money>,
    /// Who holds it.
    seller: Option<String>,
}

/// A place in one of the source's categories; 1 is the best.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct CategoryRank {
    /// The category as the source names it.
    category: String,
    /// The place.
    rank: i32,
}

/// Kinds of products that people filter by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Flags {
    /// Newly listed.
    new: bool,
    /// A limited edition.
    limited: bool,
    /// Sold before its release.
    pre_order: bool,
    /// The buyer does not know which figure is inside.
    blind_box: bool,
}

/// A product as a source told it. What it did not tell is null, never 0 or "".
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(super) struct FoundProduct {
    /// Where it is listed.
    #[schema(example = "popmart")]
    pub(super) source: String,
    /// Upper-case ISO 3166 code.
    pub(super) marketplace: String,
    /// The source's own id.
    pub(super) external_id: String,
    /// For a variant: the id of the product it belongs to.
    parent_external_id: Option<String>,
    /// The page a person would open.
    url: Option<String>,
    /// As listed.
    title: Option<String>,
    /// The maker or brand.
    brand: Option<String>,
    /// The series or collection.
    series: Option<String>,
    /// The category's path.
    category: Option<String>,
    /// Plain text.
    description: Option<String>,
    /// The main picture.
    image_url: Option<String>,
    /// All pictures, the main one first.
    images: Vec<String>,
    /// Films.
    videos: Vec<String>,
    /// Bullet points.
    features: Vec<String>,
    /// Other named facts, as listed.
    attributes: BTreeMap<String, String>,
    /// What kind of product it is said to be.
    flags: Flags,
    /// `offered`, `none` (nobody offers it now) or `not_collected`.
    offer: &'static str,
    /// The price now.
    price: Option<Money>,
    /// The price before discount.
    list_price: Option<Money>,
    /// The recommended offer.
    buy_box: BuyBox,
    /// The rank in the root category.
    rank: Option<i32>,
    /// The root category.
    rank_category: Option<String>,
    /// All ranks, the root category first.
    ranks: Vec<CategoryRank>,
    /// 0 to 5, with decimals.
    rating: Option<f64>,
    /// Number of ratings or reviews.
    review_count: Option<i32>,
    /// `in_stock`, `out_of_stock`, `pre_order`, `coming_soon`, `discontinued`, `not_found` or `unknown`.
    availability: String,
    /// Whether it can be bought now.
    in_stock: Option<bool>,
    /// Units left, where the source tells.
    stock_quantity: Option<i32>,
    /// When it was seen.
    observed_at: Option<DateTime<Utc>>,
}

impl From<wire::Observation> for FoundProduct {
    fn from(seen: wire::Observation) -> Self {
        let values = seen.values.unwrap_or_default();
        let content = seen.content.unwrap_or_default();
        let flags = content.flags.unwrap_or_default();
        let currency = values.currency.as_deref();
        let price = money(values.price_minor, currency);
        let list_price = money(values.list_price_minor, currency);
        let buy_box_price = money(values.buy_box_price_minor, currency);
        let offer = match values.offer() {
            Offer::Offered => "offered",
            Offer::None => "none",
            Offer::NotCollected => "not_collected",
        };
        let root = values.ranks.first();
        Self {
            source: seen.source,
            marketplace: seen.marketplace,
            external_id: seen.external_id,
            parent_external_id: seen.parent_external_id,
            url: content.url,
            title: content.title,
            brand: content.brand,
            series: content.series,
            category: content.category,
            description: content.description,
            image_url: content.images.first().cloned(),
            images: content.images,
            videos: content.videos,
            features: content.features,
            attributes: content.attributes.into_iter().collect(),
            flags: Flags {
                new: flags.new,
                limited: flags.limited,
                pre_order: flags.pre_order,
                blind_box: flags.blind_box,
            },
            offer,
            price,
            list_price,
            buy_box: BuyBox {
                price: buy_box_price,
                seller: values.buy_box_seller,
            },
            rank: root.map(|root| root.rank),
            rank_category: root.map(|root| root.category.clone()),
            ranks: values
                .ranks
                .into_iter()
                .map(|entry| CategoryRank {
                    category: entry.category,
                    rank: entry.rank,
                })
                .collect(),
            rating: values
                .rating_hundredths
                .map(|rating| f64::from(rating) / 100.0),
            review_count: values.review_count,
            availability: if values.availability.is_empty() {
                "unknown".to_owned()
            } else {
                values.availability
            },
            in_stock: values.in_stock,
            stock_quantity: values.stock_quantity,
            observed_at: DateTime::from_timestamp_micros(seen.observed_at_us),
        }
    }
}

/// An amount whose currency is none of ISO 4217 is not shown.
fn money(minor: Option<i64>, currency: Option<&str>) -> Option<Money> {
    let currency = Currency::parse(currency?).ok()?;
    Some(Money {
        amount: Amount::from_minor(minor?, currency).amount(),
        currency: currency.code().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_follow_their_currency_and_the_unknown_is_null() {
        let of = |currency: Option<&str>| {
            FoundProduct::from(wire::Observation {
                source: "popmart".to_owned(),
                values: Some(wire::Values {
                    currency: currency.map(ToOwned::to_owned),
                    price_minor: Some(1_250),
                    ..wire::Values::default()
                }),
                ..wire::Observation::default()
            })
        };
        let amount = |currency| of(currency).price.map(|price| price.amount);
        assert_eq!(amount(Some("USD")).as_deref(), Some("12.50"));
        assert_eq!(amount(Some("JPY")).as_deref(), Some("1250"));
        assert_eq!(amount(Some("???")), None);
        let silent = of(None);
        assert_eq!(
            (
                silent.price,
                silent.title,
                silent.offer,
                silent.availability.as_str()
            ),
            (None, None, "not_collected", "unknown")
        );
    }
}
