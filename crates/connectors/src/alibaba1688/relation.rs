//! `com.alibaba.product:alibaba.cross.productInfo-1`: products that the account has a listing
//! relation with.
//!
//! Source: the platform's API page. Prices are numbers here, pictures have relative addresses, times
//! are `20181213201638000+0800`.

use super::fields::Told;
use super::price;
use super::product::{Product, Sku, measure};
use super::text;
use crate::json::Object;
use crate::plain_text::plain_text;

pub(super) fn read(fields: Object<'_>) -> Product {
    let sale = fields.object("saleInfo");
    let images = fields.object("image").map(|holder| holder.texts("images"));
    let mut product = Product {
        id: fields.id("productID"),
        title: fields.text("subject"),
        category: fields.text("categoryName"),
        images: text::addresses(images.into_iter().flatten()),
        videos: text::addresses(fields.first_text(&["mainVedio", "mainVideo"])),
        description: fields
            .text("description")
            .and_then(|html| plain_text(&html)),
        status: fields.text("status"),
        quote: sale.and_then(|sale| sale.count("quoteType")),
        ranges: sale
            .map(|sale| price::ranges(sale.objects("priceRanges")))
            .unwrap_or_default(),
        stock: sale.and_then(|sale| sale.count("amountOnSale")),
        min_order: sale.and_then(|sale| sale.count("minOrderQuantity")),
        ..Product::default()
    };
    for row in fields.objects("attributes") {
        let value = row.text("value").or_else(|| row.text("attributeValue"));
        if let (Some(name), Some(value)) = (row.text("attributeName"), value) {
            product.property(&name, value);
        }
    }
    let ranges = product.ranges_text();
    let known = &mut product.attributes;
    known.set("price_ranges", ranges);
    for (ours, theirs) in [
        ("category_id", "categoryID"),
        ("sold", "bookedCount"),
        ("supplier_id", "supplierUserId"),
        ("sales_status", "status"),
        ("quality_level", "qualityLevel"),
        ("reference_price", "referencePrice"),
        ("sku", "productCargoNumber"),
    ] {
        known.set(ours, fields.text(theirs));
    }
    let supplier = ["companyName", "supplierLoginId", "sellerLoginId"];
    known.set(
        "supplier",
        supplier.iter().find_map(|name| fields.text(name)),
    );
    for (ours, theirs) in [
        ("created_at", "createTime"),
        ("updated_at", "lastUpdateTime"),
        ("expires_at", "expireTime"),
    ] {
        known.set(ours, fields.text(theirs).and_then(|at| text::time(&at)));
    }
    if let Some(sale) = sale {
        known.set("unit", sale.text("unit"));
        known.set("min_order_quantity", sale.text("minOrderQuantity"));
        known.set("batch_number", sale.text("batchNumber"));
        let money = |name| sale.price(name).yuan().map(price::figure);
        known.set("consign_price", money("consignPrice"));
        known.set("retail_price", money("retailprice"));
        if sale.flag("mixWholeSale") == Some(true) {
            known.set("tags", Some("mixWholeSale".to_owned()));
        }
    }
    if let Some(shipping) = fields.object("shippingInfo") {
        known.set("weight", measure(shipping.measure("unitWeight"), "kg"));
        known.set("ships_from", shipping.text("sendGoodsAddressText"));
    }
    product.skus = fields.objects("skuInfos").map(sku).collect();
    product
}

fn sku(row: Object<'_>) -> Sku {
    let own = price::ranges(row.objects("priceRange"));
    let mut sku = Sku {
        id: row.id("skuId"),
        // Where a SKU has ranges of its own, the first holds for the smallest order.
        price: match row.price("price") {
            super::fields::Figure::Absent => own
                .first()
                .map(|range| range.price.clone())
                .unwrap_or_default(),
            told => told,
        },
        stock: row.count("amountOnSale"),
        properties: row
            .objects("attributes")
            .filter_map(|one| {
                let name = ["attributeDisplayName", "attributeName"]
                    .iter()
                    .find_map(|name| one.text(name))?;
                Some((name, one.text("attributeValue")?))
            })
            .collect(),
        image: row
            .objects("attributes")
            .find_map(|one| text::address(&one.text("skuImageUrl")?)),
        ..Sku::default()
    };
    let known = &mut sku.attributes;
    known.set("sku", row.text("cargoNumber"));
    known.set("spec_id", row.text("specId"));
    let money = |name| row.price(name).yuan().map(price::figure);
    known.set("consign_price", money("consignPrice"));
    known.set("retail_price", money("retailPrice"));
    sku
}
