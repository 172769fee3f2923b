//! Which products, in which order.

use chrono::{DateTime, Utc};
use domain::source::Source;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Cursor, PageRequest};
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::view::{COLUMNS, ProductRow};
use crate::sql::contains_pattern;

/// Filters of the product list; all that are given must hold.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProductFilter {
    /// Words that title, brand, series or external id contain, each of them.
    #[garde(inner(length(chars, max = 200)))]
    pub q: Option<String>,
    /// Where it is listed: one of `GET /sources`, such as `amazon`.
    #[garde(skip)]
    #[param(value_type = Option<String>)]
    pub source: Option<Source>,
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
    const fn column(self) -> &'static str {
        match self {
            Self::New => "is_new",
            Self::Limited => "is_limited",
            Self::PreOrder => "is_pre_order",
            Self::BlindBox => "is_blind_box",
        }
    }
}

/// Orders of the product list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum Sort {
    /// Newest watched first.
    #[default]
    #[serde(rename = "-created_at")]
    Created,
    /// Last changed first.
    #[serde(rename = "-last_changed_at")]
    Changed,
    /// By title.
    #[serde(rename = "title")]
    Title,
    /// Cheapest first.
    #[serde(rename = "price")]
    Price,
    /// Dearest first.
    #[serde(rename = "-price")]
    PriceDescending,
    /// Best rank first.
    #[serde(rename = "rank")]
    Rank,
    /// Worst rank first.
    #[serde(rename = "-rank")]
    RankDescending,
}

/// Sorts absent numbers behind all others.
const LAST: i64 = i64::MAX;

impl Sort {
    /// The sort key and whether it descends; absent values get one that comes last.
    const fn key(self) -> (&'static str, bool) {
        match self {
            Self::Created => ("watched_at", true),
            Self::Changed => ("coalesce(changed_at, '2000-01-01Z'::timestamptz)", true),
            // No title sorts behind every letter of any script.
            Self::Title => ("coalesce(lower(title), U&'\\+10FFFF') collate \"C\"", false),
            Self::Price => (
                "coalesce(case when offer <> 2 then known_price end, 9223372036854775807)",
                false,
            ),
            Self::PriceDescending => (
                "coalesce(case when offer <> 2 then known_price end, -1)",
                true,
            ),
            Self::Rank => ("coalesce(known_rank::bigint, 9223372036854775807)", false),
            Self::RankDescending => ("coalesce(known_rank::bigint, -1)", true),
        }
    }

    /// The key in a cursor as a parameter; `None` when it is not one of this order.
    fn parameter(self, key: &str) -> Option<Value> {
        Some(match self {
            Self::Created | Self::Changed => key.parse::<DateTime<Utc>>().ok()?.into(),
            Self::Title => key.into(),
            Self::Price | Self::PriceDescending | Self::Rank | Self::RankDescending => {
                key.parse::<i64>().ok()?.into()
            }
        })
    }
}

/// The place of a product in a list: its order, its sort key as text, its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place(Sort, String, i64);

/// Where the next page begins after `row`.
pub fn place_of(sort: Sort, row: &ProductRow) -> Cursor {
    let number = |value: Option<i64>, absent: i64| value.unwrap_or(absent).to_string();
    let key = match sort {
        Sort::Created => row.watched_at.to_rfc3339(),
        Sort::Changed => row
            .changed_at
            .map_or_else(|| "2000-01-01T00:00:00Z".to_owned(), |at| at.to_rfc3339()),
        Sort::Title => row.title_key.clone(),
        Sort::Price => number(row.price_key, LAST),
        Sort::PriceDescending => number(row.price_key, -1),
        Sort::Rank => number(row.known_rank.map(i64::from), LAST),
        Sort::RankDescending => number(row.known_rank.map(i64::from), -1),
    };
    Cursor::after(&Place(sort, key, row.id))
}

/// The statement that reads one page.
///
/// # Errors
/// 422 for an unknown source, and when the cursor is not one of this list in this order.
pub fn page_statement(
    filter: &ProductFilter,
    page: &PageRequest,
) -> ApiResult<(String, Vec<Value>)> {
    let mut conditions = Conditions::default();
    for word in filter.q.iter().flat_map(|q| q.split_whitespace()) {
        conditions.add(
            "search_text like ?",
            contains_pattern(&word.to_lowercase()).into(),
        );
    }
    if let Some(source) = filter.source {
        if connectors::about(source).is_none() {
            let message = format!("`{source}` is not a source");
            return Err(ApiError::invalid("source", message));
        }
        conditions.add("source = ?", source.as_str().into());
    }
    if let Some(brand) = &filter.brand {
        conditions.add("brand = ?", brand.clone().into());
    }
    if let Some(series) = &filter.series {
        conditions.add("series = ?", series.clone().into());
    }
    if let Some(category) = &filter.category {
        conditions.add(
            "starts_with(category || ' > ', ? || ' > ')",
            category.clone().into(),
        );
    }
    if let Some(in_stock) = filter.in_stock {
        conditions.add("in_stock = ?", in_stock.into());
    }
    if let Some(kind) = filter.kind {
        conditions.texts.push(kind.column().to_owned());
    }
    if let Some(monitor) = filter.monitor {
        conditions.add(
            "id in (select h.listing_id from catalog.monitor_hit h where h.monitor_id = ?)",
            monitor.into(),
        );
    }
    if let Some(Ids(ids)) = &filter.ids {
        // Numbers cannot be anything else.
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        conditions.texts.push(format!("id in ({})", ids.join(", ")));
    }
    match (
        filter.parent_id,
        filter.variants.or(filter.ids.is_some().then_some(true)),
    ) {
        (Some(parent), _) => conditions.add("parent_id = ?", parent.into()),
        (None, Some(true)) => {}
        (None, _) => conditions
            .texts
            .push("(parent_id is null or tracking_id is not null)".to_owned()),
    }
    let sort = filter.sort.unwrap_or_default();
    let (key, descending) = sort.key();
    if let Some(Place(of, text, id)) = page.after::<Place>()? {
        let key_value = Some(of)
            .filter(|of| *of == sort)
            .and_then(|of| of.parameter(&text));
        let key_value = key_value.ok_or_else(|| {
            ApiError::invalid(
                "cursor",
                "belongs to another order; begin again without a cursor",
            )
        })?;
        let beyond = if descending { "<" } else { ">" };
        let (first, second) = (conditions.bind(key_value), conditions.bind(id.into()));
        conditions
            .texts
            .push(format!("({key}, id) {beyond} ({first}, {second})"));
    }
    let direction = if descending { "desc" } else { "asc" };
    let filters = if conditions.texts.is_empty() {
        String::new()
    } else {
        format!("where {}", conditions.texts.join(" and "))
    };
    let limit = conditions.bind(i64::try_from(page.fetch()).unwrap_or(i64::MAX).into());
    let sql = format!(
        "select {COLUMNS} from catalog.product {filters} order by {key} {direction}, id {direction} limit {limit}"
    );
    Ok((sql, conditions.values))
}

/// Conditions with their parameters.
#[derive(Default)]
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition about one value, which stands where the `?` is.
    fn add(&mut self, text: &str, value: Value) {
        let place = self.bind(value);
        self.texts.push(text.replacen('?', &place, 1));
    }

    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }
}
