//! What one strategy finds on a page.

use domain::availability::Availability;
use domain::listing::Content;
use domain::money::Currency;

/// A way to read a page, the most trusted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Strategy {
    JsonLd,
    Microdata,
    Rdfa,
    OpenGraph,
    Text,
}

impl Strategy {
    pub(super) const ALL: [Self; 5] = [
        Self::JsonLd,
        Self::Microdata,
        Self::Rdfa,
        Self::OpenGraph,
        Self::Text,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::JsonLd => "json_ld",
            Self::Microdata => "microdata",
            Self::Rdfa => "rdfa",
            Self::OpenGraph => "open_graph",
            Self::Text => "text",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// How far it is trusted on a page about which nothing else is known, 0 to 100.
    pub(super) const fn trust(self) -> u8 {
        match self {
            Self::JsonLd => 90,
            Self::Microdata => 85,
            Self::Rdfa => 80,
            Self::OpenGraph => 70,
            Self::Text => 35,
        }
    }

    /// Whether the shop made it for programs.
    pub(super) const fn is_structured(self) -> bool {
        !matches!(self, Self::Text)
    }
}

/// What one strategy finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Finding {
    pub(super) figures: Figures,
    pub(super) content: Content,
    pub(super) variants: Vec<Variant>,
    /// What was there but could not be read, for people.
    pub(super) troubles: Vec<String>,
}

/// The figures of a product or of a variant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Figures {
    pub(super) currency: Option<Currency>,
    /// Minor units; of a range the lowest.
    pub(super) price: Option<i64>,
    /// The highest of a range, minor units.
    pub(super) up_to: Option<i64>,
    /// Minor units.
    pub(super) list_price: Option<i64>,
    pub(super) availability: Option<Availability>,
    pub(super) stock: Option<i32>,
    /// Hundredths of a star, 0 to 500.
    pub(super) rating: Option<i32>,
    pub(super) reviews: Option<i32>,
}

/// One of a product's forms with an offer of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Variant {
    /// The shop's own name for it.
    pub(super) sku: String,
    pub(super) figures: Figures,
    pub(super) content: Content,
}

impl Figures {
    /// Whether they say what history needs: a price, or that there is none.
    pub(super) fn tell(&self) -> bool {
        self.price.is_some() || self.no_offer()
    }

    /// Whether they say that nobody offers it.
    pub(super) fn no_offer(&self) -> bool {
        self.price.is_none()
            && matches!(
                self.availability,
                Some(
                    Availability::OutOfStock
                        | Availability::Discontinued
                        | Availability::ComingSoon
                )
            )
    }
}
