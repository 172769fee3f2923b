//! What a history has lines of.

use domain::observation::Offer;
use domain::statistics::Series;

use crate::values::offer_code;

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// The price.
    Price,
    /// The price before discount.
    ListPrice,
    /// The buy box's price.
    BuyBoxPrice,
    /// The rank in the root category.
    Rank,
    /// Stars.
    Rating,
    /// Number of ratings or reviews.
    ReviewCount,
    /// Units left.
    StockQuantity,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 7] = [
        Self::Price,
        Self::ListPrice,
        Self::BuyBoxPrice,
        Self::Rank,
        Self::Rating,
        Self::ReviewCount,
        Self::StockQuantity,
    ];

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::ListPrice => "list_price",
            Self::BuyBoxPrice => "buy_box_price",
            Self::Rank => "rank",
            Self::Rating => "rating",
            Self::ReviewCount => "review_count",
            Self::StockQuantity => "stock_quantity",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == text)
    }

    /// Whether its figures are amounts of a currency.
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Price | Self::ListPrice | Self::BuyBoxPrice)
    }

    /// Its number in the database: that of its days.
    pub const fn number(self) -> i16 {
        match self {
            Self::Price => Series::Price,
            Self::ListPrice => Series::ListPrice,
            Self::BuyBoxPrice => Series::BuyBoxPrice,
            Self::Rank => Series::Rank,
            Self::Rating => Series::Rating,
            Self::ReviewCount => Series::ReviewCount,
            Self::StockQuantity => Series::StockQuantity,
        }
        .number()
    }

    /// Reads [`number`](Self::number) back.
    pub fn of_number(number: i16) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|metric| metric.number() == number)
    }

    /// The column of history that holds it.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::ListPrice => "list_price",
            Self::BuyBoxPrice => "buy_box_price",
            Self::Rank => "rank",
            Self::Rating => "rating_hundredths",
            Self::ReviewCount => "review_count",
            Self::StockQuantity => "stock_quantity",
        }
    }

    /// The condition on a row `h` of history that it says something of the metric: a figure, or that nobody offered the
    /// product, which is a gap for amounts. A row that does neither did not collect it and is no point at all.
    pub fn known(self) -> String {
        let column = self.column();
        if self.is_money() {
            let none = offer_code(Offer::None);
            format!("(h.{column} is not null or h.offer = {none})")
        } else {
            format!("h.{column} is not null")
        }
    }

    /// How many points of a stretch stay at most when a line is thinned: first, lowest, highest and last, and with gaps
    /// three about these.
    pub const fn points_of_a_stretch(self) -> usize {
        if self.is_money() { 7 } else { 4 }
    }
}
