//! What can be said of a source without asking it.

use std::sync::Arc;

use domain::listing::ListingRef;
use domain::source::Source;
use url::Url;

use crate::listing_url::{Address, UnknownListing};
use crate::{Connector, Executor};

/// A source as everybody knows it: its name, its addresses, what it can tell. One constant in the
/// source's folder; the registry lists them.
#[derive(Debug)]
pub struct About {
    /// Its name in API, tables and queues.
    pub source: Source,
    /// Its name for people.
    pub name: &'static str,
    /// Whose its listings are.
    pub ownership: Ownership,
    /// The countries it sells in, upper-case ISO 3166; empty when any country may be named.
    pub marketplaces: &'static [&'static str],
    /// Whether an address is one of its product pages.
    pub recognise: fn(&Url) -> Address,
    /// Checks a bare id and marketplace (already upper-case) and brings both into their one form.
    pub identify: fn(marketplace: &str, external_id: &str) -> Result<ListingRef, UnknownListing>,
    /// The page a person would open for one of its listings.
    pub page: fn(&ListingRef) -> String,
    /// When it is looked at unless a tracking asks otherwise.
    pub usual: Cadence,
    /// How many times the operator's usual limit its live calls may take: 1, or more where an answer
    /// has to be made first.
    pub live_patience: u32,
    /// What a tenant has to supply; empty when nothing. In the order of a form.
    pub credential: &'static [CredentialField],
    /// Standing searches it can do.
    pub monitors: &'static [MonitorKind],
    /// Ready-made monitors to start from.
    pub presets: &'static [Preset],
    /// What it can do besides.
    pub abilities: &'static [Ability],
    /// What an observation of it can hold. `docs/sources.md` is checked against it.
    pub fields: &'static [Field],
    /// Builds its connector.
    pub build: fn(Building<'_>) -> Result<Arc<dyn Connector>, config::ConfigError>,
}

/// When a source is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Again and again.
    Every {
        /// Seconds between two looks.
        seconds: u32,
        /// The same while stock is low; `None`: stock changes nothing.
        low_stock_seconds: Option<u32>,
    },
    /// Daily at this full hour of the tenant's time.
    Daily {
        /// 0 to 23.
        hour: u8,
    },
}

impl Cadence {
    /// Seconds between two looks.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Every { seconds, .. } => seconds,
            Self::Daily { .. } => 86_400,
        }
    }
}

/// What a connector is built from.
#[derive(Clone, Copy, Debug)]
pub struct Building<'a> {
    /// The settings of all sources; a connector reads its own section.
    pub settings: &'a config::Sources,
    /// The one way to ask: politely, as one with all workers.
    pub executor: &'a Executor,
}

/// Whose a source's listings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// Everybody's: crawled once for all tenants.
    Public,
    /// The tenant's whose credentials read them.
    Tenant,
}

/// One part of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialField {
    /// Its name in the API.
    pub name: &'static str,
    /// What to write into it, for people.
    pub label: &'static str,
    /// Whether it must be hidden on the screen.
    pub secret: bool,
    /// Whether it may be left out.
    pub optional: bool,
}

impl CredentialField {
    /// Shown on the screen, and needed.
    pub const fn open(name: &'static str, label: &'static str) -> Self {
        Self {
            name,
            label,
            secret: false,
            optional: false,
        }
    }

    /// Hidden on the screen, and needed.
    pub const fn secret(name: &'static str, label: &'static str) -> Self {
        Self {
            secret: true,
            ..Self::open(name, label)
        }
    }

    /// The same, but it may be left out.
    #[must_use]
    pub const fn or_none(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

/// A kind of standing search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MonitorKind {
    /// Words.
    Keyword,
    /// A category, by the source's own name, number or address.
    Category,
    /// A brand.
    Brand,
    /// A series or collection.
    Series,
    /// What the source calls new.
    NewArrivals,
    /// What the source sells in limited numbers.
    LimitedEditions,
    /// Everything the source lists: for a sync of its catalogue, no standing search of a person's.
    Catalogue,
}

impl MonitorKind {
    /// Every kind that a person may choose.
    pub const ALL: [Self; 6] = [
        Self::Keyword,
        Self::Category,
        Self::Brand,
        Self::Series,
        Self::NewArrivals,
        Self::LimitedEditions,
    ];

