//! `com.alibaba.fenxiao.crossborder:product.search.queryProductDetail-1`.
//!
//! Sources: the platform's API page and recorded answers. `soldOut` counts units sold; SKU ids are
//! numbers among the SKUs and texts among the parcels; scores are numbers in texts, or null.

use std::collections::HashMap;

use super::fields::Told;
use super::price;
use super::product::{Attributes, Product, Sku, dimensions, measure, snake};
use super::text;
use crate::json::Object;
use crate::plain_text::plain_text;

pub(super) fn read(fields: Object<'_>) -> Product {
    let mut product = Product {
        id: fields.id("offerId"),
        title: fields
            .text("subject")
            .or_else(|| fields.text("subjectTrans")),
        category: fields.text("categoryName"),
        images: images(fields),
        videos: text::addresses(
            ["mainVideo", "detailVideo"]
                .iter()
                .filter_map(|name| fields.text(name)),
        ),
        description: fields
            .text("description")
            .and_then(|html| plain_text(&html)),
        features: fields.texts("sellingPoint"),
        status: fields.text("status"),
        min_order: fields.count("minOrderQuantity"),
        rating_hundredths: fields.stars("tradeScore"),
        ..Product::default()
    };
    attributes(&mut product, fields);
    sale(&mut product, fields);
    parcel(&mut product, fields);
    let parcels = Parcels::of(fields);
    product.skus = fields
        .objects("productSkuInfos")
        .map(|row| sku(row, &parcels))
        .collect();
    product
}

fn images(fields: Object<'_>) -> Vec<String> {
    let Some(holder) = fields.object("productImage") else {
        return Vec::new();
    };
    let all = holder.texts("images").into_iter();
    text::addresses(all.chain(holder.text("whiteImage")))
}

fn attributes(product: &mut Product, fields: Object<'_>) {
    let mut translated = Vec::new();
    for row in fields.objects("productAttribute") {
        if let (Some(name), Some(value)) = (row.text("attributeName"), row.text("value")) {
            product.property(&name, value);
        }
        if let (Some(name), Some(value)) = (row.text("attributeNameTrans"), row.text("valueTrans"))
        {
            translated.push(format!("{name}: {value}"));
        }
    }
    let known = &mut product.attributes;
    known.set("attributes_translated", Some(translated.join("; ")));
    for (ours, theirs) in [
        ("title_translated", "subjectTrans"),
        ("category_id", "categoryId"),
        ("sold", "soldOut"),
        ("supplier", "companyName"),
        ("supplier_id", "sellerOpenId"),
        ("sales_status", "status"),
        ("batch_number", "batchNumber"),
        ("min_order_quantity", "minOrderQuantity"),
    ] {
        known.set(ours, fields.text(theirs));
    }
    // The article number of the product as a whole goes before the one among its properties.
    known.set("sku", fields.text("productCargoNumber"));
    let path: Vec<String> = ["topCategoryId", "secondCategoryId", "thirdCategoryId"]
        .iter()
        .filter_map(|name| fields.text(name))
        .collect();
    known.set("category_ids", Some(path.join(" > ")));
    known.set(
        "created_at",
        fields.text("createDate").and_then(|at| text::time(&at)),
    );
    let tags: Vec<String> = fields
        .objects("tagInfoList")
        .filter(|tag| tag.flag("value") == Some(true))
        .filter_map(|tag| tag.text("key"))
        .collect();
    known.set("tags", Some(tags.join(", ")));
    known.set(
        "supplier_identities",
        Some(fields.texts("offerIdentities").join(", ")),
    );
    if let Some(scores) = fields.object("sellerDataInfo") {
        for name in scores.names() {
            known.set(&format!("supplier_{}", snake(name)), scores.text(name));
        }
    }
    if let Some(mix) = fields.object("sellerMixSetting") {
        known.set("mix_amount", mix.text("mixAmount"));
        known.set("mix_number", mix.text("mixNumber"));
    }
    if let Some(promotion) = fields.object("promotionModel")
        && promotion.flag("hasPromotion") == Some(true)
    {
        known.set("promotion", promotion.text("promotionType"));
    }
    if fields.flag("isJxhy") == Some(true) {
        known.set("curated", Some("true".to_owned()));
    }
    let certificates: Vec<String> = fields
        .objects("certificateList")
        .filter_map(|row| row.text("certificateName"))
        .collect();
    known.set("certificates", Some(certificates.join(", ")));
}

