//! Forms that the recorded offers do not have, but that the platform's description allows.

use connectors::Outcome;
use domain::observation::Offer;
use serde_json::{Value, json};

use super::read;
use crate::support::observed;

const OFFER: &str = "822737307436";

fn wrapped(product: &Value) -> Outcome {
    let body =
        json!({"result": {"success": "true", "code": 200, "message": null, "result": product}});
    read(body.to_string().as_bytes(), OFFER).expect("an outcome")
}

fn plain() -> Value {
    json!({"offerId": OFFER, "subject": "杯子", "status": "published", "description": null,
        "mainVideo": null, "productImage": {"images": "https://cbu01.alicdn.com/a.jpg"},
        "productAttribute": null, "productSkuInfos": null, "tagInfoList": null, "sellerMixSetting": null,
        "sellerDataInfo": null, "productShippingInfo": null, "tradeScore": "4.8", "soldOut": 1200,
        "minOrderQuantity": "2", "productSaleInfo": {"amountOnSale": "500", "quoteType": "0",
            "priceRangeList": null, "priceRanges": [
                {"startQuantity": "100", "price": 6.5}, {"startQuantity": 1, "price": "￥7.13"}]}})
}

#[test]
fn an_offer_without_skus_costs_what_its_smallest_order_costs() {
    let seen = observed(&wrapped(&plain()))[0].clone();
    let values = &seen.values;
    assert_eq!(
        (values.price, values.currency.as_deref()),
        (Some(713), Some("CNY"))
    );
    assert_eq!(
        (values.stock_quantity, values.in_stock),
        (Some(500), Some(true))
    );
    assert_eq!(values.rating_hundredths, Some(480));
    let content = seen.content.expect("content");
    assert_eq!(content.images, ["https://cbu01.alicdn.com/a.jpg"]);
    assert_eq!(content.attributes["sold"], "1200");
    assert_eq!(
        content.attributes["price_ranges"],
        "1-99: 7.13 CNY; 100+: 6.50 CNY"
    );
}

#[test]
fn figures_beyond_all_measure_are_no_figures() {
    let mut offer = plain();
    offer["tradeScore"] = json!("79228162514264337593543950335");
    offer["productSaleInfo"]["amountOnSale"] = json!("9223372036854775807");
    offer["minOrderQuantity"] = json!(1e300);
    let values = observed(&wrapped(&offer))[0].values.clone();
    assert_eq!(
        (values.rating_hundredths, values.stock_quantity),
        (None, None)
    );
    offer["productSaleInfo"]["priceRanges"][1]["price"] = json!("79228162514264337593543950335");
    assert_eq!(wrapped(&offer).as_str(), "malformed");
}

#[test]
fn a_description_keeps_its_words_and_its_size() {
    let mut offer = plain();
    offer["description"] = json!(
        "<style>p{}</style><div><p>加厚&nbsp;杯&#x5B50;</p><br/>A &amp; B 5 < 6<!-- x --><script>x('<p>')</script></div><img src=\"a.jpg\""
    );
    let content = observed(&wrapped(&offer))[0]
        .content
        .clone()
        .expect("content");
    assert_eq!(
        content.description.as_deref(),
        Some("加厚 杯子\nA & B 5 < 6")
    );
}

#[test]
fn an_offer_that_is_off_the_shelf_has_no_price_whatever_it_shows() {
    for (status, offer) in [
        ("Published", Offer::Offered),
        ("expired", Offer::None),
        ("member deleted", Offer::None),
        ("auditing", Offer::None),
    ] {
        let mut product = plain();
        product["status"] = json!(status);
        let values = observed(&wrapped(&product))[0].values.clone();
        assert_eq!(values.offer, offer, "{status}");
        assert_eq!(values.price.is_some(), offer == Offer::Offered);
    }
}
