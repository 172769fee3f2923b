//! Items of axesso's actor, as observations.

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::{Content, ListingRef};
use domain::observation::{Observation, Offer, Values};

use super::junglee::{bestseller_text, facts};
use super::text;
use super::wire::{AxessoItem, KeyValue};
use crate::currency;
use crate::json::{clean, count, positive_money};
use crate::listing_url;

/// What the item says of `listing`. Fails on an item that says nothing at all.
pub(crate) fn observation(
    item: AxessoItem,
    listing: &ListingRef,
    observed_at: DateTime<Utc>,
) -> Result<Observation, String> {
    let title = item.title.as_deref().and_then(clean);
    let values = values(&item, listing);
    if title.is_none() && values.price.is_none() {
        return Err("the item has neither a title nor a price".into());
    }
    Ok(Observation {
        listing: listing.clone(),
        parent_external_id: None,
        observed_at,
        values,
        content: Some(content(item, title, listing)),
    })
}

fn values(item: &AxessoItem, listing: &ListingRef) -> Values {
    // No currency field: the shop decides. Zero stands for "none" here and is dropped as such.
    let currency = currency::of_marketplace(&listing.marketplace);
    let minor = |number: &Option<serde_json::Number>| {
        Some(positive_money(number.as_ref()?, currency?)?.minor)
    };
    let price = minor(&item.price);
    let list_price = minor(&item.retail_price);
    let stock = text::stock(item.warehouse_availability.as_deref().unwrap_or_default());
    let offer = match (price, stock.availability) {
        (Some(_), _) => Offer::Offered,
        (None, Availability::OutOfStock) => Offer::None,
        (None, _) => Offer::NotCollected,
    };
    let seller = item.sold_by.as_deref().and_then(clean);
    Values {
        offer,
        currency: currency
            .filter(|_| price.or(list_price).is_some())
            .map(|currency| currency.code().to_owned()),
        price,
        list_price,
        buy_box_price: price.filter(|_| seller.is_some()),
        buy_box_seller: seller.filter(|_| price.is_some()),
        availability: stock.availability,
        in_stock: stock.in_stock,
        stock_quantity: stock.quantity,
        ranks: bestseller_text(&item.product_details),
        rating_hundredths: item.product_rating.as_deref().and_then(text::rating),
        review_count: item.count_review.as_ref().and_then(count),
    }
}

fn content(item: AxessoItem, title: Option<String>, listing: &ListingRef) -> Content {
    let mut images = item.image_url_list;
    if images.is_empty() {
        images.extend(item.main_image.map(|image| image.image_url));
    }
    let path: Vec<_> = item
        .categories_extended
        .iter()
        .filter_map(|category| clean(&category.name))
        .collect();
    Content {
        // The address asked for, without the tracking parts of the one that answered.
        url: Some(listing_url::page(listing)),
        title,
        brand: brand(&item.product_details, item.manufacturer.as_deref()),
        series: None,
        category: (!path.is_empty()).then(|| path.join(" > ")),
        images,
        features: item
            .features
            .iter()
            .filter_map(|text| clean(text))
            .collect(),
        videos: Vec::new(),
        description: None,
        attributes: facts(item.product_details),
        flags: Default::default(),
    }
}

/// The brand by its fact, else out of the byline ("Visit the X Store", "Brand: X").
fn brand(facts: &[KeyValue], byline: Option<&str>) -> Option<String> {
    let fact = facts
        .iter()
        .find(|fact| fact.key == "Brand")
        .and_then(|fact| clean(&fact.value));
    fact.or_else(|| {
        let byline = byline?.trim();
        let name = byline
            .strip_prefix("Visit the ")
            .map(|rest| rest.strip_suffix(" Store").unwrap_or(rest))
            .or_else(|| byline.strip_prefix("Brand:"))
            .unwrap_or(byline);
        clean(name)
    })
}
