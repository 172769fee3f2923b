//! Product pages.

use serde_json::{Value, json};

use super::words::Words;
use crate::{
    images,
    market::{Availability, Charset, Markup, Money},
    world::Seen,
};

/// What is wrong with this one answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spoiled {
    /// Its price is zero.
    pub zero: bool,
    /// Its price is a word.
    pub word: bool,
    /// It has ten thousand variants.
    pub many: bool,
}

/// One page's matter.
struct Page<'a> {
    seen: &'a Seen,
    words: Words,
    base: &'a str,
    spoiled: Spoiled,
}

/// The page of a product.
pub(super) fn render(seen: &Seen, base: &str, spoiled: Spoiled) -> String {
    let listing = &seen.listing;
    let page = Page {
        seen,
        words: Words::of(&listing.key.marketplace),
        base,
        spoiled,
    };
    let shown = listing.shown();
    let markup = match spoiled.many {
        true => Markup::Variants,
        false => shown.map_or(Markup::JsonLd, |shown| shown.markup),
    };
    let charset = match shown.map(|shown| shown.charset) {
        Some(Charset::ShiftJis) => "<meta charset=\"Shift_JIS\">",
        Some(Charset::Gbk) => {
            "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gbk\">"
        }
        _ => "",
    };
    let title = escape(&listing.title);
    let (head, body) = match markup {
        Markup::JsonLd => (page.linked(&page.product()), page.visible(page.price())),
        Markup::Range => (page.linked(&page.range()), page.visible(page.price())),
        Markup::Variants => (page.linked(&page.group()), page.visible(page.price())),
        Markup::Contradicting => {
            let dearer = page
                .price()
                .map(|price| Money::new(price.minor + price.minor / 4, price.currency));
            let head = format!("{}{}", page.linked(&page.product()), page.tags(dearer));
            (head, page.visible(page.price()))
        }
        Markup::OpenGraph => (page.tags(page.price()), format!("<h1>{title}</h1>")),
        Markup::Microdata => (String::new(), page.microdata()),
        Markup::Rdfa => (String::new(), page.rdfa()),
        Markup::Text => (String::new(), page.visible(page.price())),
    };
    let address = format!("{base}{}", listing.key.url());
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>{charset}<title>{title} | Sim Shop</title>\n\
         <link rel=\"canonical\" href=\"{address}\">\n{head}</head>\n<body>\n\
         <nav><a href=\"/\">Sim Shop</a></nav>\n<main>{body}</main>\n\
         <section class=\"related-products\"><div class=\"price\">{}</div></section>\n\
         <footer>Sim Shop</footer>\n</body>\n</html>\n",
        page.words.tag,
        page.words.money(Money::new(99_900, listing.price.currency)),
    )
}