fn sale(product: &mut Product, fields: Object<'_>) {
    let Some(sale) = fields.object("productSaleInfo") else {
        return;
    };
    product.quote = sale.count("quoteType");
    product.stock = sale.count("amountOnSale");
    let rows = match sale.list("priceRangeList") {
        [] => "priceRanges",
        _ => "priceRangeList",
    };
    product.ranges = price::ranges(sale.objects(rows));
    let ranges = product.ranges_text();
    let known = &mut product.attributes;
    known.set("price_ranges", ranges);
    if let Some(unit) = sale.object("unitInfo") {
        known.set("unit", unit.text("unit"));
        known.set("unit_translated", unit.text("transUnit"));
    }
    let money = |holder: Object<'_>, name| holder.price(name).yuan().map(price::figure);
    known.set("consign_price", money(sale, "consignPrice"));
    known.set("retail_price", money(sale, "retailPrice"));
    if let Some(distribution) = sale.object("fenxiaoSaleInfo") {
        known.set("distribution_price", money(distribution, "offerPrice"));
        known.set("one_piece_price", money(distribution, "onePiecePrice"));
        known.set(
            "distribution_min_quantity",
            distribution.text("startQuantity"),
        );
    }
}

fn parcel(product: &mut Product, fields: Object<'_>) {
    let Some(shipping) = fields.object("productShippingInfo") else {
        return;
    };
    let known = &mut product.attributes;
    known.set("ships_from", shipping.text("sendGoodsAddressText"));
    known.set("shipping_time", shipping.text("shippingTimeGuarantee"));
    known.set("weight", measure(shipping.measure("weight"), "kg"));
    known.set("dimensions", dimensions(shipping));
}

fn sku(row: Object<'_>, parcels: &Parcels<'_>) -> Sku {
    let id = row.id("skuId");
    let properties: Vec<(String, String)> = row
        .objects("skuAttributes")
        .filter_map(|one| Some((one.text("attributeName")?, one.text("value")?)))
        .collect();
    let mut sku = Sku {
        price: row.price("price"),
        promotion: row.price("promotionPrice"),
        stock: row.count("amountOnSale"),
        image: row
            .objects("skuAttributes")
            .find_map(|one| text::address(&one.text("skuImageUrl")?)),
        properties,
        ..Sku::default()
    };
    let translated: Vec<String> = row
        .objects("skuAttributes")
        .filter_map(|one| {
            Some(format!(
                "{}: {}",
                one.text("attributeNameTrans")?,
                one.text("valueTrans")?
            ))
        })
        .collect();
    let known = &mut sku.attributes;
    known.set("attributes_translated", Some(translated.join("; ")));
    known.set("sku", row.text("cargoNumber"));
    known.set("spec_id", row.text("specId"));
    let money = |name| row.price(name).yuan().map(price::figure);
    known.set("consign_price", money("consignPrice"));
    known.set("retail_price", money("retailPrice"));
    if let Some(distribution) = row.object("fenxiaoPriceInfo") {
        let money = |name| distribution.price(name).yuan().map(price::figure);
        known.set("distribution_price", money("offerPrice"));
        known.set("one_piece_price", money("onePiecePrice"));
    }
    if let Some(id) = &id {
        parcels.tell(id, known);
    }
    sku.id = id;
    sku
}

/// What stands beside the SKUs, by their ids: thousands of SKUs must not be looked up in lists.
#[derive(Default)]
struct Parcels<'a> {
    /// In kilograms.
    details: HashMap<String, Object<'a>>,
    /// The older list, in grams.
    infos: HashMap<String, Object<'a>>,
    channel: HashMap<String, Object<'a>>,
}

impl<'a> Parcels<'a> {
    fn of(product: Object<'a>) -> Self {
        let by_id = |holder: &str, list: &str| {
            let rows = product.object(holder).map(|holder| holder.objects(list));
            rows.into_iter()
                .flatten()
                .filter_map(|row| Some((row.id("skuId")?, row)))
                .collect()
        };
        Self {
            details: by_id("productShippingInfo", "skuShippingDetails"),
            infos: by_id("productShippingInfo", "skuShippingInfoList"),
            channel: by_id("channelPrice", "channelSkuPriceList"),
        }
    }

    fn tell(&self, sku: &str, known: &mut Attributes) {
        if let Some(row) = self.channel.get(sku) {
            known.set(
                "channel_price",
                row.price("currentPrice").yuan().map(price::figure),
            );
        }
        let parcel = match (self.details.get(sku), self.infos.get(sku)) {
            (Some(row), _) => Some((row, "kg")),
            (None, Some(row)) => Some((row, "g")),
            (None, None) => None,
        };
        if let Some((row, unit)) = parcel {
            known.set("weight", measure(row.measure("weight"), unit));
            known.set("dimensions", dimensions(*row));
        }
    }
}
