//! Named facts of a listing: those that other sources have too get their common names.

use std::collections::BTreeMap;

use super::text;
use crate::json::{self, Object};

/// Facts by name. The first to tell one is believed: pages repeat themselves.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    told: Vec<(String, String)>,
}

impl Facts {
    /// Takes a list of pairs, in either actor's spelling.
    pub(crate) fn list<'a>(&mut self, rows: impl Iterator<Item = Object<'a>>) {
        for row in rows {
            let pair = row.first_text(&["name", "key"]).zip(row.text("value"));
            self.told.extend(pair);
        }
    }

    /// Takes an object whose keys are the names.
    pub(crate) fn object(&mut self, row: Option<Object<'_>>) {
        if let Some(row) = row {
            let pairs = row
                .names()
                .filter_map(|name| Some((json::clean(name)?, row.text(name)?)));
            self.told.extend(pairs);
        }
    }

    /// The first fact of one of these names.
    pub(crate) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            self.told
                .iter()
                .find(|(told, _)| told.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        })
    }

    /// The fact that tells the ranks.
    pub(crate) fn ranks(&self) -> Option<&str> {
        self.told
            .iter()
            .find(|(name, _)| is_rank(name))
            .map(|(_, value)| value.as_str())
    }

    /// As attributes. What we keep as figures, and what customers wrote, is left out.
    pub(crate) fn attributes(self) -> BTreeMap<String, String> {
        let mut attributes = BTreeMap::new();
        let mut barcodes: Vec<String> = Vec::new();
        for (name, value) in self.told {
            if is_rank(&name) || matches!(name.as_str(), "Customer Reviews" | "ASIN") {
                continue;
            }
            if is_barcode(&name) {
                let codes = value.split([' ', ',']).filter(|code| !code.is_empty());
                barcodes.extend(codes.map(str::to_owned));
                continue;
            }
            if name == "Date First Available"
                && let Some(date) = text::date(&value)
            {
                attributes.entry("release_date".to_owned()).or_insert(date);
                continue;
            }
            let name = common(&name).map_or(name, str::to_owned);
            attributes.entry(name).or_insert(value);
        }
        if !barcodes.is_empty() {
            attributes.insert("barcode".into(), json::distinct(barcodes).join(", "));
        }
        attributes
    }
}

/// The common name of a fact.
fn common(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "item weight" | "weight" => "weight",
        "product dimensions"
        | "item dimensions"
        | "item dimensions lxwxh"
        | "item dimensions l x w x h"
        | "item dimensions  lxwxh" => "dimensions",
        "material" | "material type" => "material",
        "manufacturer" => "manufacturer",
        "item model number" | "model number" => "model",
        "release date" | "publication date" => "release_date",
        _ => return None,
    })
}

fn is_barcode(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "upc" | "ean" | "gtin" | "global trade identification number" | "isbn-13"
    )
}

/// The fact's name in the languages of Amazon's shops.
fn is_rank(name: &str) -> bool {
    let name = name.to_lowercase();
    [
        "best sellers rank",
        "best-sellers rank",
        "bestseller-rang",
        "bestsellerrang",
        "meilleures ventes",
        "classifica bestseller",
        "más vendidos",
        "mais vendidos",
        "売れ筋ランキング",
        "plaats in bestsellerlijst",
        "ranking bestsellerów",
        "rangordning för bästsäljare",
        "en çok satanlar",
    ]
    .iter()
    .any(|known| name.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn facts_get_common_names_and_the_first_counts() {
        let rows = [
            json!({"name": "Item Weight", "value": "\u{200e}10.72 ounces"}),
            json!({"name": "Item Weight", "value": "10.7 ounces"}),
            json!({"key": "UPC", "value": "111 222"}),
            json!({"key": "Global Trade Identification Number", "value": "222"}),
            json!({"key": "Best Sellers Rank", "value": "#1 in X"}),
            json!({"key": "Customer Reviews", "value": "4 of 5"}),
            json!({"key": "Date First Available", "value": "July 14, 2018"}),
            json!({"key": "Cap Type", "value": "Flip"}),
            json!({"key": "Empty", "value": null}),
        ];
        let mut facts = Facts::default();
        facts.list(rows.iter().filter_map(Object::of));
        let extra: Value = json!({"Brand": "X", "n": 5});
        facts.object(Object::of(&extra));
        assert_eq!(facts.ranks(), Some("#1 in X"));
        assert_eq!(facts.get(&["brand"]), Some("X"));
        let attributes: Vec<_> = facts.attributes().into_iter().collect();
        let expected = [
            ("Brand", "X"),
            ("Cap Type", "Flip"),
            ("barcode", "111, 222"),
            ("n", "5"),
            ("release_date", "2018-07-14"),
            ("weight", "10.72 ounces"),
        ];
        assert_eq!(
            attributes,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
