//! What the newest generation's answers mean, and other traps of the older ones.

use connectors::{Connector, Outcome};
use domain::availability::Availability;
use domain::observation::Observation;
use serde_json::{Value, json};

use super::{SOURCE, connector};
use crate::support::{at, cx, observed, target};

const ID: &str = "0c0ffee0-0000-4000-8000-0000000000a1";
const SKU: &str = "0c0ffee0-0000-4000-8000-0000000000b1";

fn product() -> Value {
    json!({ "json": {
        "id": ID, "name_trans": { "en": "Paper Fox" }, "publish": true, "show": true,
        "saleStartAt": "2026-01-01T10:00:00.000Z", "saleEndAt": null, "currency": "JPY",
        "tags": [], "ipName": "FOX", "businessType": "shop", "sales": 41, "limitQuantity": 3,
        "desc_trans": { "en": "<p>A fox<br>of paper</p>" },
        "skus": [{ "id": SKU, "tmpStock": 4, "price": 2200, "name_trans": { "en": "Single box" },
                   "barcode": "4900000000017" }],
        "indexData": { "remainStock": 4 },
    }})
}

fn read_in(marketplace: &str, change: impl FnOnce(&mut Value)) -> Outcome {
    let mut answer = product();
    change(&mut answer["json"]);
    let targets = [target(SOURCE, marketplace, ID)];
    let body = answer.to_string();
    connector().read(body.as_bytes(), &cx(&targets)).remove(0).1
}

fn first(outcome: &Outcome) -> &Observation {
    &observed(outcome)[0]
}

#[test]
fn details_tell_what_they_hold() {
    let outcome = read_in("JP", |_| {});
    let [product, sku] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    let money = product.values.money(product.values.price).expect("money");
    assert_eq!(money.to_string(), "2200 JPY", "yen have no minor unit");
    let content = product.content.as_ref().expect("content");
    assert_eq!(content.description.as_deref(), Some("A fox\nof paper"));
    assert_eq!(content.brand.as_deref(), Some("FOX"));
    assert_eq!(content.attributes["sold"], "41");
    assert_eq!(content.attributes["purchase_limit"], "3");
    let sku = sku.content.as_ref().expect("content");
    assert_eq!(sku.title.as_deref(), Some("Paper Fox – Single box"));
    assert_eq!(sku.attributes["barcode"], "4900000000017");
}

#[test]
fn time_tags_and_publication_decide_the_availability() {
    let future = (at() + chrono::TimeDelta::days(3)).to_rfc3339();
    let past = (at() - chrono::TimeDelta::days(3)).to_rfc3339();
    let availability = |change: &dyn Fn(&mut Value)| {
        let outcome = read_in("JP", |product| change(product));
        let values = &first(&outcome).values;
        (values.availability, values.in_stock)
    };
    let soon = (Availability::ComingSoon, Some(false));
    assert_eq!(
        availability(&|p| p["saleStartAt"] = json!(future)),
        soon,
        "stock waits for the release"
    );
    assert_eq!(availability(&|p| p["tags"] = json!(["COMING_SOON"])), soon);
    assert_eq!(
        availability(&|p| p["tags"] = json!(["OUT_OF_STOCK"])),
        (Availability::OutOfStock, Some(false))
    );
    assert_eq!(
        availability(&|p| p["publish"] = json!(false)),
        (Availability::OutOfStock, Some(false))
    );
    assert_eq!(
        availability(&|p| p["saleEndAt"] = json!(past)),
        (Availability::Discontinued, Some(false))
    );
    let outcome = read_in("JP", |p| {
        p["saleStartAt"] = json!(past);
        p["saleEndAt"] = json!(future);
        p["tags"] = json!(["PRE_ORDER"]);
    });
    let product = first(&outcome);
    assert_eq!(product.values.availability, Availability::PreOrder);
    let content = product.content.as_ref().expect("content");
    assert!(content.flags.pre_order);
    assert_eq!(
        content.attributes["pre_order_start"],
        "2026-04-29T10:00:00Z"
    );
    assert_eq!(content.attributes["pre_order_end"], "2026-05-05T10:00:00Z");
}

#[test]
fn figures_that_cannot_be_are_malformed() {
    let changes: [(&str, Value); 9] = [
        ("/skus/0/price", json!(0)),
        ("/skus/0/price", json!("2200")),
        ("/skus/0/price", json!(22.5)),
        ("/skus/0/price", json!(-1)),
        ("/currency", json!("¥")),
        ("/skus", json!(null)),
        ("/skus", json!({})),
        ("/saleStartAt", json!("soon")),
        ("/id", json!("0c0ffee0-0000-4000-8000-0000000000ff")),
    ];
    for (place, value) in changes {
        let outcome = read_in("JP", |product| {
            *product.pointer_mut(place).expect("a place") = value.clone();
        });
        assert_eq!(outcome.as_str(), "malformed", "{place} {value}");
    }
}

#[test]
fn a_currency_is_named_or_the_countrys_own() {
    let currency = |marketplace| {
        let outcome = read_in(marketplace, |product| product["currency"] = Value::Null);
        match &outcome {
            Outcome::Observed(seen) => seen[0].values.currency.clone().expect("a currency"),
            outcome => outcome.as_str().to_owned(),
        }
    };
    assert_eq!(currency("FR"), "EUR");
    assert_eq!(currency("PH"), "PHP");
    assert_eq!(currency("GB"), "GBP");
    assert_eq!(currency("PL"), "malformed", "not known, not guessed");
}

