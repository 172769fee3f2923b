//! Named and unnamed facts about a product, under the names that all sources share.

use std::collections::BTreeMap;

use super::fields::Told;
use crate::json::Object;

/// A fact that is told in parts does not grow beyond this by another part, in bytes.
const LONGEST: usize = 2_000;

/// Fields that a product or a SKU may have under one of several names, and what we call them.
const TEXTS: &[(&str, &[&str])] = &[
    ("material", &["material", "materials"]),
    ("dimensions", &["dimensions", "size", "productSize"]),
    ("weight", &["weight"]),
    ("sku", &["skuCode", "sku_code"]),
    ("barcode", &["barcode", "barCode", "ean", "upc"]),
];

/// Counters; zero says nothing.
const COUNTS: &[(&str, &[&str])] = &[
    ("views", &["viewCount", "view_count", "views"]),
    ("likes", &["likeCount", "like_count", "likes"]),
    ("reviews", &["reviewCount", "review_count", "commentCount"]),
    ("sold", &["sales", "saleCount", "soldCount"]),
    (
        "purchase_limit",
        &["limitQuantity", "limit_quantity", "purchaseLimit"],
    ),
    ("boxes", &["specCount"]),
];

/// The facts that a product's or SKU's own fields tell.
pub(crate) fn of_fields(node: Object<'_>) -> BTreeMap<String, String> {
    let texts = TEXTS.iter().filter_map(|(name, fields)| {
        let text = node
            .first_text(fields)
            .or_else(|| sides(node.object(fields[0])?))?;
        Some(((*name).to_owned(), text))
    });
    let counts = COUNTS
        .iter()
        .filter_map(|(name, fields)| Some(((*name).to_owned(), node.counted(fields)?)));
    texts.chain(counts).collect()
}

/// `{height, width, depth}` as `height 10, width 5, depth 5`.
fn sides(node: Object<'_>) -> Option<String> {
    let sides: Vec<String> = ["height", "width", "depth", "length", "unit"]
        .iter()
        .filter_map(|side| Some(format!("{side} {}", node.text(side)?)))
        .collect();
    (!sides.is_empty()).then(|| sides.join(", "))
}

/// Adds one of the product's parameters. They often come without a name: then the value's form says
/// what it is, and one that says nothing stays a `parameter` with its number.
pub(crate) fn add_parameter(facts: &mut BTreeMap<String, String>, parameter: Object<'_>) {
    let Some(value) = parameter.first_text(&["value", "content"]) else {
        return;
    };
    let named = parameter.first_text(&["name", "title", "label", "parameterName"]);
    let number = parameter.first_text(&["parameterID", "parameterId", "id"]);
    let name = match (named, kind(&value), number) {
        (Some(name), ..) => common(&name).map_or(name, str::to_owned),
        (None, Some(kind), _) => kind.to_owned(),
        (None, None, Some(number)) => format!("parameter {number}"),
        (None, None, None) => "parameter".to_owned(),
    };
    add(facts, name, &value);
}

/// Adds the product's `spec`, if its form says what it is.
pub(crate) fn add_spec(facts: &mut BTreeMap<String, String>, spec: &str) {
    let name = kind(spec).unwrap_or("spec");
    add(facts, name.to_owned(), spec);
}

fn add(facts: &mut BTreeMap<String, String>, name: String, value: &str) {
    facts
        .entry(name)
        .and_modify(|known| {
            if known.len() < LONGEST && !known.split(", ").any(|part| part == value) {
                *known = format!("{known}, {value}");
            }
        })
        .or_insert_with(|| value.to_owned());
}

/// A parameter's name in the words all sources share.
fn common(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    [
        ("material", "material"),
        ("材", "material"),
        ("dimension", "dimensions"),
        ("size", "dimensions"),
        ("尺寸", "dimensions"),
        ("weight", "weight"),
        ("重", "weight"),
        ("barcode", "barcode"),
        ("manufacturer", "manufacturer"),
    ]
    .iter()
    .find(|(word, _)| name.contains(word))
    .map(|(_, common)| *common)
}

/// What an unnamed value must be, by its form.
fn kind(value: &str) -> Option<&'static str> {
    let lower = value.to_lowercase();
    let digit = lower.contains(|c: char| c.is_ascii_digit());
    let ends = |units: &[&str]| {
        units.iter().any(|unit| {
            lower
                .trim_end_matches('.')
                .strip_suffix(unit)
                .is_some_and(|rest| rest.trim_end().ends_with(|c: char| c.is_ascii_digit()))
        })
    };
    if digit && (ends(&["cm", "mm", "inches", "inch", "\""]) || lower.contains("cm")) {
        return Some("dimensions");
    }
    if digit && ends(&["kg", "g", "oz", "lb", "lbs"]) {
        return Some("weight");
    }
    const MATERIALS: &[&str] = &[
        "pvc",
        "abs",
        "vinyl",
        "plush",
        "polyester",
        "resin",
        "metal",
        "cotton",
        "nylon",
        "fabric",
        "leather",
        "acrylic",
        "silicone",
        "ceramic",
        "glass",
        "zinc",
        "alloy",
        "wood",
        "paper",
    ];
    let material = lower
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| MATERIALS.contains(&word));
    material.then_some("material")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_are_named_by_themselves_or_by_their_form() {
        let mut facts = BTreeMap::new();
        for parameter in [
            json!({"id": 1, "value": "PVC/ABS", "parameterID": 1}),
            json!({"id": 2, "value": "8.5 x 6 x 6 cm", "parameterID": 2}),
            json!({"id": 3, "value": "120 g", "parameterID": 3}),
            json!({"id": 4, "value": "Ages 15+", "parameterID": 7}),
            json!({"name": "Material", "value": "Magnet"}),
            json!({"name": "Country of origin", "value": "CN"}),
            json!({"value": ""}),
        ] {
            add_parameter(&mut facts, Object::of(&parameter).expect("an object"));
        }
        let told: Vec<(&str, &str)> = facts
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("Country of origin", "CN"),
                ("dimensions", "8.5 x 6 x 6 cm"),
                ("material", "PVC/ABS, Magnet"),
                ("parameter 7", "Ages 15+"),
                ("weight", "120 g"),
            ]
        );
    }

    #[test]
    fn fields_are_known_by_several_names() {
        let product = json!({
            "barCode": 6941848200013_i64, "weight": "0.2 kg", "limitQuantity": 2, "viewCount": 90,
            "likeCount": 0, "dimensions": {"height": 10, "width": 5.5},
        });
        let facts = of_fields(Object::of(&product).expect("an object"));
        assert_eq!(facts["barcode"], "6941848200013");
        assert_eq!(facts["dimensions"], "height 10, width 5.5");
        assert_eq!(
            (facts["purchase_limit"].as_str(), facts["views"].as_str()),
            ("2", "90")
        );
        assert!(!facts.contains_key("likes"), "{facts:?}");
    }
}