    /// The name in the API, in tables and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Category => "category",
            Self::Brand => "brand",
            Self::Series => "series",
            Self::NewArrivals => "new_arrivals",
            Self::LimitedEditions => "limited_editions",
            Self::Catalogue => "catalogue",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut kinds = Self::ALL.into_iter().chain([Self::Catalogue]);
        kinds.find(|kind| kind.as_str() == text)
    }

    /// Whether it needs a term to search for.
    pub const fn needs_term(self) -> bool {
        !matches!(
            self,
            Self::NewArrivals | Self::LimitedEditions | Self::Catalogue
        )
    }
}

/// A ready-made monitor.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name for people.
    pub name: &'static str,
    /// What it searches by.
    pub kind: MonitorKind,
    /// For what; empty where the kind needs none.
    pub term: &'static str,
    /// Where; upper-case ISO 3166.
    pub marketplace: &'static str,
}

/// What a source can do besides being crawled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ability {
    /// Many listings in one request or run.
    Batches,
    /// A live search before anything is tracked.
    Search,
    /// Variants as listings of their own.
    Variants,
    /// A preview that compares several ways of reading.
    Candidates,
    /// Live reads of a distributor: balance, logistics.
    LiveReads,
    /// A look costs money.
    Paid,
    /// Conditional requests.
    Conditional,
    /// A catalogue that can be synced, in full or in part.
    Sync,
    /// Everything it lists can be asked for at once: [`MonitorKind::Catalogue`].
    Catalogue,
}

impl Ability {
    /// Every ability.
    pub const ALL: [Self; 9] = [
        Self::Batches,
        Self::Search,
        Self::Variants,
        Self::Candidates,
        Self::LiveReads,
        Self::Paid,
        Self::Conditional,
        Self::Sync,
        Self::Catalogue,
    ];

    /// The name in the API and in `docs/sources.md`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Batches => "batches",
            Self::Search => "search",
            Self::Variants => "variants",
            Self::Candidates => "candidates",
            Self::LiveReads => "live_reads",
            Self::Paid => "paid",
            Self::Conditional => "conditional",
            Self::Sync => "sync",
            Self::Catalogue => "catalogue",
        }
    }
}

/// What an observation of a source can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the API's product")]
pub enum Field {
    Price,
    ListPrice,
    BuyBox,
    Availability,
    StockQuantity,
    Ranks,
    Rating,
    ReviewCount,
    Title,
    Brand,
    Series,
    Category,
    Images,
    Videos,
    Description,
    Features,
    Attributes,
    New,
    Limited,
    PreOrder,
    BlindBox,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 21] = [
        Self::Price,
        Self::ListPrice,
        Self::BuyBox,
        Self::Availability,
        Self::StockQuantity,
        Self::Ranks,
        Self::Rating,
        Self::ReviewCount,
        Self::Title,
        Self::Brand,
        Self::Series,
        Self::Category,
        Self::Images,
        Self::Videos,
        Self::Description,
        Self::Features,
        Self::Attributes,
        Self::New,
        Self::Limited,
        Self::PreOrder,
        Self::BlindBox,
    ];

    /// The name in the API and in `docs/sources.md`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::ListPrice => "list_price",
            Self::BuyBox => "buy_box",
            Self::Availability => "availability",
            Self::StockQuantity => "stock_quantity",
            Self::Ranks => "ranks",
            Self::Rating => "rating",
            Self::ReviewCount => "review_count",
            Self::Title => "title",
            Self::Brand => "brand",
            Self::Series => "series",
            Self::Category => "category",
            Self::Images => "images",
            Self::Videos => "videos",
            Self::Description => "description",
            Self::Features => "features",
            Self::Attributes => "attributes",
            Self::New => "new",
            Self::Limited => "limited",
            Self::PreOrder => "pre_order",
            Self::BlindBox => "blind_box",
        }
    }
}