#[test]
fn a_level_in_a_list_is_no_count() {
    let row = |level: Value| {
        let list = json!({ "json": { "total": 1, "totalPages": 1, "items": [{ "items": [{
            "id": ID, "name_trans": { "en": "Paper Fox" }, "price": 1500, "currency": "EUR",
            "tags": [], "stock": level, "businessType": "draw", "saleStartAt": null,
        }]}]}});
        let targets = [target(SOURCE, "FR", ID)];
        let outcome = connector()
            .read(list.to_string().as_bytes(), &cx(&targets))
            .remove(0)
            .1;
        let seen = first(&outcome).clone();
        assert_eq!(seen.values.stock_quantity, None);
        assert!(seen.content.expect("content").flags.blind_box, "a draw");
        seen.values.in_stock
    };
    assert_eq!(row(json!(2)), Some(true));
    assert_eq!(row(json!(0)), Some(false));
    assert_eq!(row(json!(1)), None, "a level nobody has seen");
    assert_eq!(row(Value::Null), None);
}

#[test]
fn other_shapes_are_malformed_and_refusals_are_told() {
    let word = |body: &str| {
        let targets = [target(SOURCE, "FR", ID)];
        let told = connector().read(body.as_bytes(), &cx(&targets));
        told.first()
            .map_or("nothing", |(_, outcome)| outcome.as_str())
    };
    assert_eq!(word(r#"{"json":{"product":{}}}"#), "malformed");
    assert_eq!(word(r#"{"json":[1]}"#), "malformed");
    assert_eq!(word(r#"{"result":{}}"#), "malformed");
    assert_eq!(word(r#"{"json":null}"#), "not_found");
    assert_eq!(word(r#"{"code":"NOT_FOUND","message":"x"}"#), "not_found");
    assert_eq!(
        word(r#"{"json":{"code":"TOO_MANY_REQUESTS","message":"x"}}"#),
        "rate_limited"
    );
    assert_eq!(word(r#"{"json":{"items":[],"total":0}}"#), "nothing");
}

#[test]
fn a_draws_boxes_are_its_stock() {
    let body = json!({ "json": { "boxes": [
        { "status": "available" }, { "status": "sold" }, { "status": "available" },
    ]}});
    let targets = [target(SOURCE, "FR", ID)];
    let outcome = connector()
        .read(body.to_string().as_bytes(), &cx(&targets))
        .remove(0)
        .1;
    assert_eq!(first(&outcome).values.stock_quantity, Some(2));
}

#[test]
fn the_older_generation_has_its_traps_too() {
    let body = |change: &dyn Fn(&mut Value)| {
        let mut answer: Value =
            serde_json::from_slice(include_bytes!("fixtures/popmart.json")).expect("JSON");
        change(&mut answer["data"]);
        let targets = [target(SOURCE, "US", "700")];
        connector()
            .read(answer.to_string().as_bytes(), &cx(&targets))
            .remove(0)
            .1
    };
    let goods = body(&|data| data["goods"] = data["skus"].take());
    assert_eq!(observed(&goods).len(), 3, "goods in the place of skus");

    let both = body(&|data| data["goods"] = json!([]));
    assert_eq!(observed(&both).len(), 3);

    let none = body(&|data| {
        data.as_object_mut().expect("an object").remove("skus");
    });
    assert_eq!(none.as_str(), "malformed");

    let many = body(&|data| {
        let sku = data["skus"][0].clone();
        let skus = (0..10_000).map(|n| {
            let mut sku = sku.clone();
            sku["id"] = json!(20_000 + n);
            sku
        });
        data["skus"] = skus.collect();
    });
    let seen = observed(&many);
    assert_eq!(seen.len(), 2_001);
    let content = seen[0].content.as_ref().expect("content");
    assert_eq!(content.attributes["variants_left_out"], "8000");
    assert_eq!(seen[0].values.stock_quantity, Some(20_000), "of all");

    let told = body(&|data| {
        data["desc"] = json!("<div>Soft &amp; small</div>");
        data["spec"] = json!("Height: 8 cm");
        data["limitQuantity"] = json!(2);
        data["viewCount"] = json!(1200);
        data["reviewCount"] = json!(31);
        data["skus"][0]["skuCode"] = json!("6941");
        data["banners"] =
            json!([{ "type": "video", "values": [{ "url": "https://films.example/1.mp4" }] }]);
    });
    let [product, set, _] = observed(&told) else {
        panic!("{told:?}")
    };
    assert_eq!(product.values.review_count, Some(31));
    let content = product.content.as_ref().expect("content");
    assert_eq!(content.description.as_deref(), Some("Soft & small"));
    assert_eq!(content.videos, ["https://films.example/1.mp4"]);
    for (name, value) in [
        ("dimensions", "Height: 8 cm"),
        ("purchase_limit", "2"),
        ("views", "1200"),
        ("reviews", "31"),
        ("brand_id", "1"),
        ("category_id", "2"),
    ] {
        assert_eq!(content.attributes[name], value, "{name}");
    }
    let set = set.content.as_ref().expect("content");
    assert_eq!(set.attributes["sku"], "6941");
}
