//! A product of 1688, whichever call told it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::fields::{Figure, Told};
use super::price::Range;
use super::{detail, relation};
use crate::json::Object;

/// A fact that is told in parts does not grow beyond this by another part, in bytes.
const LONGEST: usize = 2_000;

/// A product.
#[derive(Debug, Default)]
pub(super) struct Product {
    pub id: Option<String>,
    pub title: Option<String>,
    pub brand: Option<String>,
    pub category: Option<String>,
    pub images: Vec<String>,
    pub videos: Vec<String>,
    pub description: Option<String>,
    pub features: Vec<String>,
    /// The upstream's word for where it stands.
    pub status: Option<String>,
    /// 0: no SKUs, by quantity; 1: by SKU; 2: SKUs, by quantity.
    pub quote: Option<i64>,
    pub ranges: Vec<Range>,
    pub skus: Vec<Sku>,
    pub stock: Option<i64>,
    /// Pieces of the smallest order.
    pub min_order: Option<i64>,
    /// 0 to 500.
    pub rating_hundredths: Option<i32>,
    pub attributes: Attributes,
}

/// One form it is sold in.
#[derive(Debug, Default)]
pub(super) struct Sku {
    pub id: Option<String>,
    pub price: Figure,
    pub promotion: Figure,
    pub stock: Option<i64>,
    /// Colour, size and the like: name and value.
    pub properties: Vec<(String, String)>,
    pub image: Option<String>,
    pub attributes: Attributes,
}

/// Named facts.
#[derive(Debug, Default, Clone)]
pub(super) struct Attributes(pub BTreeMap<String, String>);

impl Attributes {
    /// Adds a fact, where there is one.
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// Adds a fact to those of the same name. An article with six models names each of them.
    pub(super) fn add(&mut self, name: &str, value: String) {
        match self.0.get_mut(name) {
            Some(known) if known.len() >= LONGEST => {}
            Some(known) if known.split(", ").any(|one| one == value) => {}
            Some(known) => {
                known.push_str(", ");
                known.push_str(&value);
            }
            None => {
                self.0.insert(name.to_owned(), value);
            }
        }
    }
}

impl Product {
    /// From `queryProductDetail`.
    pub(super) fn of_detail(fields: Object<'_>) -> Self {
        detail::read(fields)
    }

    /// From `alibaba.cross.productInfo`.
    pub(super) fn of_relation(fields: Object<'_>) -> Self {
        relation::read(fields)
    }

    /// Pieces that can be had: as told, or the sum over all SKUs where each tells.
    pub(super) fn units(&self) -> Option<i64> {
        self.stock.or_else(|| {
            let known: Option<Vec<i64>> = self.skus.iter().map(|sku| sku.stock).collect();
            known
                .filter(|units| !units.is_empty())
                .map(|units| units.into_iter().fold(0, i64::saturating_add))
        })
    }

    /// Takes a listed property: the common ones under their common names, others in the listing's
    /// own words.
    pub(super) fn property(&mut self, name: &str, value: String) {
        match name {
            "品牌" => {
                self.brand.get_or_insert(value);
            }
            "材质" => self.attributes.add("material", value),
            "型号" => self.attributes.add("model", value),
            "货号" => self.attributes.add("sku", value),
            "条形码" => self.attributes.add("barcode", value),
            other => self.attributes.add(other, value),
        }
    }
}

/// A measure without zeros at its end.
pub(super) fn measure(value: Option<Decimal>, unit: &str) -> Option<String> {
    value.map(|value| format!("{} {unit}", value.normalize()))
}

/// `30 × 20 × 10 cm`, when all three are known.
pub(super) fn dimensions(fields: Object<'_>) -> Option<String> {
    let side = |name| fields.measure(name).map(|value| value.normalize());
    let (length, width, height) = (side("length")?, side("width")?, side("height")?);
    Some(format!("{length} × {width} × {height} cm"))
}

/// An upstream's `camelCase` name as ours.
pub(super) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut digit = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() || (c.is_ascii_digit() && !digit && !out.is_empty()) {
            out.push('_');
        }
        digit = c.is_ascii_digit();
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_in_our_case() {
        assert_eq!(snake("repeatPurchasePercent"), "repeat_purchase_percent");
        assert_eq!(
            snake("collect30DayWithin48HPercent"),
            "collect_30_day_within_48_h_percent"
        );
    }

    #[test]
    fn values_of_one_name_are_joined_once_each() {
        let mut attributes = Attributes::default();
        for value in ["红", "绿", "红"] {
            attributes.add("颜色", value.to_owned());
        }
        assert_eq!(attributes.0["颜色"], "红, 绿");
    }
}
