//! Items of product pages.

use connectors::{Outcome, Target};
use domain::availability::Availability;
use domain::observation::Offer;
use serde_json::Value;

use super::super::SOURCE;
use super::{attribute, only, ranks, read, title, us};
use crate::support::{observed, target};

pub(super) fn junglee_item(bytes: &[u8]) {
    let read = read(bytes, &[target(SOURCE, "AU", "B0D3V6Y38G")]);
    let seen = only(&read);
    assert!(title(seen).starts_with("Loop Quiet 2 Ear Plugs"));
    let values = &seen.values;
    assert_eq!(values.currency.as_deref(), Some("AUD"));
    assert_eq!((values.price, values.offer), (Some(3995), Offer::Offered));
    assert_eq!(
        (values.list_price, values.buy_box_price),
        (None, Some(3995))
    );
    assert_eq!(values.buy_box_seller.as_deref(), Some("Loop Earplugs AU"));
    assert_eq!(
        (values.availability, values.in_stock, values.stock_quantity),
        (Availability::InStock, Some(true), None)
    );
    assert_eq!(values.rating_hundredths, Some(420));
    assert_eq!(values.review_count, Some(23_642));
    assert_eq!(
        ranks(seen),
        [(28, "Health, Household & Personal Care"), (1, "Earplugs")]
    );
    let content = seen.content.as_ref().expect("content");
    assert_eq!(content.brand.as_deref(), Some("Loop"));
    assert_eq!((content.images.len(), content.features.len()), (7, 5));
    assert_eq!(
        content.category.as_deref(),
        Some("Health, Household & Personal Care > Medication & Remedies > Ear Care > Ear Plugs")
    );
    assert_eq!(
        content.url.as_deref(),
        Some("https://www.amazon.com.au/dp/B0D3V6Y38G")
    );
    for (name, value) in [
        ("seller", "Loop Earplugs AU"),
        ("seller_id", "A1CVBR8PLBYTJC"),
        ("monthly_sales", "800"),
        ("variants", "B0D3V6TR98, B0D3V4V1KD, B0D3V61JC8"),
        ("weight", "30 Grams"),
        ("dimensions", "7.8 x 7.8 x 1.9 centimetres"),
        ("manufacturer", "Loop"),
        ("model", "en-qt-vlt-03"),
        ("material", "Silicone"),
        ("release_date", "2024-06-06"),
        ("position", "26"),
        ("sponsored", "yes"),
    ] {
        assert_eq!(attribute(seen, name), Some(value), "{name}");
    }
    assert_eq!(attribute(seen, "Customer Reviews"), None);
}

pub(super) fn junglee_partial(bytes: &[u8]) {
    let read = read(bytes, &[target(SOURCE, "AU", "B0FCYRR949")]);
    let seen = only(&read);
    let values = &seen.values;
    assert_eq!(
        (values.price, values.currency.as_deref()),
        (Some(1299), Some("AUD"))
    );
    assert_eq!(
        (values.in_stock, values.availability),
        (None, Availability::Unknown)
    );
    assert_eq!(
        (values.rating_hundredths, values.review_count),
        (Some(380), Some(4))
    );
    assert!(values.ranks.is_empty() && values.buy_box_price.is_none());
    let content = seen.content.as_ref().expect("content");
    assert_eq!(title(seen), "Portable Clothesline");
    assert_eq!(content.brand.as_deref(), Some("Ayvicco"));
    assert_eq!(
        content.category.as_deref(),
        Some("Home > Laundry, Steaming & Ironing")
    );
    assert!(content.images.is_empty() && content.description.is_none());
}

pub(super) fn junglee_reduced(bytes: &[u8]) {
    let rows: Vec<Value> = serde_json::from_slice(bytes).expect("JSON");
    let targets: Vec<Target> = rows
        .iter()
        .map(|row| target(SOURCE, "CA", row["asin"].as_str().expect("an ASIN")))
        .collect();
    let read = read(bytes, &targets);
    assert_eq!(read.len(), 12);
    let told: Vec<_> = read
        .iter()
        .map(|(_, outcome)| {
            let values = &observed(outcome)[0].values;
            (values.price, values.rating_hundredths, values.review_count)
        })
        .collect();
    assert_eq!(
        told,
        [
            (None, Some(450), Some(280)),
            (Some(2288), Some(490), Some(38)),
            (Some(19_799), None, None),
            (Some(99_189), Some(440), Some(111)),
            (None, Some(500), Some(2)),
            (Some(397), Some(460), Some(2429)),
            (Some(10_099), Some(480), Some(1167)),
            (Some(10_900), Some(450), Some(14)),
            (Some(2797), Some(470), Some(78)),
            (Some(4399), Some(440), Some(43)),
            (Some(797), Some(470), Some(2245)),
            (Some(1618), Some(470), Some(1171)),
        ]
    );
    for (_, outcome) in &read {
        let seen = &observed(outcome)[0];
        let priced = seen.values.price.is_some();
        assert_eq!(seen.values.currency.as_deref(), priced.then_some("CAD"));
        let offer = if priced {
            Offer::Offered
        } else {
            Offer::NotCollected
        };
        assert_eq!(seen.values.offer, offer);
    }
    let brands: Vec<Option<&str>> = read
        .iter()
        .map(|(_, outcome)| observed(outcome)[0].content.as_ref()?.brand.as_deref())
        .collect();
    assert_eq!((brands[0], brands[1]), (Some("Scepter"), None));
    let first = observed(&read[0].1)[0].content.as_ref().expect("content");
    let text = first.description.as_deref().unwrap_or_default();
    assert!(text.starts_with("Excellent for use with outboard engines"));
    assert_eq!(first.images.len(), 1);
}

