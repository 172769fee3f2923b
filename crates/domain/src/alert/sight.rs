//! What rules need to know of one look.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Amount, Metric};
use crate::availability::Availability;
use crate::money::{Currency, Money};
use crate::observation::{Offer, Values};
use crate::statistics::Look;

/// What a look told of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It was not collected: what was known holds on.
    Nothing,
    /// There was no offer, hence no price.
    Gap,
    /// This.
    Value(Amount),
}

/// A part of what a listing says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentField {
    /// The name as listed.
    Title,
    /// The pictures' addresses.
    Images,
    /// The bullet points.
    Features,
}

impl ContentField {
    /// Every one with its name in the API and the tables.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Title, "title"),
        (Self::Images, "images"),
        (Self::Features, "features"),
    ];

    /// The name in the API and the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Images => "images",
            Self::Features => "features",
        }
    }

    /// Reads a name; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, name)| *name == text)
            .map(|(field, _)| field)
    }
}

/// A part that is another one than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentChange {
    /// Which.
    pub field: ContentField,
    /// What it said; a title is one text.
    pub before: Vec<String>,
    /// What it says.
    pub after: Vec<String>,
}

/// One look at a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// When.
    pub at: DateTime<Utc>,
    figures: [Told; 7],
    /// How it could be had; unknown: not told.
    pub(super) availability: Availability,
    /// Whether it could be bought, where the look tells.
    pub(super) buyable: Option<bool>,
    /// Who held the buy box, where the look tells.
    pub(super) seller: Option<Arc<str>>,
    /// What it says otherwise than before.
    pub(super) changes: Arc<[ContentChange]>,
}

impl Sight {
    /// From what was observed.
    #[must_use]
    pub fn of(at: DateTime<Utc>, values: &Values) -> Self {
        let currency = values
            .currency
            .as_deref()
            .and_then(|code| Currency::parse(code).ok());
        let price = |minor: Option<i64>| match minor.zip(currency) {
            Some((minor, currency)) => {
                Told::Value(Amount::Money(Money::from_minor(minor, currency)))
            }
            None if values.offer == Offer::None => Told::Gap,
            None => Told::Nothing,
        };
        let number = |number: Option<i32>| {
            number.map_or(Told::Nothing, |number| {
                Told::Value(Amount::Number(number.into()))
            })
        };
        let look = Look {
            at,
            offer: values.offer,
            price: None,
            in_stock: values.in_stock,
            availability: values.availability,
            stock_quantity: None,
            rank: None,
        };
        Self {
            at,
            figures: [
                price(values.price),
                price(values.list_price),
                price(values.buy_box_price),
                number(values.rank()),
                number(values.rating_hundredths),
                number(values.review_count),
                number(values.stock_quantity),
            ],
            availability: values.availability,
            buyable: look.could_be_bought(),
            seller: values.buy_box_seller.as_deref().map(Arc::from),
            changes: Arc::from([]),
        }
    }

    /// A look that told no figure.
    #[must_use]
    pub fn silent(at: DateTime<Utc>) -> Self {
        Self::of(at, &Values::default())
    }

    /// With what the listing says otherwise than before.
    #[must_use]
    pub fn with_changes(mut self, changes: Vec<ContentChange>) -> Self {
        self.changes = changes.into();
        self
    }

    /// At another instant.
    #[must_use]
    pub fn again(&self, at: DateTime<Utc>) -> Self {
        Self {
            at,
            changes: Arc::from([]),
            ..self.clone()
        }
    }

    /// What it told of a figure.
    #[must_use]
    pub const fn told(&self, metric: Metric) -> Told {
        self.figures[metric.place()]
    }
}
