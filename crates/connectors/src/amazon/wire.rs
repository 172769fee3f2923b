//! Apify's JSON, as far as we read or write it.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::json::{lenient, lenient_list};

/// Single objects come wrapped.
#[derive(Debug, Deserialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}

/// A run of an actor.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) status: RunStatus,
    #[serde(default)]
    pub(crate) status_message: Option<String>,
    pub(crate) default_dataset_id: String,
}

/// Hyphens here; Apify's webhooks spell the same with underscores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub(crate) enum RunStatus {
    Ready,
    Running,
    TimingOut,
    Aborting,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
    /// A status Apify did not have when this was written. The run is paid: wait for one we know.
    #[serde(other)]
    Other,
}

impl RunStatus {
    pub(crate) fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::TimedOut | Self::Aborted
        )
    }
}

/// Every error.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) error: ErrorDetail,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ErrorDetail {
    /// The part to match on; messages change.
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct AxessoInput {
    pub(crate) urls: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct StartUrl {
    pub(crate) url: String,
    pub(crate) method: &'static str,
}

/// Only products, no sellers, offers or reviews: those cost more and may be about people.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JungleeInput {
    category_or_product_urls: Vec<StartUrl>,
    max_items_per_start_url: u32,
    max_search_pages_per_start_url: u32,
    language: &'static str,
    proxy_country: &'static str,
    max_offers: u32,
    scrape_sellers: bool,
    use_captcha_solver: bool,
    scrape_product_variant_prices: bool,
    scrape_product_details: bool,
}

impl JungleeInput {
    pub(crate) fn of(urls: Vec<StartUrl>) -> Self {
        Self {
            category_or_product_urls: urls,
            max_items_per_start_url: 1,
            max_search_pages_per_start_url: 1,
            language: "en",
            proxy_country: "AUTO_SELECT_PROXY_COUNTRY",
            max_offers: 0,
            scrape_sellers: false,
            use_captcha_solver: false,
            scrape_product_variant_prices: false,
            scrape_product_details: true,
        }
    }
}

/// What tells whose item it is and of which actor, read before the rest.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Probe {
    #[serde(deserialize_with = "lenient")]
    pub(crate) asin: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) original_asin: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) input: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) loaded_country_code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) error: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) status_code: Option<u16>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) status_message: Option<String>,
}

/// An item of junglee's actor. Reviews and reviewers are never read: they are about people.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JungleeItem {
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) brand: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) url: Option<String>,
    /// Not lenient: a price that cannot be read must not look like no price.
    #[serde(default)]
    pub(crate) price: Option<JungleePrice>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) list_price: Option<JungleePrice>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) in_stock: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) in_stock_text: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) stars: Option<Number>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) reviews_count: Option<Number>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) bread_crumbs: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) features: Vec<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) attributes: Vec<KeyValue>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) thumbnail_image: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) gallery_thumbnails: Vec<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) high_resolution_images: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) seller: Option<JungleeSeller>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) bestseller_ranks: Vec<JungleeRank>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct JungleePrice {
    #[serde(default)]
    pub(crate) value: Option<Number>,
    #[serde(default)]
    pub(crate) currency: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum JungleeSeller {
    Name(String),
    Object {
        #[serde(default)]
        name: Option<String>,
    },
}

#[derive(Debug, Deserialize)]
pub(crate) struct JungleeRank {
    pub(crate) rank: i32,
    pub(crate) category: String,
}

/// A named fact, in either actor's spelling.
#[derive(Debug, Deserialize)]
pub(crate) struct KeyValue {
    #[serde(alias = "name")]
    pub(crate) key: String,
    pub(crate) value: String,
}

/// An item of axesso's actor. Reviews are never read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AxessoItem {
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) manufacturer: Option<String>,
    /// Zero means none. Not lenient: see [`JungleeItem::price`].
    #[serde(default)]
    pub(crate) price: Option<Number>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) retail_price: Option<Number>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) count_review: Option<Number>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) product_rating: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) warehouse_availability: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) sold_by: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) features: Vec<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) image_url_list: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) main_image: Option<AxessoImage>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) product_details: Vec<KeyValue>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(crate) categories_extended: Vec<AxessoCategory>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AxessoImage {
    pub(crate) image_url: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AxessoCategory {
    pub(crate) name: String,
}
