//! Pages for the conformance kit.

use serde_json::{Value, json};

use super::SOURCE;
use crate::conformance::{Cases, Expect, Kind, Seen};
use crate::{Target, listing_url};

fn page(head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"de\"><head><title>Laden</title>{head}</head><body>{body}</body></html>"
    )
}

fn linked(product: &Value) -> String {
    let script = format!("<script type=\"application/ld+json\">{product}</script>");
    page(&script, "<h1>Kessel</h1>")
}

fn product(offer: Value) -> Value {
    json!({"@context": "https://schema.org", "@type": "Product", "name": "Kessel", "sku": "K1", "offers": offer})
}

fn offer(price: impl Into<Value>) -> Value {
    json!({
        "@type": "Offer", "price": price.into(), "priceCurrency": "EUR", "availability": "https://schema.org/InStock",
    })
}

fn micro(price: &str) -> String {
    page(
        "",
        &format!(
            "<div itemscope itemtype=\"https://schema.org/Product\"><h1 itemprop=\"name\">Kessel</h1>\
             <div itemprop=\"offers\" itemscope itemtype=\"https://schema.org/Offer\">\
             <span itemprop=\"price\">{price}</span><meta itemprop=\"priceCurrency\" content=\"EUR\">\
             <link itemprop=\"availability\" href=\"https://schema.org/InStock\"></div></div>"
        ),
    )
}

fn tags(price: &str) -> String {
    page(
        &format!(
            "<meta property=\"og:title\" content=\"Kessel\"><meta property=\"product:price:amount\" content=\"{price}\">\
             <meta property=\"product:price:currency\" content=\"EUR\">\
             <meta property=\"product:availability\" content=\"in stock\">"
        ),
        "<h1>Kessel</h1>",
    )
}

fn shown(price: &str, stock: &str) -> String {
    page(
        "",
        &format!("<h1>Kessel</h1><p class=\"price\">{price}</p><p class=\"stock\">{stock}</p>"),
    )
}

fn annotated(price: &str) -> String {
    page(
        "",
        &format!(
            "<div vocab=\"https://schema.org/\" typeof=\"Product\"><h1 property=\"name\">Kessel</h1>\
             <div property=\"offers\" typeof=\"Offer\"><span property=\"price\" content=\"{price}\">hier</span>\
             <meta property=\"priceCurrency\" content=\"EUR\">\
             <link property=\"availability\" href=\"https://schema.org/InStock\"></div></div>"
        ),
    )
}

fn variants(count: usize) -> Value {
    let one = |place: usize| {
        json!({
            "@type": "Product", "sku": format!("K{place}"), "name": format!("Kessel {place}"),
            "offers": offer(format!("{}.50", 20 + place % 50)),
        })
    };
    json!({"@type": "ProductGroup", "name": "Kessel", "hasVariant": (0..count).map(one).collect::<Vec<_>>()})
}

pub(super) fn cases() -> Cases {
    let listing = listing_url::from_id(SOURCE, "DE", "laden.example.de/kessel");
    let target = Target::new(listing.expect("a listing"));
    let offered = || Expect::Seen(Seen::at(1_999, "EUR"));
    let gone = || {
        Expect::Seen(Seen {
            in_stock: Some(false),
            ..Seen::default()
        })
    };
    let malformed = || Expect::Word(&["malformed"]);
    let sold_out = json!({"@type": "Offer", "availability": "https://schema.org/SoldOut"});
    let twice = json!([
        {"@type": "Offer", "sku": "A", "price": "19.99", "priceCurrency": "EUR", "availability": "InStock"},
        {"@type": "Offer", "sku": "A", "price": "19.99", "priceCurrency": "EUR", "availability": "InStock"},
        {"@type": "Offer", "sku": "B", "price": "24.99", "priceCurrency": "EUR", "availability": "InStock"},
    ]);
    let mut cases = Cases::new();
    for body in [
        linked(&product(offer("19.99"))),
        micro("19.99"),
        annotated("19.99"),
        tags("19.99"),
        shown("19,99 €", "Auf Lager"),
    ] {
        cases = cases.with(Kind::Offered, &target, body, offered());
    }
    let renamed = product(json!({"@type": "Offer", "amount": "19.99", "money": "EUR"}));
    let unnamed = product(json!({"@type": "Offer", "price": "19.99", "availability": "InStock"}));
    let seen = |prices: &[i64]| {
        Expect::Seen(Seen {
            variants: Some(prices.iter().copied().map(Some).collect()),
            ..Seen::at(prices[0], "EUR")
        })
    };
    cases
        .with(
            Kind::OutOfStock,
            &target,
            linked(&product(sold_out)),
            gone(),
        )
        .with(
            Kind::OutOfStock,
            &target,
            shown("", "Leider ausverkauft"),
            gone(),
        )
        .with(
            Kind::Variants,
            &target,
            linked(&variants(3)),
            seen(&[2_050, 2_150, 2_250]),
        )
        .with(
            Kind::NotFound,
            &target,
            page("", "<h1>Seite nicht gefunden</h1>"),
            Expect::Word(&["not_found"]),
        )
        .with(Kind::LayoutChanged, &target, linked(&renamed), malformed())
        .with(
            Kind::LayoutChanged,
            &target,
            page("", "<h1>Kessel</h1><b>19,99 €</b>"),
            malformed(),
        )
        .with(
            Kind::ZeroPrice,
            &target,
            linked(&product(offer(0))),
            malformed(),
        )
        .with(
            Kind::ZeroPrice,
            &target,
            shown("0,00 €", "Auf Lager"),
            malformed(),
        )
        .with(
            Kind::PriceAsText,
            &target,
            linked(&product(offer(19.99))),
            offered(),
        )
        .with(Kind::PriceAsText, &target, micro("19,99 €"), offered())
        .with(Kind::NoCurrency, &target, linked(&unnamed), malformed())
        .with(
            Kind::NoCurrency,
            &target,
            shown("19,99", "Auf Lager"),
            malformed(),
        )
        .with(
            Kind::ErrorBody,
            &target,
            "{\"error\": \"internal\"}",
            malformed(),
        )
        .with(
            Kind::DuplicateIds,
            &target,
            linked(&product(twice)),
            seen(&[1_999, 2_499]),
        )
        .with(
            Kind::TenThousand,
            &target,
            linked(&variants(10_000)),
            Expect::Seen(Seen::at(2_050, "EUR")),
        )
}
