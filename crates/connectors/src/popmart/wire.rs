//! The shop's JSON, as far as we read it. Its documentation is public code only, so whatever we can
//! do without is read leniently.

use serde::Deserialize;
use serde_json::Number;
use serde_json::value::RawValue;

use crate::json::{lenient, lenient_list, text_or_number};

/// Around every answer. The HTTP status alone says nothing.
#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(deserialize_with = "text_or_number")]
    pub(crate) code: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) message: Option<String>,
    #[serde(default, borrow)]
    pub(crate) data: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    #[serde(deserialize_with = "text_or_number")]
    pub(crate) id: Option<String>,
    pub(crate) title: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) sub_title: Option<String>,
    /// `normal`, or `secret` for a draw.
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    pub(crate) kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_available: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_publish: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_new: Option<bool>,
    /// Unix seconds; 0 is unset. In the future: announced only.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) up_time: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) down_time: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) main_image: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) banners: Vec<Banner>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) banner_images: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) brand: Option<Named>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) logic_category: Option<Named>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) show_categories: Vec<Named>,
    /// Not lenient: a product whose prices cannot be read must not look like one without any.
    #[serde(default, alias = "goods")]
    pub(crate) skus: Option<Vec<Sku>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Banner {
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) values: Vec<BannerValue>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct BannerValue {
    pub(crate) url: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sku {
    #[serde(deserialize_with = "text_or_number")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) title: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) main_image: Option<String>,
    /// Minor units of `currency`.
    #[serde(default)]
    pub(crate) price: Option<Number>,
    /// Minor units of `currency`.
    #[serde(default)]
    pub(crate) discount_price: Option<Number>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) currency: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) stock: Option<Stock>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stock {
    /// What can be bought now; what lies in carts is counted elsewhere.
    pub(crate) online_stock: Number,
}
