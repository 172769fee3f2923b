//! Items of junglee's actor, as observations.

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::{Content, ListingRef};
use domain::observation::{CategoryRank, Observation, Offer, Values};

use super::text;
use super::wire::{JungleeItem, JungleePrice, JungleeSeller, KeyValue};
use crate::currency;
use crate::json::{clean, count, decimal, positive_money};
use crate::listing_url;

/// What the item says of `listing`. Fails on an item that says nothing at all.
pub(crate) fn observation(
    item: JungleeItem,
    listing: &ListingRef,
    observed_at: DateTime<Utc>,
) -> Result<Observation, String> {
    let title = item.title.as_deref().and_then(clean);
    if title.is_none() && item.price.is_none() {
        return Err("the item has neither a title nor a price".into());
    }
    let values = values(&item, listing);
    let content = content(item, title, listing);
    Ok(Observation {
        listing: listing.clone(),
        parent_external_id: None,
        observed_at,
        values,
        content: Some(content),
    })
}

fn values(item: &JungleeItem, listing: &ListingRef) -> Values {
    let money = |price: &Option<JungleePrice>| {
        let price = price.as_ref()?;
        let currency = currency::resolve(price.currency.as_deref(), &listing.marketplace)?;
        positive_money(price.value.as_ref()?, currency)
    };
    let price = money(&item.price);
    let list_price = money(&item.list_price)
        .filter(|list| price.is_none_or(|price| price.currency == list.currency));

    let said = text::stock(item.in_stock_text.as_deref().unwrap_or_default());
    let in_stock = item.in_stock.or(said.in_stock);
    let availability = match (said.availability, in_stock) {
        (Availability::PreOrder, _) => Availability::PreOrder,
        (_, Some(true)) => Availability::InStock,
        (_, Some(false)) => Availability::OutOfStock,
        (_, None) => Availability::Unknown,
    };
    let offer = match (price, in_stock) {
        (Some(_), _) => Offer::Offered,
        (None, Some(false)) => Offer::None,
        (None, _) => Offer::NotCollected,
    };
    // `price` and `seller` describe the featured offer, which is the buy box.
    let seller = match &item.seller {
        Some(JungleeSeller::Name(name) | JungleeSeller::Object { name: Some(name) }) => clean(name),
        _ => None,
    };
    let minor = price.map(|money| money.minor);
    Values {
        offer,
        currency: price
            .or(list_price)
            .map(|money| money.currency.code().to_owned()),
        price: minor,
        list_price: list_price.map(|money| money.minor),
        buy_box_price: minor.filter(|_| seller.is_some()),
        buy_box_seller: seller.filter(|_| minor.is_some()),
        availability,
        in_stock,
        stock_quantity: said.quantity,
        ranks: ranks(item),
        rating_hundredths: item
            .stars
            .as_ref()
            .and_then(decimal)
            .and_then(text::hundredths),
        review_count: item.reviews_count.as_ref().and_then(count),
    }
}

fn ranks(item: &JungleeItem) -> Vec<CategoryRank> {
    if item.bestseller_ranks.is_empty() {
        return bestseller_text(&item.attributes);
    }
    item.bestseller_ranks
        .iter()
        .filter(|entry| entry.rank >= 1)
        .filter_map(|entry| {
            Some(CategoryRank {
                category: clean(&entry.category)?,
                rank: entry.rank,
            })
        })
        .collect()
}

/// Ranks that are told as text among the facts only.
pub(crate) fn bestseller_text(facts: &[KeyValue]) -> Vec<CategoryRank> {
    facts
        .iter()
        .find(|fact| fact.key.contains("Best Sellers Rank"))
        .map(|fact| text::ranks(&fact.value))
        .unwrap_or_default()
}

/// Facts with their first value; those we keep as figures are left out.
pub(crate) fn facts(pairs: Vec<KeyValue>) -> std::collections::BTreeMap<String, String> {
    let mut facts = std::collections::BTreeMap::new();
    for pair in pairs {
        let (Some(key), Some(value)) = (clean(&pair.key), clean(&pair.value)) else {
            continue;
        };
        if !matches!(
            key.as_str(),
            "Best Sellers Rank" | "Customer Reviews" | "ASIN"
        ) {
            facts.entry(key).or_insert(value);
        }
    }
    facts
}

fn content(item: JungleeItem, title: Option<String>, listing: &ListingRef) -> Content {
    let mut images = item.high_resolution_images;
    if images.is_empty() {
        images.extend(item.thumbnail_image);
    }
    if images.is_empty() {
        images = item.gallery_thumbnails;
    }
    Content {
        // It becomes a link on a page.
        url: item
            .url
            .filter(|url| url.starts_with("https://"))
            .or_else(|| Some(listing_url::page(listing))),
        title,
        brand: item.brand.as_deref().and_then(clean),
        series: None,
        category: item.bread_crumbs.as_deref().and_then(clean),
        images,
        features: item
            .features
            .iter()
            .filter_map(|text| clean(text))
            .collect(),
        videos: Vec::new(),
        description: None,
        attributes: facts(item.attributes),
        flags: Default::default(),
    }
}
