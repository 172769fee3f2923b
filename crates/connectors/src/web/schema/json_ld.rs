//! JSON-LD (W3C JSON-LD 1.1 as schema.org uses it): `@type`, `@graph`, arrays, references by `@id`.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::item::{Item, Value, bare};
use super::repair::repair;
use crate::web::html::Document;

/// More would be no page about a product.
const MOST_ITEMS: usize = 20_000;

/// Top-level items of all scripts; those of a `@graph` count as such.
pub(super) fn items(page: &Document) -> Vec<Item> {
    let mut roots = Vec::new();
    let scripts = page.elements().filter(|element| {
        element.tag() == "script"
            && element
                .attr("type")
                .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/ld+json"))
    });
    for script in scripts {
        let text = script.raw();
        let read = serde_json::from_str(&text).or_else(|_| serde_json::from_str(&repair(&text)));
        if let Ok(json) = read {
            flatten(json, &mut roots);
        }
    }
    let named: HashMap<String, &Map<String, Json>> = roots
        .iter()
        .filter_map(|root| Some((root.get("@id")?.as_str()?.to_owned(), root)))
        .collect();
    let mut budget = MOST_ITEMS;
    roots
        .iter()
        .map(|root| item(root, &named, 0, &mut budget))
        .collect()
}

fn flatten(json: Json, out: &mut Vec<Map<String, Json>>) {
    match json {
        Json::Array(all) => all.into_iter().for_each(|one| flatten(one, out)),
        Json::Object(mut object) => {
            if let Some(graph) = object.remove("@graph") {
                flatten(graph, out);
            }
            if object.contains_key("@type") {
                out.push(object);
            }
        }
        _ => {}
    }
}

fn item(
    object: &Map<String, Json>,
    named: &HashMap<String, &Map<String, Json>>,
    depth: usize,
    budget: &mut usize,
) -> Item {
    let texts = |json: &Json| -> Vec<String> {
        match json {
            Json::String(text) => vec![bare(text).to_owned()],
            Json::Array(all) => all
                .iter()
                .filter_map(Json::as_str)
                .map(|text| bare(text).to_owned())
                .collect(),
            _ => Vec::new(),
        }
    };
    let mut out = Item {
        types: object.get("@type").map(texts).unwrap_or_default(),
        id: object.get("@id").and_then(Json::as_str).map(str::to_owned),
        properties: Vec::new(),
    };
    for (name, json) in object {
        if !name.starts_with('@') {
            values(bare(name), json, named, depth, budget, &mut out.properties);
        }
    }
    out
}

fn values(
    name: &str,
    json: &Json,
    named: &HashMap<String, &Map<String, Json>>,
    depth: usize,
    budget: &mut usize,
    out: &mut Vec<(String, Value)>,
) {
    // References can form circles.
    if *budget == 0 || depth > 12 {
        return;
    }
    *budget -= 1;
    let mut text = |text: String| out.push((name.to_owned(), Value::Text(text)));
    match json {
        Json::String(found) => text(found.clone()),
        Json::Number(number) => text(plain(number)),
        Json::Bool(found) => text(found.to_string()),
        Json::Null => {}
        Json::Array(all) => {
            for one in all {
                values(name, one, named, depth, budget, out);
            }
        }
        Json::Object(object) => {
            if let Some(Json::Array(list)) = object.get("@list").or_else(|| object.get("@set")) {
                for one in list {
                    values(name, one, named, depth, budget, out);
                }
                return;
            }
            if let Some(value) = object.get("@value") {
                values(name, value, named, depth, budget, out);
                return;
            }
            let reference = object.len() == 1;
            let known = object
                .get("@id")
                .and_then(Json::as_str)
                .filter(|_| reference);
            if let Some(id) = known {
                match named.get(id) {
                    Some(target) => {
                        let found = item(target, named, depth + 1, budget);
                        out.push((name.to_owned(), Value::Item(found)));
                    }
                    // An address, such as a brand's or an availability.
                    None => out.push((name.to_owned(), Value::Text(id.to_owned()))),
                }
                return;
            }
            let found = item(object, named, depth + 1, budget);
            out.push((name.to_owned(), Value::Item(found)));
        }
    }
}

/// A number as decimal digits: its shortest text, without an exponent.
fn plain(number: &serde_json::Number) -> String {
    match crate::json::decimal(number) {
        Some(decimal) => decimal.to_string(),
        None => number.to_string(),
    }
}
