//! A product's details, as observations of the product and each of its SKUs.

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::{Content, Flags, ListingRef};
use domain::money::Currency;
use domain::observation::{Observation, Offer, Values};

use super::wire::{Envelope, Product, Sku};
use crate::json::{clean, count};
use crate::{Outcome, currency, listing_url};

/// What an answer says of `listing`.
pub(crate) fn read(body: &[u8], listing: &ListingRef, observed_at: DateTime<Utc>) -> Outcome {
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(body) else {
        return Outcome::malformed("the answer is not the shop's JSON envelope");
    };
    if envelope.code.as_deref() != Some("OK") {
        return refused(&envelope);
    }
    let Some(data) = envelope.data else {
        return Outcome::NotFound;
    };
    let product = match serde_json::from_str::<Product>(data.get()) {
        Ok(product) => product,
        Err(error) => return Outcome::malformed(format!("the product cannot be read: {error}")),
    };
    match &product.id {
        Some(id) if *id == listing.external_id => {}
        Some(_) => return Outcome::malformed("the shop answered about another product"),
        None => return Outcome::malformed("the product has no id"),
    }
    Outcome::Observed(observations(&product, listing, observed_at))
}

/// The outcome of an error envelope, if the body is one.
pub(crate) fn envelope_error(body: &[u8]) -> Option<Outcome> {
    let envelope = serde_json::from_slice::<Envelope<'_>>(body).ok()?;
    (envelope.code.as_deref() != Some("OK")).then(|| refused(&envelope))
}

fn refused(envelope: &Envelope<'_>) -> Outcome {
    let code = envelope.code.as_deref().unwrap_or("none");
    let message = envelope.message.as_deref().unwrap_or_default();
    let lower = message.to_lowercase();
    if matches!(code, "404" | "4004") || lower.contains("not found") || lower.contains("not exist")
    {
        return Outcome::NotFound;
    }
    if code == "4001" || lower.contains("signature") {
        return Outcome::hopeless(
            "the shop refuses our signature; check sources.popmart.client_key and sign_salt",
        );
    }
    let said: String = message.chars().take(120).collect();
    Outcome::failed(format!("the shop answers code {code}: {said}"))
}

fn observations(
    product: &Product,
    listing: &ListingRef,
    observed_at: DateTime<Utc>,
) -> Vec<Observation> {
    let skus = product.skus.as_deref().unwrap_or_default();
    let title = clean(&product.title);
    // SKUs of one product are sold in one currency; list rows sometimes name it once only.
    let named = skus.iter().find_map(|sku| sku.currency.as_deref());
    let variants: Vec<Variant<'_>> = skus
        .iter()
        .map(|sku| Variant::of(sku, named, &listing.marketplace))
        .collect();

    let state = State::of(product, &variants, observed_at);
    let content = content(product, title.clone(), listing, state);
    let mut all = vec![Observation {
        listing: listing.clone(),
        parent_external_id: None,
        observed_at,
        values: parent_values(&variants, state),
        content: Some(content.clone()),
    }];
    for variant in &variants {
        // A SKU without an id cannot be followed; one with its product's id would be the product.
        let Some(id) = variant
            .sku
            .id
            .as_deref()
            .filter(|id| *id != listing.external_id)
        else {
            continue;
        };
        let Ok(child) = listing_url::from_id(listing.source, &listing.marketplace, id) else {
            continue;
        };
        let kind = variant.sku.title.as_deref().and_then(clean);
        let child_title = match (&title, kind) {
            (Some(title), Some(kind)) => Some(format!("{title} – {kind}")),
            (title, kind) => kind.or_else(|| title.clone()),
        };
        let images = match &variant.sku.main_image {
            Some(image) => vec![image.clone()],
            None => content.images.clone(),
        };
        all.push(Observation {
            listing: child,
            parent_external_id: Some(listing.external_id.clone()),
            observed_at,
            values: variant.values(state),
            content: Some(Content {
                title: child_title,
                images,
                ..content.clone()
            }),
        });
    }
    all
}

/// A SKU with its figures in our terms.
struct Variant<'a> {
    sku: &'a Sku,
    currency: Option<Currency>,
    /// The lower of the two prices, minor units.
    price: Option<i64>,
    /// The higher one where they differ.
    list_price: Option<i64>,
    stock: Option<i32>,
}

impl<'a> Variant<'a> {
    fn of(sku: &'a Sku, named: Option<&str>, marketplace: &str) -> Self {
        let currency = currency::resolve(sku.currency.as_deref().or(named), marketplace);
        let positive = |number: &Option<serde_json::Number>| {
            number
                .as_ref()?
                .as_i64()
                .filter(|minor| *minor > 0 && currency.is_some())
        };
        let (full, discount) = (positive(&sku.price), positive(&sku.discount_price));
        let price = full.into_iter().chain(discount).min();
        Self {
            sku,
            currency,
            price,
            list_price: full
                .into_iter()
                .chain(discount)
                .max()
                .filter(|list| Some(*list) != price),
            stock: sku
                .stock
                .as_ref()
                .and_then(|stock| count(&stock.online_stock)),
        }
    }