impl Page<'_> {
    /// The price to pay, where the shop tells one.
    fn price(&self) -> Option<Money> {
        let price = self.seen.snapshot.price?;
        Some(match self.spoiled.zero {
            true => Money::new(0, price.currency),
            false => price,
        })
    }

    fn available(&self) -> &'static str {
        match self.seen.snapshot.availability {
            Availability::InStock => "https://schema.org/InStock",
            Availability::PreOrder => "https://schema.org/PreOrder",
            _ => "https://schema.org/OutOfStock",
        }
    }

    /// The price as programs are told it.
    fn amount(&self, price: Option<Money>) -> Option<String> {
        match self.spoiled.word {
            true => Some("on request".to_owned()),
            false => price.map(|price| price.to_string()),
        }
    }

    fn offer(&self, price: Option<Money>) -> Value {
        let mut offer = json!({ "@type": "Offer", "availability": self.available() });
        if let Some(amount) = self.amount(price) {
            offer["price"] = amount.into();
            offer["priceCurrency"] = self.seen.listing.price.currency.code().into();
        }
        if let Some(list) = self.seen.snapshot.list_price {
            offer["priceSpecification"] = json!({
                "@type": "UnitPriceSpecification", "priceType": "https://schema.org/StrikethroughPrice",
                "price": list.to_string(), "priceCurrency": list.currency.code(),
            });
        }
        offer
    }

    fn product(&self) -> Value {
        let listing = &self.seen.listing;
        let mut product = json!({
            "@context": "https://schema.org",
            "@type": "Product",
            "name": listing.title,
            "sku": listing.key.external_id.to_uppercase(),
            "brand": { "@type": "Brand", "name": listing.brand },
            "category": listing.breadcrumbs.join(" > "),
            "image": [images::url(self.base, &listing.key, 1), images::url("", &listing.key, 2)],
            "description": format!("<p>{} by {}.</p>", listing.title, listing.brand),
            "offers": self.offer(self.price()),
        });
        if let (Some(stars), Some(count)) =
            (self.seen.snapshot.rating, self.seen.snapshot.review_count)
        {
            product["aggregateRating"] = json!({ "@type": "AggregateRating", "ratingValue": stars, "bestRating": 5, "reviewCount": count });
        }
        product
    }

    fn range(&self) -> Value {
        let mut product = self.product();
        let high = self
            .price()
            .map(|price| Money::new(price.minor * 2, price.currency));
        if let (Some(low), Some(high)) = (self.amount(self.price()), high) {
            product["offers"] = json!({
                "@type": "AggregateOffer", "lowPrice": low, "highPrice": high.to_string(), "offerCount": 4,
                "priceCurrency": high.currency.code(), "availability": self.available(),
            });
        }
        product
    }

    fn group(&self) -> Value {
        let mut group = self.product();
        group["@type"] = "ProductGroup".into();
        if let Some(fields) = group.as_object_mut() {
            fields.remove("offers");
        }
        let variants: Vec<Value> = match self.spoiled.many {
            true => (0..10_000)
                .map(|number| self.variant(&format!("V{number}"), "V", self.price()))
                .collect(),
            false => self
                .seen
                .snapshot
                .skus
                .iter()
                .map(|sku| {
                    let price = sku.discount_price.or(sku.price);
                    let price = price.map(|price| match self.spoiled.zero {
                        true => Money::new(0, price.currency),
                        false => price,
                    });
                    self.variant(&sku.id, &sku.title, price)
                })
                .collect(),
        };
        group["hasVariant"] = variants.into();
        group
    }

    fn variant(&self, sku: &str, title: &str, price: Option<Money>) -> Value {
        json!({ "@type": "Product", "sku": sku, "name": title, "offers": self.offer(price) })
    }

    /// JSON-LD as templates write it: with a comma too many.
    fn linked(&self, product: &Value) -> String {
        let json = product.to_string().replace("</", "<\\/");
        let body = json.strip_suffix('}').unwrap_or(&json);
        format!("<script type=\"application/ld+json\">\n{body},\n}}\n</script>\n")
    }

    fn tags(&self, price: Option<Money>) -> String {
        let listing = &self.seen.listing;
        let stock = match self.seen.snapshot.availability {
            Availability::InStock => "in stock",
            _ => "out of stock",
        };
        let mut tags = vec![
            ("og:type", "product".to_owned()),
            ("og:title", listing.title.clone()),
            ("og:image", images::url(self.base, &listing.key, 1)),
            ("product:brand", listing.brand.clone()),
            ("product:availability", stock.to_owned()),
        ];
        if let Some(amount) = self.amount(price) {
            tags.push(("product:price:amount", amount));
            tags.push((
                "product:price:currency",
                listing.price.currency.code().to_owned(),
            ));
        }
        tags.into_iter()
            .map(|(name, content)| {
                format!(
                    "<meta property=\"{name}\" content=\"{}\">\n",
                    escape(&content)
                )
            })
            .collect()
    }

    /// What a person sees.
    fn visible(&self, price: Option<Money>) -> String {
        let title = escape(&self.seen.listing.title);
        let stock = self.words.stock(self.seen.snapshot.availability);
        format!(
            "<h1>{title}</h1>{}<p class=\"stock\">{stock}</p>",
            self.labels(price)
        )
    }

    fn labels(&self, price: Option<Money>) -> String {
        let Some(price) = price else {
            return String::new();
        };
        let label = match self.spoiled.word {
            true => "on request".to_owned(),
            false => self.words.money(price),
        };
        let was = self.seen.snapshot.list_price.map(|list| {
            format!(
                "<del class=\"price price--old\">{} {}</del>",
                self.words.was,
                self.words.money(list)
            )
        });
        format!(
            "{}<span class=\"price\">{label}</span>",
            was.unwrap_or_default()
        )
    }

    fn microdata(&self) -> String {
        let listing = &self.seen.listing;
        let price = self.price().map(|price| {
            let label = match self.spoiled.word {
                true => "on request".to_owned(),
                false => self.words.money(price),
            };
            format!(
                "<span itemprop=\"price\">{label}</span><meta itemprop=\"priceCurrency\" content=\"{}\">",
                price.currency.code()
            )
        });
        format!(
            "<div itemscope itemtype=\"https://schema.org/Product\"><h1 itemprop=\"name\">{}</h1>\
             <span itemprop=\"brand\">{}</span><img itemprop=\"image\" src=\"{}\">\
             <div itemprop=\"offers\" itemscope itemtype=\"https://schema.org/Offer\">{}\
             <link itemprop=\"availability\" href=\"{}\"></div></div>",
            escape(&listing.title),
            escape(&listing.brand),
            images::url("", &listing.key, 1),
            price.unwrap_or_default(),
            self.available(),
        )
    }

    fn rdfa(&self) -> String {
        let listing = &self.seen.listing;
        let price = self.amount(self.price()).map(|amount| {
            format!(
                "<span property=\"price\" content=\"{amount}\">voir</span><meta property=\"priceCurrency\" content=\"{}\">",
                listing.price.currency.code()
            )
        });
        format!(
            "<div vocab=\"https://schema.org/\" typeof=\"Product\"><h1 property=\"name\">{}</h1>\
             <div property=\"brand\" typeof=\"Brand\"><span property=\"name\">{}</span></div>\
             <div property=\"offers\" typeof=\"Offer\">{}<link property=\"availability\" href=\"{}\"></div></div>",
            escape(&listing.title),
            escape(&listing.brand),
            price.unwrap_or_default(),
            self.available(),
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
