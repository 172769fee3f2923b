//! The shape of a condition in the API.

use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

/// When a rule fires: one test, or `all` or `any` of several; at most 3 levels and 10 tests.
///
/// `test` says which other fields belong to it:
/// `move`: `metric`, `baseline` (default `previous`), `direction` (default `both`), one of `percent` and `absolute`,
/// `min_step`; with another baseline than `previous` also `hysteresis_percent` and `step_percent`, or `hysteresis` and
/// `step`.
/// `level`: `metric`, one of `at_or_below` and `at_or_above`, `hysteresis`, `step`.
/// `extreme`: `metric`, `extreme`, `days`, `min_days`, `min_step`.
/// `buy_box`: `event` (`changed`, `won`, `lost`), `seller`.
/// `availability`: `event` (`restock`, `out_of_stock`, `changed`), `from`, `to`.
/// `content`: `fields`.
///
/// Values are money, `{"amount": "19.99", "currency": "USD"}`, for `price`, `list_price` and `buy_box_price`, and
/// numbers for `rank`, `review_count`, `stock_quantity` and `rating` (0 to 5).
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = AlertCondition)]
pub struct Condition {
    /// Fires when all hold and one of them begins to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub all: Option<Vec<Self>>,
    /// Fires when one of them fires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub any: Option<Vec<Self>>,
    /// `move`, `level`, `extreme`, `buy_box`, `availability` or `content`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "move")]
    pub test: Option<&'static str>,
    /// `price`, `list_price`, `buy_box_price`, `rank`, `rating`, `review_count` or `stock_quantity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "price")]
    pub metric: Option<&'static str>,
    /// What a move is measured from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// `up`, `down` or `both`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<&'static str>,
    /// A move of more than this fires; 0.01 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 10.0)]
    pub percent: Option<f64>,
    /// A move of more than this fires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub absolute: Option<Json>,
    /// Smaller differences are silent whatever the percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub min_step: Option<Json>,
    /// How many percentage points within the limit it must come back to be told again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hysteresis_percent: Option<f64>,
    /// Told again each time it goes so many percentage points further.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_percent: Option<f64>,
    /// How far back over the limit it must come to be told again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub hysteresis: Option<Json>,
    /// Told again each time it goes so much further.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub step: Option<Json>,
    /// Fires when the figure is this or less.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub at_or_below: Option<Json>,
    /// Fires when the figure is this or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub at_or_above: Option<Json>,
    /// `lowest` or `highest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extreme: Option<&'static str>,
    /// Of how many days, 1 to 365.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// With less known than this it says nothing; a quarter of `days` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_days: Option<u16>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'static str>,
    /// Who won or lost the buy box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// What availability was; left out: whatever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Vec<&'static str>>,
    /// What availability is; left out: whatever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Vec<&'static str>>,
    /// `title`, `images`, `features` (the bullet points); left out: all three.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<&'static str>>,
}

/// What a move is measured from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AlertBaseline)]
pub struct Baseline {
    /// `previous`, `median`, `average`, `tracked` or `fixed`.
    #[schema(example = "median")]
    pub kind: &'static str,
    /// Of how many days, 1 to 365; of `median` and `average`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// With less known than this it says nothing; a quarter of `days` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_days: Option<u16>,
    /// The value of `fixed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub value: Option<Json>,
}
