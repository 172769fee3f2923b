//! Items of junglee's crawler. Reviews and reviewers are never read: they are about people.

use domain::availability::Availability;
use domain::listing::ListingRef;
use domain::observation::CategoryRank;
use serde_json::Value;

use super::axesso::{rating, sales};
use super::facts::Facts;
use super::list::mark;
use super::price::Zero;
use super::product::{Product, put};
use super::row::Told;
use super::text::Stock;
use super::variants::{Variant, Variants};
use super::{brand, text};
use crate::json::{self, Object};

/// What the item says of `listing`.
///
/// # Errors
/// A price that cannot be understood.
pub(crate) fn product(row: Object<'_>, listing: &ListingRef) -> Result<Product, String> {
    let mut facts = Facts::default();
    for list in [
        "attributes",
        "manufacturerAttributes",
        "productOverview",
        "variantAttributes",
    ] {
        facts.list(row.objects(list));
    }
    facts.object(row.object("attributesMapped"));
    let brand = row
        .text("brand")
        .or_else(|| facts.get(&["Brand", "Brand Name"]).map(str::to_owned))
        .or_else(|| brand::of_byline(&row.object("visitStoreLink")?.text("text")?));
    let ranks = ranks(row, &facts);
    let seller = row.object("seller");
    let mut attributes = facts.attributes();
    let seller_id = seller.and_then(|seller| seller.text("id"));
    put(&mut attributes, "seller_id", seller_id);
    put(&mut attributes, "condition", row.text("condition"));
    put(&mut attributes, "author", row.text("author"));
    put(
        &mut attributes,
        "monthly_sales",
        sales(row, "monthlyPurchaseVolume"),
    );
    let choice = row.flag("isAmazonChoice").filter(|choice| *choice);
    put(
        &mut attributes,
        "tags",
        choice.map(|_| "Amazon's Choice".to_owned()),
    );
    if let Some(list) = row.object("categoryPageData") {
        let sponsored = list.flag("isSponsored");
        let page = list.count("pageNumber");
        mark(
            &mut attributes,
            list.count("productPosition"),
            page,
            sponsored,
        );
    }
    if let Some(list) = row.object("bestsellerPageData") {
        mark(&mut attributes, list.count("position"), None, None);
    }

    Ok(Product {
        asin: row.text("asin"),
        title: row.text("title"),
        brand,
        price: row.money("price", &listing.marketplace, Zero::IsWrong)?,
        list_price: row.money("listPrice", &listing.marketplace, Zero::MeansNone)?,
        stock: stock(row),
        // An object for a shop, a plain text for Amazon itself.
        seller: match seller {
            Some(seller) => seller.text("name"),
            None => row.text("seller"),
        },
        ranks,
        rating_hundredths: rating(row, "stars"),
        review_count: row.count("reviewsCount"),
        breadcrumbs: breadcrumbs(row),
        images: images(row),
        videos: row.links("videos"),
        description: row.first_text(&["description", "bookDescription"]),
        features: row.texts("features"),
        attributes,
        variants: variants(row, listing),
    })
}

fn stock(row: Object<'_>) -> Stock {
    let said = text::stock(&row.text("inStockText").unwrap_or_default());
    let in_stock = row.flag("inStock").or(said.in_stock);
    Stock {
        availability: match (said.availability, in_stock) {
            (Availability::PreOrder, _) => Availability::PreOrder,
            (_, Some(true)) => Availability::InStock,
            (_, Some(false)) => Availability::OutOfStock,
            (_, None) => Availability::Unknown,
        },
        in_stock,
        quantity: said.quantity,
        // The text may be of another offer; only where both say so there is none.
        no_offer: said.no_offer && in_stock == Some(false),
    }
}

fn ranks(row: Object<'_>, facts: &Facts) -> Vec<CategoryRank> {
    let told = row.objects("bestsellerRanks");
    let ranks = text::distinct(
        told.filter_map(|entry| text::rank_of(entry.count("rank")?, &entry.text("category")?)),
    );
    if ranks.is_empty() {
        return facts.ranks().map(text::ranks).unwrap_or_default();
    }
    ranks
}

/// One text with parts joined by " > ", or a list of them.
fn breadcrumbs(row: Object<'_>) -> Vec<String> {
    row.texts("breadCrumbs")
        .iter()
        .flat_map(|text| text.split(['>', '›']))
        .filter_map(json::clean)
        .collect()
}

/// The large ones; where there are none, the small ones.
fn images(row: Object<'_>) -> Vec<String> {
    match row.links("highResolutionImages") {
        large if !large.is_empty() => large,
        _ => {
            let small = row.links("galleryThumbnails").into_iter();
            json::distinct(row.link("thumbnailImage").into_iter().chain(small))
        }
    }
}

fn variants(row: Object<'_>, listing: &ListingRef) -> Variants {
    let mut variants = Variants::default();
    for variant in row.objects("variantDetails") {
        let Some(asin) = variant.text("asin") else {
            continue;
        };
        variants.add(Variant {
            asin: asin.to_ascii_uppercase(),
            name: variant.text("name"),
            price: Variant::price(variant, listing),
            image: variant
                .links("images")
                .into_iter()
                .next()
                .or_else(|| variant.link("thumbnail")),
            available: None,
        });
    }
    if let Some(Value::Array(asins)) = row.get("variantAsins") {
        for asin in asins.iter().filter_map(Value::as_str) {
            variants.add(Variant {
                asin: asin.to_ascii_uppercase(),
                name: None,
                price: None,
                image: None,
                available: None,
            });
        }
    }
    variants
}
