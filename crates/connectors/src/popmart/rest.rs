//! Products as the signed calls and the unsigned files tell them.
//!
//! Fields by the public clients of 2025: prices are whole minor units, times Unix seconds with 0 for
//! unset, `upTime` ahead means announced, `skus[].stock.onlineStock` counts what can be bought.

use std::collections::BTreeMap;

use domain::money::Currency;
use serde_json::Value;

use super::facts;
use super::fields::{Told, Wrong};
use super::goods::{Figures, Goods, Sale, Sku, links};
use crate::json::Object;
use crate::plain_text::plain_text;

/// A product's details: with SKUs, or it is of another shape than known. `local` is what people pay
/// with where the answer names no currency.
pub(crate) fn details(node: Object<'_>, local: Option<Currency>) -> Result<Goods, Wrong> {
    if !node.mentions("skus") && !node.mentions("goods") {
        return Err("the product has no list of SKUs".to_owned());
    }
    let goods = row(node, local)?;
    if goods.title.is_none() {
        return Err("the product has no title".to_owned());
    }
    if goods.skus.is_empty() && goods.sale.available == Some(true) {
        return Err("the product is to be had, but as no SKU".to_owned());
    }
    Ok(goods)
}

/// A product in a list.
pub(crate) fn row(node: Object<'_>, local: Option<Currency>) -> Result<Goods, Wrong> {
    let id = node.text("id").ok_or("the product has no id")?;
    let mut goods = Goods {
        id: id.to_ascii_lowercase(),
        title: node.text("title"),
        sub_title: node.text("subTitle"),
        brand: name(node, "brand"),
        description: node.text("desc").and_then(|html| plain_text(&html)),
        attributes: attributes(node),
        draw: node.text("type").as_deref() == Some("secret"),
        new: node.flag("isNew").unwrap_or(false),
        sale: sale(node)?,
        review_count: node
            .whole("reviewCount")
            .and_then(|n| i32::try_from(n).ok())
            .filter(|n| *n >= 0),
        ..Goods::default()
    };
    goods.categories.extend(name(node, "logicCategory"));
    let shown = node
        .objects("showCategories")
        .filter_map(|category| category.text("name"));
    for category in shown {
        goods.series.get_or_insert_with(|| category.clone());
        goods.categories.push(category);
    }
    pictures(node, &mut goods);
    goods
        .tags
        .extend(node.list("tags").iter().filter_map(crate::json::text));
    for (flag, tag) in [("isHot", "HOT"), ("isNew", "NEW")] {
        if node.flag(flag) == Some(true) {
            goods.tag(tag);
        }
    }

    // Some answers have `goods` in the place of `skus`.
    let rows = [node.list("skus"), node.list("goods")]
        .into_iter()
        .find(|rows| !rows.is_empty())
        .unwrap_or_default();
    if ["skus", "goods"]
        .iter()
        .any(|name| node.get(name).is_some_and(|list| !list.is_array()))
    {
        return Err("the SKUs are no list".to_owned());
    }
    let skus: Vec<Object<'_>> = rows
        .iter()
        .map(|row| Object::of(row).ok_or("a SKU is no object"))
        .collect::<Result<_, _>>()?;
    // SKUs of one product are sold in one currency; list rows sometimes name it once only.
    let mut currency = local;
    for sku in &skus {
        if sku.text("currency").is_some() {
            currency = sku.currency("currency", None)?;
            break;
        }
    }
    goods.skus = skus
        .into_iter()
        .map(|node| sku(node, currency))
        .collect::<Result<_, _>>()?;
    goods.each_sku_once();
    Ok(goods)
}

fn sku(node: Object<'_>, local: Option<Currency>) -> Result<Sku, Wrong> {
    let full = node.minor("price")?;
    // Zero is "no discount".
    let discount = node.optional_minor("discountPrice")?;
    let price = full.into_iter().chain(discount).min();
    let currency = node.currency("currency", local)?;
    if price.is_some() && currency.is_none() {
        return Err("a price without a currency, in a country where we know none".to_owned());
    }
    let (stocked, quantity) = stock(node);
    Ok(Sku {
        id: node.text("id").map(|id| id.to_ascii_lowercase()),
        title: node.text("title"),
        images: links(node.text("mainImage")),
        figures: Figures {
            currency,
            price,
            list_price: full
                .into_iter()
                .chain(discount)
                .max()
                .filter(|list| Some(*list) != price),
            stocked,
            quantity,
        },
        attributes: facts::of_fields(node),
    })
}

/// What lies in carts is counted elsewhere (`onlineLockStock`). A count below zero is oversold. A
/// bare number is a count here, whatever it is to the RPC.
fn stock(node: Object<'_>) -> (Option<bool>, Option<i32>) {
    let count = match node.object("stock") {
        Some(stock) => stock.whole("onlineStock"),
        None => node.whole("stock"),
    };
    let sold_out = node.flag("isSkuSoldOut");
    let stocked = match (sold_out, count) {
        (Some(true), _) => Some(false),
        (_, Some(count)) => Some(count > 0),
        (Some(false), None) => Some(true),
        (None, None) => None,
    };
    let quantity = count
        .filter(|count| *count >= 0)
        .and_then(|count| i32::try_from(count).ok());
    (stocked, quantity)
}

fn sale(node: Object<'_>) -> Result<Sale, Wrong> {
    let window = node.object("userQualificationInfo");
    let bound = |name| window.map_or(Ok(None), |window| window.time(name));
    Ok(Sale {
        shown_from: node.time("showTime")?,
        from: node.time("upTime")?,
        until: node.time("downTime")?,
        window: (bound("startAt")?, bound("endAt")?),
        published: node.flag("isPublish"),
        available: node.flag("isAvailable"),
        sold_out: node.flag("isSpuSoldOut") == Some(true),
    })
}

/// The name of `{id, name}`, or of what is a bare name.
fn name(node: Object<'_>, field: &str) -> Option<String> {
    match node.get(field)? {
        Value::Object(object) => Object(object).text("name"),
        Value::String(_) => node.text(field),
        _ => None,
    }
}

fn pictures(node: Object<'_>, goods: &mut Goods) {
    let (mut images, mut videos) = (Vec::from_iter(node.text("mainImage")), Vec::new());
    for banner in node.objects("banners") {
        let film = banner
            .text("type")
            .is_some_and(|kind| kind.to_lowercase().contains("video"));
        let told = banner
            .objects("values")
            .filter_map(|value| value.text("url"));
        if film {
            videos.extend(told);
        } else {
            images.extend(told);
        }
    }
    images.extend(node.texts("bannerImages"));
    let films = ["videoUrl", "video", "videoURL"];
    videos.extend(films.iter().filter_map(|name| node.text(name)));
    (goods.images, goods.videos) = (links(images), links(videos));
}

fn attributes(node: Object<'_>) -> BTreeMap<String, String> {
    let mut facts = facts::of_fields(node);
    for parameter in node.objects("parameters") {
        facts::add_parameter(&mut facts, parameter);
    }
    if let Some(spec) = node.text("spec") {
        facts::add_spec(&mut facts, &spec);
    }
    let number = |field: &str| {
        let id = node.object(field).and_then(|child| child.text("id"));
        id.filter(|id| id != "0")
    };
    let brand = node
        .text("brandId")
        .filter(|id| id != "0")
        .or_else(|| number("brand"));
    facts.extend(brand.map(|id| ("brand_id".to_owned(), id)));
    facts.extend(number("logicCategory").map(|id| ("category_id".to_owned(), id)));
    facts
}
