//! Items of axesso's product details actor. Reviews are never read: they are about people.

use domain::listing::ListingRef;

use super::facts::Facts;
use super::price::Zero;
use super::product::{Product, put};
use super::row::Told;
use super::variants::{Variant, Variants};
use super::{brand, text};
use crate::json::Object;

/// What the item says of `listing`.
///
/// # Errors
/// A price that cannot be understood.
pub(crate) fn product(row: Object<'_>, listing: &ListingRef) -> Result<Product, String> {
    // No currency field: the shop decides. Zero stands for "none".
    let money = |key| row.money(key, &listing.marketplace, Zero::MeansNone);
    let mut facts = Facts::default();
    for list in ["productDetails", "productSpecification", "aboutProduct"] {
        facts.list(row.objects(list));
    }
    let brand = facts
        .get(&["Brand", "Brand Name"])
        .map(str::to_owned)
        .or_else(|| brand::of_byline(&row.text("manufacturer")?));
    let ranks = facts.ranks().map(text::ranks).unwrap_or_default();
    let price = money("price")?;
    let mut images = row.links("imageUrlList");
    if images.is_empty() {
        images.extend(
            row.object("mainImage")
                .and_then(|image| image.link("imageUrl")),
        );
    }
    let mut videos = row.links("videoeUrlList");
    if videos.is_empty() {
        videos = row.links("videoUrlList");
    }
    let categories: Vec<_> = row.objects("categoriesExtended").collect();
    let stock = row.text("warehouseAvailability").unwrap_or_default();

    let mut attributes = facts.attributes();
    put(&mut attributes, "seller_id", row.text("sellerId"));
    put(&mut attributes, "fulfilled_by", row.text("fulfilledBy"));
    let used = row.flag("used").filter(|used| *used);
    put(
        &mut attributes,
        "condition",
        used.map(|_| "used".to_owned()),
    );
    put(
        &mut attributes,
        "min_order_quantity",
        row.text("minimalQuantity"),
    );
    put(&mut attributes, "monthly_sales", sales(row, "pastSales"));
    let category_id = categories.last().and_then(|category| category.text("node"));
    put(&mut attributes, "category_id", category_id);

    Ok(Product {
        asin: row.text("asin"),
        title: row.text("title"),
        brand,
        price,
        list_price: money("retailPrice")?,
        stock: text::stock(&stock),
        seller: row.text("soldBy"),
        ranks,
        rating_hundredths: rating(row, "productRating"),
        review_count: row.count("countReview"),
        breadcrumbs: categories
            .iter()
            .filter_map(|category| category.text("name"))
            .collect(),
        images,
        videos,
        description: row.text("productDescription"),
        features: row.texts("features"),
        attributes,
        variants: variants(row, listing),
    })
}

/// A rating as text or number.
pub(crate) fn rating(row: Object<'_>, key: &str) -> Option<i32> {
    text::rating(&row.text(key)?)
}

/// What was bought in the past month.
pub(crate) fn sales(row: Object<'_>, key: &str) -> Option<String> {
    text::sales(&row.text(key)?)
}

fn variants(row: Object<'_>, listing: &ListingRef) -> Variants {
    let mut variants = Variants::default();
    for dimension in row
        .objects("variations")
        .chain(row.objects("bookVariations"))
    {
        for value in dimension.objects("values") {
            let Some(asin) = value.text("asin") else {
                continue;
            };
            variants.add(Variant {
                asin: asin.to_ascii_uppercase(),
                name: value.text("value"),
                price: Variant::price(value, listing),
                image: value.link("imageUrl"),
                available: value.flag("available"),
            });
        }
    }
    variants
}
