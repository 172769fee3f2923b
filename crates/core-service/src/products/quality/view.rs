//! The shape of the ledger.

use chrono::{DateTime, NaiveDate, Utc};
use domain::money::Currency;
use sea_orm::FromQueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::products::view::Money;

/// How good a product's data is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Quality {
    /// The product.
    pub product_id: i64,
    /// Where its data comes from.
    #[schema(example = "popmart")]
    pub source: String,
    /// Each figure: when it was last really seen. Those never seen are listed too.
    pub fields: Vec<FieldQuality>,
    /// When what the listing says of itself (title, pictures, …) last changed; null before the first look.
    pub content_changed_at: Option<DateTime<Utc>>,
    /// Figures too unlikely to be believed, which wait for another look; null when there are none.
    pub set_apart: Option<SetApart>,
    /// What was set apart in the last 30 days and is decided, the newest first; at most 20.
    pub decided: Vec<SetApart>,
    /// Looks that could not be stored in the last 30 days, by kind of reason, the newest first.
    pub refused: Vec<Refused>,
    /// Counts of the last 30 days.
    pub recent: Recent,
}

/// One figure's last good value.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldQuality {
    /// Its name in the product.
    #[schema(example = "price")]
    pub field: String,
    /// The newest look that saw it; null when none did.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Who saw it.
    pub seen_by: Option<SeenBy>,
    /// Whether the newest look saw it; if not, the product still shows the last good value where it has one.
    pub current: bool,
}

/// Who brought an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeenBy {
    /// A crawl of ours.
    Crawl,
    /// An import by an operator.
    Import,
}

impl SeenBy {
    /// Reads `history.origin`.
    pub const fn of(origin: i16) -> Self {
        match origin {
            2 => Self::Import,
            _ => Self::Crawl,
        }
    }
}

/// Figures that were set apart.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SetApart {
    /// Its id.
    pub id: Uuid,
    /// When the newest doubtful look was.
    pub observed_at: DateTime<Utc>,
    /// When the first of them was set apart.
    pub set_apart_at: DateTime<Utc>,
    /// What is doubted.
    #[schema(example = "price went from 20.00 USD to 500.00 USD, 20 times off or more")]
    pub reason: String,
    /// A stable word for it: `next_to_nothing`, `far_off` or `other_currency`; null where it was set apart before there
    /// was one.
    #[schema(example = "far_off")]
    pub code: Option<String>,
    /// How many doubtful looks there were, each unlike the one before.
    pub looks: i32,
    /// What was told.
    pub price: Option<Money>,
    /// What was told.
    pub list_price: Option<Money>,
    /// What was told.
    pub buy_box_price: Option<Money>,
    /// `confirmed`: another look agreed, and the figures count. `dismissed`: another look told the old ones. Null while
    /// it is open.
    pub resolution: Option<String>,
    /// When it was decided.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// Looks of one day that could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, FromQueryResult)]
pub struct Refused {
    /// A stable word for what was wrong.
    #[schema(example = "price_not_positive")]
    pub code: String,
    /// The newest one's reason, for people.
    pub reason: String,
    /// The day (UTC) on which they came.
    pub day: NaiveDate,
    /// When the newest of them was.
    pub observed_at: DateTime<Utc>,
    /// How many.
    pub times: i32,
}

/// Counts of the last 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema, FromQueryResult)]
pub struct Recent {
    /// Times that figures were set apart.
    pub set_apart: i64,
    /// Of these, confirmed by another look.
    pub confirmed: i64,
    /// Of these, dismissed by another look.
    pub dismissed: i64,
    /// Looks that could not be stored.
    pub refused: i64,
}

/// A row of the view `catalog.product_quarantine`.
#[derive(Debug, FromQueryResult)]
pub struct ApartRow {
    id: Uuid,
    observed_at: DateTime<Utc>,
    set_apart_at: DateTime<Utc>,
    reason: String,
    code: Option<String>,
    looks: i32,
    currency: Option<String>,
    price: Option<i64>,
    list_price: Option<i64>,
    buy_box_price: Option<i64>,
    resolution: Option<String>,
    resolved_at: Option<DateTime<Utc>>,
}

impl From<ApartRow> for SetApart {
    fn from(row: ApartRow) -> Self {
        let currency = row
            .currency
            .as_deref()
            .and_then(|code| Currency::parse(code).ok());
        let money =
            |minor: Option<i64>| Some(domain::money::Money::from_minor(minor?, currency?).into());
        Self {
            id: row.id,
            observed_at: row.observed_at,
            set_apart_at: row.set_apart_at,
            reason: row.reason,
            code: row.code,
            looks: row.looks,
            price: money(row.price),
            list_price: money(row.list_price),
            buy_box_price: money(row.buy_box_price),
            resolution: row.resolution,
            resolved_at: row.resolved_at,
        }
    }
}
