//! How popular products are within their categories.

mod reckon;

pub use reckon::{reckon, run};

use chrono::{DateTime, Utc};
use domain::popularity::{Confidence, Standing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How popular a product is among those of its category that are known here, of the same source and marketplace. A rank
/// says nothing outside of its category, so it is not compared beyond it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Popularity {
    /// 0 to 100; higher is more popular. Of the two percentiles below, the rank's counts twice.
    #[schema(example = 87)]
    score: u8,
    /// What it was compared within.
    category: String,
    /// It is better ranked than so many percent of the others; null where no rank is known.
    #[schema(example = 91)]
    rank_percentile: Option<u8>,
    /// New reviews a day, over the last 30 days of which at least 7 were seen; null where that is not known.
    #[schema(example = 3.2)]
    reviews_per_day: Option<f64>,
    /// It gets more new reviews than so many percent of the others.
    reviews_percentile: Option<u8>,
    /// By how many it was compared with: `low` from 20, `fair` from 50, `good` from 200.
    confidence: ConfidenceWord,
    /// Since when it stands so. It is reckoned once an hour.
    as_of: DateTime<Utc>,
}

/// How much a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the words of domain::popularity, documented there"
)]
pub enum ConfidenceWord {
    Low,
    Fair,
    Good,
}

impl Popularity {
    fn of(standing: Standing, category: &str, as_of: DateTime<Utc>) -> Self {
        Self {
            score: standing.score,
            category: category.to_owned(),
            rank_percentile: standing.rank_percentile,
            reviews_per_day: standing
                .reviews_per_day
                .map(|hundredths| f64::from(hundredths) / 100.0),
            reviews_percentile: standing.reviews_percentile,
            confidence: match standing.confidence {
                Confidence::Low => ConfidenceWord::Low,
                Confidence::Fair => ConfidenceWord::Fair,
                Confidence::Good => ConfidenceWord::Good,
            },
            as_of,
        }
    }
}
