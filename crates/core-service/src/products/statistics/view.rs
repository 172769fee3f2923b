//! The numbers as the API shows them. What cannot be said is null.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::products::view::Money;

/// A product's numbers. A value holds from its look until the next look that says otherwise; a look that did not collect
/// a figure changes nothing; without an offer there is no price, which counts as time out of stock and not as a price.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statistics {
    /// Whose.
    pub product_id: i64,
    /// The newest look: all windows end here. Null before the first look.
    pub as_of: Option<DateTime<Utc>>,
    /// The first look.
    pub since: Option<DateTime<Utc>>,
    /// Looks in the last 365 days, those included that found nothing new.
    pub looks: i64,
    /// `low` with fewer than 14 looks.
    pub confidence: Confidence,
    /// Where the windows really begin, when the product changed so often that not all of 365 days was read.
    pub cut_at: Option<DateTime<Utc>>,
    /// Your plan shows nothing before this, though there is more: lowest and highest are since then, and what held then counts.
    pub limited_to: Option<DateTime<Utc>>,
    /// Looks before this are no longer kept, but what each day came to. First, lowest, highest and last values stay exact.
    /// A day with more than seven moves counts with its average and its time in stock, and not with each move.
    pub daily_until: Option<DateTime<Utc>>,
    /// Null when no price was ever seen.
    pub price: Option<PriceStatistics>,
    /// Of the root category; null when no rank was ever seen.
    pub rank: Option<RankStatistics>,
    /// Whether and when it can be had.
    pub stock: StockStatistics,
}

/// How much the numbers can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Few looks.
    Low,
    /// Enough looks.
    Normal,
}

/// A price's numbers, in one currency: amounts seen in another one are left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceStatistics {
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: &'static str,
    /// Now; null when nobody offers it.
    pub current: Option<Money>,
    /// The lowest ever seen.
    pub lowest: Option<PriceEnd>,
    /// The highest ever seen.
    pub highest: Option<PriceEnd>,
    /// Over the last 30, 90, 180 and 365 days.
    pub averages: Vec<AverageView>,
    /// Share of the last 365 days' time with a price at which it was higher than now, rounded down.
    #[schema(example = 83.25)]
    pub cheaper_than_percent: Option<f64>,
    /// Share at which it was lower than now, rounded down. The rest of the time it was the same.
    pub dearer_than_percent: Option<f64>,
    /// Time-weighted standard deviation over the last 30 days in percent of the average; 0 never moved.
    pub volatility_percent: Option<f64>,
    /// Over the last 90 days.
    pub trend: Option<TrendView>,
    /// Why there is no trend.
    pub trend_missing: Option<NoTrendWord>,
    /// Cut again and again, as in a price war: at most the newest five of the last 365 days, the newest first.
    pub slides: Vec<SlideView>,
}

/// An end of the prices' range.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceEnd {
    /// The price.
    pub price: Money,
    /// When it was first seen at that.
    pub at: DateTime<Utc>,
}

/// An average in which each price counts as long as it held.
#[derive(Debug, Serialize, ToSchema)]
pub struct AverageView {
    /// The window.
    #[schema(example = 30)]
    pub days: u16,
    /// Rounded to the nearest minor unit, halves upwards; null when there was no price for any time.
    pub price: Option<Money>,
    /// How much of the window has a price, in days, rounded down to tenths.
    #[schema(example = 29.5)]
    pub covered_days: f64,
}

/// A rank's numbers; a smaller rank is better.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankStatistics {
    /// Now.
    pub current: Option<i64>,
    /// The best ever seen.
    pub best: RankEnd,
    /// The worst ever seen.
    pub worst: RankEnd,
    /// Over the last 30, 90, 180 and 365 days.
    pub averages: Vec<RankAverage>,
    /// Over the last 90 days; rising is getting worse.
    pub trend: Option<TrendView>,
    /// Why there is no trend.
    pub trend_missing: Option<NoTrendWord>,
}

/// An end of the ranks' range.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankEnd {
    /// The rank.
    pub rank: i64,
    /// When it was first seen at that.
    pub at: DateTime<Utc>,
}

/// An average in which each rank counts as long as it held.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankAverage {
    /// The window.
    pub days: u16,
    /// Rounded to the nearest, halves upwards; null when there was none for any time.
    pub rank: Option<i64>,
    /// How much of the window has a rank, in days, rounded down to tenths.
    pub covered_days: f64,
}

