//! Observations as workers send them.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use contracts::catalog::v1::values::Offer;
use contracts::catalog::v1::{CategoryRank, Observation, Values};

thread_local! {
    /// When the test began: each has a thread of its own.
    static BEGAN: DateTime<Utc> = Utc::now().trunc_subsecs(0);
}

/// `minutes` before the test began, in whole seconds: the same instant however often it is asked for,
/// since a look of another instant is another look.
pub fn ago(minutes: i64) -> DateTime<Utc> {
    BEGAN.with(|began| *began) - TimeDelta::minutes(minutes)
}

/// A look at an amazon.com product that learnt nothing yet.
pub fn seen(asin: &str, at: DateTime<Utc>, round: i64) -> Observation {
    Observation {
        source: "amazon".into(),
        marketplace: "US".into(),
        external_id: asin.into(),
        observed_at_us: at.timestamp_micros(),
        round,
        values: Some(Values::default()),
        ..Observation::default()
    }
}

/// What a look may have learnt.
pub trait Learnt: Sized {
    fn price(self, cents: i64) -> Self;
    fn rank(self, rank: i32) -> Self;
    fn rated(self, hundredths: i32, reviews: i32) -> Self;
    fn gone(self) -> Self;
    fn titled(self, title: &str) -> Self;
    fn variant_of(self, parent: &str) -> Self;
}

impl Learnt for Observation {
    fn price(mut self, cents: i64) -> Self {
        let values = self.values.get_or_insert_default();
        values.set_offer(Offer::Offered);
        values.currency = Some("USD".into());
        values.price_minor = Some(cents);
        values.availability = "in_stock".into();
        values.in_stock = Some(true);
        self
    }

    fn rank(mut self, rank: i32) -> Self {
        let values = self.values.get_or_insert_default();
        values.ranks = vec![CategoryRank {
            category: "Electronics".into(),
            rank,
        }];
        self
    }

    fn rated(mut self, hundredths: i32, reviews: i32) -> Self {
        let values = self.values.get_or_insert_default();
        values.rating_hundredths = Some(hundredths);
        values.review_count = Some(reviews);
        self
    }

    fn gone(mut self) -> Self {
        let values = self.values.get_or_insert_default();
        values.set_offer(Offer::None);
        values.availability = "out_of_stock".into();
        values.in_stock = Some(false);
        self
    }

    fn titled(mut self, title: &str) -> Self {
        let content = self.content.get_or_insert_default();
        content.title = Some(title.into());
        content.images = vec!["https://images.example/1.jpg".into()];
        self
    }

    fn variant_of(mut self, parent: &str) -> Self {
        self.parent_external_id = Some(parent.into());
        self
    }
}
