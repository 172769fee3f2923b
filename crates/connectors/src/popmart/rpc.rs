//! Products as the RPC tells them.
//!
//! Fields by the public clients of 2026: prices are whole minor units of the area's currency, times
//! ISO 8601, texts by language, and `stock` in lists a level, not a count.

use domain::money::Currency;
use serde_json::Value;

use super::facts;
use super::fields::{Told, Wrong};
use super::goods::{Figures, Goods, Sale, Sku, links};
use crate::json::{Object, text};
use crate::plain_text::plain_text;

/// A product's details (`FindOne`): with SKUs, or it is of another shape than known.
pub(crate) fn details(node: Object<'_>, local: Option<Currency>) -> Result<Goods, Wrong> {
    if node.get("skus").is_none() {
        return Err("the product has no list of SKUs".to_owned());
    }
    let goods = row(node, local)?;
    if goods.title.is_none() {
        return Err("the product has no name".to_owned());
    }
    Ok(goods)
}

/// A product in a list.
pub(crate) fn row(node: Object<'_>, local: Option<Currency>) -> Result<Goods, Wrong> {
    let id = node.text("id").ok_or("the product has no id")?;
    let ip = node
        .text("ipName")
        .or_else(|| node.object("ip").and_then(title));
    let currency = node.currency("currency", local)?;
    let mut goods = Goods {
        id: id.to_ascii_lowercase(),
        title: title(node),
        sub_title: node.translated("subTitle_trans"),
        brand: ip.clone(),
        series: ip,
        description: description(node),
        attributes: facts::of_fields(node),
        tags: node.list("tags").iter().filter_map(text).collect(),
        draw: ["type", "businessType"]
            .iter()
            .any(|field| node.text(field).as_deref() == Some("draw"))
            || node.text("channel").as_deref() == Some("popnow"),
        sale: Sale {
            from: node.time("saleStartAt")?,
            until: node.time("saleEndAt")?,
            published: match (node.flag("publish"), node.flag("show")) {
                (Some(publish), Some(show)) => Some(publish && show),
                (publish, show) => publish.or(show),
            },
            ..Sale::default()
        },
        ..Goods::default()
    };
    goods.new = goods
        .tags
        .iter()
        .any(|tag| tag.to_uppercase().starts_with("NEW"));
    goods
        .categories
        .extend(node.object("category").and_then(title));
    pictures(node, &mut goods);
    let price = node.minor("price")?;
    if price.is_some() && currency.is_none() {
        return Err("a price without a currency, in a country where we know none".to_owned());
    }
    let (stocked, quantity) = stock(node);
    goods.figures = Figures {
        currency,
        price,
        list_price: None,
        stocked,
        quantity,
    };
    if node.get("skus").is_some_and(|skus| !skus.is_array()) {
        return Err("the SKUs are no list".to_owned());
    }
    goods.skus = node
        .list("skus")
        .iter()
        .map(|value| sku(Object::of(value).ok_or("a SKU is no object")?, currency))
        .collect::<Result<_, _>>()?;
    goods.each_sku_once();
    Ok(goods)
}

fn sku(node: Object<'_>, local: Option<Currency>) -> Result<Sku, Wrong> {
    let currency = node.currency("currency", local)?;
    let full = node.minor("price")?;
    let discount = node.optional_minor("discountPrice")?;
    let price = full.into_iter().chain(discount).min();
    if price.is_some() && currency.is_none() {
        return Err("a price without a currency, in a country where we know none".to_owned());
    }
    let count = node.whole("tmpStock");
    let main = node.text("mainImage");
    Ok(Sku {
        id: node.text("id").map(|id| id.to_ascii_lowercase()),
        title: title(node),
        images: links(main.or_else(|| node.translated("mainImage_trans"))),
        figures: Figures {
            currency,
            price,
            list_price: full
                .into_iter()
                .chain(discount)
                .max()
                .filter(|list| Some(*list) != price),
            stocked: count.map(|count| count > 0),
            quantity: counted(count),
        },
        attributes: facts::of_fields(node),
    })
}

/// Units by a SKU's id (`getStock`).
pub(crate) fn units(value: &Value) -> Result<i64, Wrong> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .ok_or_else(|| format!("the stock of a SKU is {value}, which is no count"))
}

/// A count that fits our columns.
pub(crate) fn counted(count: Option<i64>) -> Option<i32> {
    count
        .filter(|count| *count >= 0)
        .and_then(|count| i32::try_from(count).ok())
}

/// In lists a level: 0 is none and 2 is available; others have not been seen and say nothing. Details
/// count what remains.
fn stock(node: Object<'_>) -> (Option<bool>, Option<i32>) {
    let level = match node.whole("stock") {
        Some(0) => Some(false),
        Some(2) => Some(true),
        _ => None,
    };
    let remains = node
        .object("indexData")
        .and_then(|index| index.whole("remainStock"));
    (level.or(remains.map(|units| units > 0)), counted(remains))
}

fn title(node: Object<'_>) -> Option<String> {
    node.translated("name_trans")
        .or_else(|| node.translated("name"))
}

fn description(node: Object<'_>) -> Option<String> {
    [
        "desc_trans",
        "description_trans",
        "detail_trans",
        "desc",
        "description",
    ]
    .iter()
    .find_map(|field| plain_text(&node.translated(field)?))
}

fn pictures(node: Object<'_>, goods: &mut Goods) {
    let banners = node.objects("bannerImages");
    let banners = banners.filter_map(|banner| banner.translated("link_trans"));
    let main = node.text("mainImage").into_iter();
    let images = main
        .chain(node.translated("npcImages_trans"))
        .chain(banners);
    // Lists of pictures by language: those of the first language that has any.
    let scenes = node.object("sceneImages_trans");
    let languages = scenes.into_iter().flat_map(|scenes| {
        ["en", "en-us"]
            .into_iter()
            .chain(scenes.names())
            .map(move |language| scenes.texts(language))
    });
    let scenes = languages.into_iter().find(|list| !list.is_empty());
    goods.images = links(images.chain(scenes.into_iter().flatten()));
    let films = ["video_trans", "videoUrl_trans", "videoUrl", "video"];
    goods.videos = links(films.iter().filter_map(|field| node.translated(field)));
}
