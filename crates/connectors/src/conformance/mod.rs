//! What every source must get right, whatever its format. The kit runs over the registry by itself;
//! a source supplies its own answers in [`crate::Connector::cases`] and fails without them.

mod mutate;
mod rules;
mod sources;

use crate::Target;

/// A source's own answers, and what they mean.
#[derive(Debug)]
pub struct Cases {
    pub(crate) cases: Vec<Case>,
}

/// One answer about one target.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) target: Target,
    pub(crate) body: Vec<u8>,
    pub(crate) expect: Expect,
}

/// What a case is about. Each must be supplied at least once; a source that reads several formats
/// supplies it for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A product that is offered. The kit also cuts it, mutates it and repeats it.
    Offered,
    /// A product that is known but not to be had.
    OutOfStock,
    /// A product with variants of its own prices. Only for sources with `Ability::Variants`.
    Variants,
    /// The source's way to say, with a body, that it has no such product.
    NotFound,
    /// The fields that hold price and identity have other names. Must be malformed.
    LayoutChanged,
    /// Every price is zero. Must not become a price.
    ZeroPrice,
    /// Prices as text instead of numbers, or the other way round.
    PriceAsText,
    /// No currency anywhere. Must be malformed or the marketplace's own.
    NoCurrency,
    /// An error of the source, told with status 200.
    ErrorBody,
    /// The same product or variant twice.
    DuplicateIds,
    /// Ten thousand variants, or as many rows for a source without variants.
    TenThousand,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Offered,
        Self::OutOfStock,
        Self::Variants,
        Self::NotFound,
        Self::LayoutChanged,
        Self::ZeroPrice,
        Self::PriceAsText,
        Self::NoCurrency,
        Self::ErrorBody,
        Self::DuplicateIds,
        Self::TenThousand,
    ];
}

/// What a case must end as.
#[derive(Clone, Debug)]
pub(crate) enum Expect {
    /// Observed, with these figures of the product itself.
    Seen(Seen),
    /// One of these outcome words; `nothing` when the answer does not mention the target.
    Word(&'static [&'static str]),
}

/// Figures of an observation; what is `None` here must be `None` there, but for `stock` and
/// `variants`, which are then not looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Minor units.
    pub(crate) price: Option<i64>,
    pub(crate) currency: Option<&'static str>,
    pub(crate) in_stock: Option<bool>,
    pub(crate) stock: Option<i32>,
    /// How many, and the price of each in order.
    pub(crate) variants: Option<Vec<Option<i64>>>,
}

impl Cases {
    pub(crate) fn new() -> Self {
        Self { cases: Vec::new() }
    }

    /// Adds one.
    #[must_use]
    pub(crate) fn with(
        mut self,
        kind: Kind,
        target: &Target,
        body: impl Into<Vec<u8>>,
        expect: Expect,
    ) -> Self {
        self.cases.push(Case {
            kind,
            target: target.clone(),
            body: body.into(),
            expect,
        });
        self
    }
}

impl Seen {
    /// Offered at a price, in stock.
    pub(crate) fn at(price: i64, currency: &'static str) -> Self {
        Self {
            price: Some(price),
            currency: Some(currency),
            in_stock: Some(true),
            ..Self::default()
        }
    }
}