    fn values(&self, state: State) -> Values {
        let in_stock = match (state.sells, self.stock) {
            (false, _) => Some(false),
            (true, Some(stock)) => Some(stock > 0),
            (true, None) => None,
        };
        Values {
            availability: state.availability(in_stock),
            in_stock,
            stock_quantity: self.stock,
            ..priced(self.currency, self.price, self.list_price)
        }
    }
}

/// The product as a whole: its cheapest SKU's price and the stock of all.
fn parent_values(variants: &[Variant<'_>], state: State) -> Values {
    let cheapest = variants
        .iter()
        .filter(|variant| variant.price.is_some())
        .min_by_key(|v| v.price);
    let stock = variants
        .iter()
        .filter_map(|variant| variant.stock)
        .fold(None, |sum, stock| {
            Some(sum.unwrap_or(0_i32).saturating_add(stock))
        });
    let in_stock = match (state.sells, stock) {
        (false, _) => Some(false),
        (true, Some(stock)) => Some(stock > 0),
        (true, None) => None,
    };
    let figures = cheapest
        .map(|variant| priced(variant.currency, variant.price, variant.list_price))
        .unwrap_or_default();
    Values {
        availability: state.availability(in_stock),
        in_stock,
        stock_quantity: stock,
        ..figures
    }
}

/// A price tag. The shop shows it also while sold out, so it is an offer whatever the stock.
fn priced(currency: Option<Currency>, price: Option<i64>, list_price: Option<i64>) -> Values {
    Values {
        offer: if price.is_some() {
            Offer::Offered
        } else {
            Offer::NotCollected
        },
        currency: currency
            .filter(|_| price.is_some())
            .map(|currency| currency.code().to_owned()),
        price,
        list_price,
        ..Values::default()
    }
}

/// Where a product stands in its life at one instant.
#[derive(Clone, Copy)]
struct State {
    /// Whether the shop takes orders for it.
    sells: bool,
    /// Not released yet.
    announced: bool,
    /// Taken down for good.
    ended: bool,
}

impl State {
    fn of(product: &Product, variants: &[Variant<'_>], now: DateTime<Utc>) -> Self {
        let now = now.timestamp();
        let set = |time: Option<i64>| time.filter(|time| *time > 0);
        let ended = set(product.down_time).is_some_and(|time| time <= now);
        let published = product.is_publish.unwrap_or(true);
        // Without the flag, stock decides.
        let any_stock = variants
            .iter()
            .any(|variant| variant.stock.unwrap_or(0) > 0);
        let available = product.is_available.unwrap_or(any_stock);
        Self {
            sells: available && published && !ended,
            announced: set(product.up_time).is_some_and(|time| time > now),
            ended,
        }
    }

    fn availability(self, in_stock: Option<bool>) -> Availability {
        match (self.ended, self.announced, self.sells, in_stock) {
            (true, ..) => Availability::Discontinued,
            // Orders are taken before the release, or it is only announced.
            (_, true, true, Some(true)) => Availability::PreOrder,
            (_, true, ..) => Availability::ComingSoon,
            (.., Some(true)) => Availability::InStock,
            (.., Some(false)) => Availability::OutOfStock,
            (.., None) => Availability::Unknown,
        }
    }
}

fn content(
    product: &Product,
    title: Option<String>,
    listing: &ListingRef,
    state: State,
) -> Content {
    let brand = product.brand.as_ref().and_then(|brand| clean(&brand.name));
    let series = product
        .show_categories
        .iter()
        .find_map(|category| clean(&category.name));
    let mut images: Vec<String> = Vec::new();
    let banners = product
        .banners
        .iter()
        .flat_map(|banner| &banner.values)
        .map(|value| &value.url);
    for image in product
        .main_image
        .iter()
        .chain(banners)
        .chain(&product.banner_images)
    {
        if !image.is_empty() && !images.contains(image) {
            images.push(image.clone());
        }
    }
    let words = format!(
        "{} {}",
        product.title,
        product.sub_title.as_deref().unwrap_or_default()
    )
    .to_lowercase();
    // The shop tells a blind box in one place or another: as a draw, in words, or as a category.
    let blind_box = product.kind.as_deref() == Some("secret")
        || product
            .logic_category
            .iter()
            .chain(&product.show_categories)
            .map(|category| category.name.to_lowercase())
            .chain([words.clone()])
            .any(|text| text.contains("blind box"));
    Content {
        url: Some(listing_url::page(listing)),
        title,
        series: series.or_else(|| brand.clone()),
        brand,
        category: product
            .logic_category
            .as_ref()
            .and_then(|category| clean(&category.name)),
        images,
        videos: Vec::new(),
        description: None,
        features: Vec::new(),
        attributes: Default::default(),
        flags: Flags {
            new: product.is_new.unwrap_or(false),
            limited: words.contains("limited"),
            pre_order: state.announced && state.sells,
            blind_box,
        },
    }
}
