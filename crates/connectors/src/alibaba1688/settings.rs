//! `[sources.alibaba1688]`

use config::{ConfigError, HTTP_URL, Problem, Rule, Rules, Sources};
use serde::Deserialize;

/// 1688's open platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The gateway.
    pub base_url: String,
    /// The language of translations.
    pub language: String,
    /// Which call tells a product.
    pub detail: Detail,
    /// `namespace/name` of the detail of any cross-border offer.
    pub detail_api: String,
    /// `namespace/name` of the detail of offers with a listing relation.
    pub relation_api: String,
    /// `namespace/name` of the search by words.
    pub keyword_api: String,
    /// `namespace/name` of the search in one shop.
    pub shop_api: String,
    /// Rows of one page of a search.
    pub page_size: u32,
    /// Most pages of one search.
    pub max_pages: u32,
    /// Most SKUs of one offer that become listings.
    pub max_skus: usize,
}

/// Which call tells a product. Answers are recognised by their shape, whichever was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Any cross-border offer.
    QueryProductDetail,
    /// Offers with a listing relation.
    CrossProductInfo,
}

const RULES: Rules = &[
    ("base_url", HTTP_URL),
    ("language", Rule::Filled),
    (
        "detail",
        Rule::OneOf(&["query_product_detail", "cross_product_info"]),
    ),
    ("detail_api", Rule::Filled),
    ("relation_api", Rule::Filled),
    ("keyword_api", Rule::Filled),
    ("shop_api", Rule::Filled),
    ("page_size", Rule::Within(1, 50)),
    ("max_pages", Rule::Within(1, 1_000)),
    ("max_skus", Rule::Within(1, 5_000)),
];

impl Settings {
    /// From the configuration.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let settings: Self = crate::settings::own(sources, super::SOURCE, RULES)?;
        let wrong = |key: &str, message: String| {
            Err(Problem::new(format!("sources.alibaba1688.{key}"), message).into())
        };
        for (key, api) in [
            ("detail_api", &settings.detail_api),
            ("relation_api", &settings.relation_api),
            ("keyword_api", &settings.keyword_api),
            ("shop_api", &settings.shop_api),
        ] {
            if !is_api(api) {
                return wrong(key, "must have the form namespace/name".to_owned());
            }
        }
        Ok(settings)
    }
}

/// Two words of letters, digits, dots and hyphens: anything else would change the path that is signed.
fn is_api(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    text.split_once('/')
        .is_some_and(|(namespace, name)| word(namespace) && word(name))
}