/// Where a value went.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrendView {
    /// Which way; `rising` and `falling` only with a confidence of 0.9 and more.
    pub direction: DirectionWord,
    /// The middle slope over all pairs of days, for 30 days, in percent of the middle value.
    pub percent_per_30_days: f64,
    /// How surely the moves go one way (Mann and Kendall's test over the values that followed one another), 0 to 1; null
    /// where it is steady.
    pub confidence: Option<f64>,
    /// Days with a value, of 90.
    pub days: u16,
}

/// Which way a value went.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DirectionWord {
    /// Upwards.
    Rising,
    /// Downwards.
    Falling,
    /// It stayed within 2 %.
    Steady,
    /// It moved, but not surely in one direction.
    Unclear,
}

/// Why there is no trend.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoTrendWord {
    /// Fewer than 14 days of the last 90 have a value.
    TooFewDays,
}

/// Three or more cuts within 72 hours of one another, none taken back, by 5 % or more together.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlideView {
    /// The first cut.
    pub from: DateTime<Utc>,
    /// The last cut.
    pub to: DateTime<Utc>,
    /// How many.
    pub cuts: u32,
    /// The price before.
    pub before: Money,
    /// The price after.
    pub after: Money,
    /// How far it fell.
    #[schema(example = -12.5)]
    pub percent: f64,
    /// Whether it goes on: the last cut is the newest move and no more than 72 hours old.
    pub running: bool,
}

/// A stock's numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockStatistics {
    /// Now; null when no look learnt it.
    pub in_stock: Option<bool>,
    /// Share of time out of stock over the last 30, 90, 180 and 365 days.
    pub out_of_stock: Vec<StockShare>,
    /// How it came back in the last 365 days; null when it did not.
    pub restocks: Option<RestocksView>,
    /// When it will be sold out, or be back.
    pub forecast: Option<ForecastView>,
    /// Why nothing is forecast.
    pub forecast_missing: Option<NoForecastWord>,
}

/// A share of a window.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockShare {
    /// The window.
    pub days: u16,
    /// Rounded down to hundredths; null when nothing is known of it.
    pub percent: Option<f64>,
    /// How much of the window is known, in days, rounded down to tenths.
    pub covered_days: f64,
}

/// How a product comes back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestocksView {
    /// How often.
    pub count: u32,
    /// The look that last found it back.
    pub last_at: DateTime<Utc>,
    /// The middle time from one restock to the next; null with fewer than three such times.
    pub typical_gap_seconds: Option<i64>,
    /// The middle time it was gone; null with fewer than three such times.
    pub typical_absence_seconds: Option<i64>,
    /// The weekday of more than half of four or more restocks.
    pub weekday: Option<UsualWeekday>,
    /// The hour of the day of more than half of four or more restocks.
    pub hour: Option<UsualHour>,
}

/// A usual weekday.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsualWeekday {
    /// 1 is Monday, 7 Sunday, by the clock of `time_zone`.
    pub weekday: u32,
    /// How many of the restocks.
    pub count: u32,
}

/// A usual hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsualHour {
    /// 0 to 23, by the clock of `time_zone`.
    pub hour: u32,
    /// How many of the restocks.
    pub count: u32,
}

/// When something will happen. Beside `as_of`: a forecast is made of what was known then.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastView {
    /// What.
    pub event: EventWord,
    /// By what.
    pub method: MethodWord,
    /// When it is expected.
    pub expected_at: DateTime<Utc>,
    /// One case in ten comes earlier.
    pub earliest_at: DateTime<Utc>,
    /// One case in ten comes later; null when it may take longer than two years.
    pub latest_at: Option<DateTime<Utc>>,
    /// Of how many cases, or days of sales, it is made.
    pub samples: u32,
    /// How many past cases were forecast in the same way from what was known before them.
    pub tested: u32,
    /// How far off those were on average; null when none could be tested.
    pub error_seconds: Option<i64>,
}

/// What is forecast.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventWord {
    /// It will be sold out.
    StockOut,
    /// It will be back.
    Restock,
}

/// By what something is forecast.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MethodWord {
    /// By how long it was there, or gone, before.
    PastTimes,
    /// By how fast the units left went in the last 28 days.
    UnitsLeft,
}

/// Why nothing is forecast.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoForecastWord {
    /// No look learnt whether it is in stock.
    StockUnknown,
    /// It was sold out, or back, fewer than three times.
    TooFewCases,
    /// It lasts longer now than nearly ever before.
    LongerThanEver,
}
