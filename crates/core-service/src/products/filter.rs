//! Which products.

use domain::source::Source;
use garde::Validate;
use http_kit::{ApiError, ApiResult};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::conditions::Binds;
use super::facets::Facet;
use super::search::{How, Search};
use super::sort::Sort;

/// Filters of products, all of which must hold when given, and their order.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProductFilter {
    /// Words that title, brand, series or external id contain, each of them: any part of a word, in Chinese any
    /// characters; of one or two letters, beginnings of words. When nothing has them all as written, what is spelt
    /// most alike is found.
    #[garde(inner(length(chars, max = 200)))]
    pub q: Option<String>,
    /// Where it is listed: one of `GET /sources`, such as `amazon`.
    #[garde(skip)]
    #[param(value_type = Option<String>)]
    pub source: Option<Source>,
    /// The shop's country: an upper-case ISO 3166 code.
    #[garde(inner(length(chars, max = 2)))]
    #[param(example = "US")]
    pub marketplace: Option<String>,
    /// The exact brand.
    #[garde(inner(length(chars, max = 200)))]
    pub brand: Option<String>,
    /// The exact series.
    #[garde(inner(length(chars, max = 200)))]
    pub series: Option<String>,
    /// A category, or the beginning of its path.
    #[garde(inner(length(chars, max = 2000)))]
    pub category: Option<String>,
    /// Whether it can be bought now.
    #[garde(skip)]
    pub in_stock: Option<bool>,
    /// What kind of product.
    #[garde(skip)]
    #[serde(rename = "type")]
    #[param(inline, rename = "type")]
    pub kind: Option<ProductType>,
    /// A tag of its tracking.
    #[garde(inner(length(chars, max = 50)))]
    pub tag: Option<String>,
    /// What this monitor found.
    #[garde(skip)]
    pub monitor: Option<Uuid>,
    /// The variants of one product.
    #[garde(skip)]
    pub parent_id: Option<i64>,
    /// Whether variants that are watched through their parent are listed too; they are not by default.
    #[garde(skip)]
    pub variants: Option<bool>,
    /// These products, variants among them: at most 200 ids with commas between them. Unknown ones are left out.
    #[garde(skip)]
    #[param(value_type = Option<String>)]
    pub ids: Option<Ids>,
    /// The order; `-` is descending. Unknown values come last. Prices are compared as numbers, without conversion.
    /// Without it: `relevance` with `q`, otherwise `-created_at`. Counts do not depend on it.
    #[garde(skip)]
    #[param(inline)]
    pub sort: Option<Sort>,
}

/// Product ids with commas between them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Ids(Vec<i64>);

/// Ids of one request.
const MOST_IDS: usize = 200;

impl TryFrom<String> for Ids {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let ids: Result<Vec<i64>, _> = text.split(',').map(|id| id.trim().parse()).collect();
        match ids {
            Ok(ids) if ids.len() <= MOST_IDS => Ok(Self(ids)),
            _ => Err(format!(
                "must be at most {MOST_IDS} product ids (numbers) with commas between them"
            )),
        }
    }
}

/// Kinds of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductType {
    /// Newly listed.
    New,
    /// A limited edition.
    Limited,
    /// Sold before its release.
    PreOrder,
    /// A blind box.
    BlindBox,
}

impl ProductType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::New, Self::Limited, Self::PreOrder, Self::BlindBox];

    /// As in requests and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Limited => "limited",
            Self::PreOrder => "pre_order",
            Self::BlindBox => "blind_box",
        }
    }

    /// The column that says it.
    pub const fn column(self) -> &'static str {
        match self {
            Self::New => "is_new",
            Self::Limited => "is_limited",
            Self::PreOrder => "is_pre_order",
            Self::BlindBox => "is_blind_box",
        }
    }
}

impl ProductFilter {
    /// The words that are searched.
    #[must_use]
    pub fn search(&self) -> Option<Search> {
        self.q.as_deref().and_then(Search::of)
    }

    /// The conditions on `catalog.shelved` of filters that are facets, each with its facet.
    ///
    /// # Errors
    /// 422 for an unknown source.
    pub fn by_facet(&self, binds: &mut Binds) -> ApiResult<Vec<(Facet, String)>> {
        let mut conditions = Vec::new();
        let mut add = |facet, condition| conditions.push((facet, condition));
        if let Some(source) = self.source {
            if connectors::about(source).is_none() {
                let message = format!("`{source}` is not a source");
                return Err(ApiError::invalid("source", message));
            }
            add(Facet::Source, binds.about("source = ?", source.as_str()));
        }
        if let Some(marketplace) = &self.marketplace {
            let condition = binds.about("marketplace = ?", marketplace.as_str());
            add(Facet::Marketplace, condition);
        }
        if let Some(brand) = &self.brand {
            add(Facet::Brand, binds.about("brand = ?", brand.as_str()));
        }
        if let Some(series) = &self.series {
            add(Facet::Series, binds.about("series = ?", series.as_str()));
        }
        if let Some(category) = &self.category {
            let begins = "starts_with(category || ' > ', ? || ' > ')";
            add(Facet::Category, binds.about(begins, category.as_str()));
        }
        if let Some(in_stock) = self.in_stock {
            add(Facet::InStock, binds.about("in_stock = ?", in_stock));
        }
        if let Some(kind) = self.kind {
            add(Facet::Type, kind.column().to_owned());
        }
        if let Some(tag) = &self.tag {
            // By its second half the index is found, which has few rows.
            let carries = "id in (select t.listing_id from catalog.tracking t \
                           where t.deleted_at is null and t.tags <> '{}' and t.tags @> array[?])";
            add(Facet::Tag, binds.about(carries, tag.as_str()));
        }
        Ok(conditions)
    }

    /// The conditions of the other filters.
    pub fn others(&self, how: How, binds: &mut Binds) -> Vec<String> {
        let mut conditions = Vec::new();
        if let Some(search) = self.search() {
            conditions.extend(search.conditions(how, binds));
        }
        if let Some(monitor) = self.monitor {
            let found =
                "id in (select h.listing_id from catalog.monitor_hit h where h.monitor_id = ?)";
            conditions.push(binds.about(found, monitor));
        }
        if let Some(Ids(ids)) = &self.ids {
            // Numbers cannot be anything else.
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            conditions.push(format!("id in ({})", ids.join(", ")));
        }
        let variants = self.variants.or(self.ids.is_some().then_some(true));
        match (self.parent_id, variants) {
            (Some(parent), _) => conditions.push(binds.about("parent_id = ?", parent)),
            (None, Some(true)) => {}
            (None, _) => {
                conditions.push("(parent_id is null or tracking_id is not null)".to_owned())
            }
        }
        conditions
    }
}
