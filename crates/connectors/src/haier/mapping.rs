//! What is known of a product, as an observation.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::{Content, ListingRef};
use domain::money::Money;
use domain::observation::{Observation, Offer, Values};

use super::account::Account;
use super::rows::{Price, Product, Warehouse, total};

/// What the calls said of one product.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    pub product: Option<&'a Product>,
    pub price: Option<&'a Price>,
    pub shelf: Shelf<'a>,
}

/// What is known of the stock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Shelf<'a> {
    /// Nobody asked: no county is known.
    #[default]
    Unasked,
    /// Asked, but not learnt.
    Missed,
    /// For a county, where the answer alone does not tell which.
    Told(Option<&'a str>, &'a [Warehouse]),
}

impl Shelf<'_> {
    /// When nobody asks for the stock: the platform's word that a product may be ordered does not stand for stock
    /// that other looks learn.
    pub fn unasked(account: &Account) -> Self {
        match account.county {
            Some(_) => Self::Missed,
            None => Self::Unasked,
        }
    }
}

/// How much of a listing's content an observation may tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All calls were answered: the attributes are the listing's.
    Whole,
    /// Some were not. Attributes replace those that are known as a whole, so part of them is not told.
    Part,
}

/// Which of the prices is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Supply,
    Invoice,
    Market,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supply => "supply",
            Self::Invoice => "invoice",
            Self::Market => "market",
        }
    }
}

impl Price {
    /// The price to show: what Haier supplies at, else what it invoices, else what the market pays.
    pub fn shown(&self) -> Option<(Kind, Money)> {
        [
            (Kind::Supply, self.supply),
            (Kind::Invoice, self.invoice),
            (Kind::Market, self.market),
        ]
        .into_iter()
        .find_map(|(kind, money)| Some((kind, money?)))
    }
}

/// The observation of a product.
pub(super) fn observation(
    listing: &ListingRef,
    known: Known<'_>,
    extent: Extent,
    observed_at: DateTime<Utc>,
) -> Observation {
    Observation {
        listing: listing.clone(),
        parent_external_id: None,
        observed_at,
        values: values(known),
        content: content(known, extent),
    }
}

fn values(known: Known<'_>) -> Values {
    let sellable = sellable(known);
    let stock = match known.shelf {
        Shelf::Told(_, warehouses) => total(warehouses),
        Shelf::Unasked | Shelf::Missed => None,
    };
    let in_stock = match (sellable, known.shelf, stock) {
        (Some(false), ..) => Some(false),
        (_, _, Some(0)) => Some(false),
        (Some(true), _, Some(_)) => Some(true),
        // Without a county the platform's own word is all there is.
        (Some(true), Shelf::Unasked, None) => Some(true),
        _ => None,
    };
    let availability = match (sellable, in_stock) {
        (Some(false), _) => withheld(known),
        (_, Some(true)) => Availability::InStock,
        (_, Some(false)) => Availability::OutOfStock,
        (_, None) => Availability::Unknown,
    };
    let mut values = Values {
        availability,
        in_stock,
        stock_quantity: stock,
        ..Values::default()
    };
    match (sellable, known.price.and_then(Price::shown)) {
        // The platform takes no orders for it: nobody offers it.
        (Some(false), _) => values.offer = Offer::None,
        (_, Some((_, price))) => {
            let market = known.price.and_then(|told| told.market);
            values.offer = Offer::Offered;
            values.currency = Some(price.currency.code().to_owned());
            values.price = Some(price.minor);
            values.list_price = market
                .map(|market| market.minor)
                .filter(|market| *market > price.minor);
        }
        // On sale without a price, or with "0" for one: it has a price that we did not learn.
        (_, None) => {}
    }
    values
}

/// Whether it may be ordered: one call that says no is enough.
fn sellable(known: Known<'_>) -> Option<bool> {
    let product = known.product.and_then(|product| product.on_sale);
    let price = known.price.and_then(|price| price.on_sale);
    match (product, price) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (None, None) => None,
        _ => Some(true),
    }
}

/// The kind of "may not be ordered", by the reasons' words.
fn withheld(known: Known<'_>) -> Availability {
    let reason = reasons(known).unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if has(&["停产", "退市", "下市", "淘汰"]) {
        Availability::Discontinued
    } else if has(&["未上市", "预售"]) {
        Availability::ComingSoon
    } else {
        Availability::OutOfStock
    }
}

/// Why it may not be ordered, in the platform's words.
fn reasons(known: Known<'_>) -> Option<String> {
    let product = known.product.and_then(|product| product.reason.as_deref());
    let price = known.price.and_then(|price| price.reason.as_deref());
    match (product, price) {
        (Some(product), Some(price)) if product != price => Some(format!("{product}, {price}")),
        (product, price) => product.or(price).map(str::to_owned),
    }
}

fn content(known: Known<'_>, extent: Extent) -> Option<Content> {
    let attributes = match extent {
        Extent::Whole => attributes(known),
        Extent::Part => BTreeMap::new(),
    };
    let Some(product) = known.product else {
        return (!attributes.is_empty()).then(|| Content {
            attributes,
            ..Content::default()
        });
    };
    Some(Content {
        title: product.model.clone(),
        brand: product.brand.clone(),
        category: product.group.clone(),
        images: product.images.clone(),
        attributes,
        ..Content::default()
    })
}

fn attributes(known: Known<'_>) -> BTreeMap<String, String> {
    let amount = |money: Option<Money>| money.map(Money::amount);
    let price = known.price;
    let (county, warehouses) = match known.shelf {
        Shelf::Told(county, warehouses) => (county, warehouses),
        Shelf::Unasked | Shelf::Missed => (None, [].as_slice()),
    };
    let warehouses: Vec<String> = warehouses.iter().map(warehouse).collect();
    let facts = [
        (
            "model",
            known.product.and_then(|product| product.model.clone()),
        ),
        ("supply_price", amount(price.and_then(|price| price.supply))),
        (
            "invoice_price",
            amount(price.and_then(|price| price.invoice)),
        ),
        ("market_price", amount(price.and_then(|price| price.market))),
        (
            "direct_rebate",
            price
                .and_then(|price| price.direct_rebate)
                .map(|rebate| rebate.normalize().to_string()),
        ),
        (
            "unit_rebate",
            amount(price.and_then(|price| price.unit_rebate)),
        ),
        (
            "rebate_policy",
            price.and_then(|price| price.policy.clone()),
        ),
        (
            "sales_status",
            sellable(known).map(|on_sale| if on_sale { "on_sale" } else { "off_sale" }.to_owned()),
        ),
        ("sales_reason", reasons(known)),
        ("stock_county", county.map(str::to_owned)),
        (
            "warehouses",
            (!warehouses.is_empty()).then(|| warehouses.join(", ")),
        ),
    ];
    facts
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), text?)))
        .collect()
}

/// Such as `CK12: 40 (own)`.
fn warehouse(warehouse: &Warehouse) -> String {
    let code = warehouse.code.as_deref().unwrap_or("?");
    let stock = warehouse.stock;
    match grade(warehouse) {
        Some(grade) => format!("{code}: {stock} ({grade})"),
        None => format!("{code}: {stock}"),
    }
}

/// Whose a warehouse is: `own`, or `upper` for one a level up.
pub(super) fn grade(warehouse: &Warehouse) -> Option<&str> {
    match warehouse.grade.as_deref()? {
        "0" => Some("own"),
        "1" => Some("upper"),
        _ => None,
    }
}