pub(super) fn axesso_item(bytes: &[u8]) {
    let read = read(bytes, &[us("B0CM9DB6WF")]);
    let seen = only(&read);
    assert_eq!(
        seen.listing.external_id, "B0CM9DB6WF",
        "joined by address, not by ASIN"
    );
    assert_eq!(attribute(seen, "shown_variant"), Some("B0CLD7RNM8"));
    let values = &seen.values;
    assert_eq!((values.price, values.list_price), (Some(999), None));
    assert_eq!(values.currency.as_deref(), Some("USD"));
    assert_eq!(values.buy_box_seller.as_deref(), Some("Amazon.com"));
    assert_eq!(
        (values.availability, values.in_stock),
        (Availability::InStock, Some(true))
    );
    assert_eq!(values.rating_hundredths, Some(460));
    assert_eq!(values.review_count, Some(20_796));
    assert_eq!(
        ranks(seen),
        [(71, "Sports & Outdoors"), (6, "Water Bottles")]
    );
    let content = seen.content.as_ref().expect("content");
    assert_eq!(
        content.brand.as_deref(),
        Some("Zak Designs"),
        "without the direction mark"
    );
    assert_eq!((content.images.len(), content.videos.len()), (6, 6));
    assert!(content.features.len() >= 3);
    assert!(
        content
            .description
            .as_deref()
            .is_some_and(|text| text.starts_with("Drinking more water"))
    );
    assert_eq!(
        content.category.as_deref(),
        Some("Sports & Outdoors > Sports & Outdoor Recreation Accessories > Sports Water Bottles")
    );
    for (name, value) in [
        ("fulfilled_by", "Amazon.com"),
        ("seller", "Amazon.com"),
        ("monthly_sales", "1000"),
        ("min_order_quantity", "1"),
        ("category_id", "3395091"),
        ("material", "Plastic, Silicone"),
        ("dimensions", "2.78\"W x 7\"H"),
    ] {
        assert_eq!(attribute(seen, name), Some(value), "{name}");
    }
    assert_eq!(attribute(seen, "seller_id"), None);
    let variants = attribute(seen, "variants").expect("variants without a price");
    assert!(variants.starts_with("B0DM5HVFR2") && !variants.contains("B0CLD7RNM8"));
    assert!(
        content
            .attributes
            .values()
            .all(|text| !text.contains('\u{200e}'))
    );
}

pub(super) fn axesso_used_buy_box(bytes: &[u8]) {
    let read = read(bytes, &[us("B0DKTNNS1C")]);
    let seen = only(&read);
    assert_eq!(
        seen.values.price,
        Some(2099),
        "the new offer, not the used one"
    );
    assert_eq!(seen.values.stock_quantity, None);
    assert_eq!(seen.values.review_count, Some(35_159));
    assert_eq!(attribute(seen, "condition"), None);
    assert_eq!(attribute(seen, "monthly_sales"), Some("500"));
    let content = seen.content.as_ref().expect("content");
    assert_eq!(content.brand.as_deref(), Some("THERMOS"));
}

pub(super) fn axesso_page(bytes: &[u8]) {
    let targets = [us("B0BGS8QTSM"), us("B0C6XM9DSV"), us("B0DPPSXQ43")];
    let mut read = read(bytes, &targets);
    read.sort_by_key(|(place, _)| *place);
    assert_eq!(read.len(), 3);
    let first = &observed(&read[0].1)[0];
    assert_eq!(
        (first.values.price, first.values.list_price),
        (Some(1040), Some(1599))
    );
    assert_eq!(
        ranks(first),
        [(2778, "Sports & Outdoors"), (132, "Water Bottles")]
    );
    assert_eq!(
        attribute(first, "barcode"),
        Some("707226943400, 374528123924, 00707226943400")
    );
    assert_eq!(
        attribute(first, "weight"),
        Some("10.72 ounces"),
        "the first of two"
    );
    assert_eq!(attribute(first, "release_date"), Some("2018-07-14"));
    assert_eq!(attribute(first, "monthly_sales"), Some("300"));
    assert_eq!(read[1].1, Outcome::NotFound);
    let gone = &observed(&read[2].1)[0];
    assert_eq!(
        (
            gone.values.offer,
            gone.values.price,
            gone.values.availability
        ),
        (Offer::None, None, Availability::OutOfStock)
    );
    assert_eq!(gone.values.review_count, Some(10_657));
}
