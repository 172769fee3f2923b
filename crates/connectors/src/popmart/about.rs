//! What can be said of PopMart without asking it.

use std::sync::Arc;

use super::address::{identify, page, recognise};
use super::regions::MARKETPLACES;
use super::{Popmart, SOURCE, Settings};
use crate::about::{Ability, About, Cadence, Field, MonitorKind, Ownership, Preset};

/// PopMart.
pub const ABOUT: About = About {
    source: SOURCE,
    name: "PopMart",
    ownership: Ownership::Public,
    marketplaces: MARKETPLACES,
    recognise,
    identify,
    page,
    usual: Cadence::Every {
        seconds: 300,
        low_stock_seconds: None,
    },
    live_patience: 1,
    credential: &[],
    monitors: &[
        MonitorKind::Keyword,
        MonitorKind::Category,
        MonitorKind::Brand,
        MonitorKind::Series,
        MonitorKind::NewArrivals,
        MonitorKind::LimitedEditions,
    ],
    presets: &[
        in_america("THE MONSTERS (Labubu)", MonitorKind::Brand, "THE MONSTERS"),
        in_america("Disney", MonitorKind::Brand, "DISNEY"),
        in_america("Best sellers", MonitorKind::Series, "BEST SELLERS"),
        in_america("New arrivals", MonitorKind::NewArrivals, ""),
        in_america("Limited editions", MonitorKind::LimitedEditions, ""),
    ],
    abilities: &[
        Ability::Search,
        Ability::Variants,
        Ability::Sync,
        Ability::Catalogue,
    ],
    fields: &[
        Field::Price,
        Field::ListPrice,
        Field::Availability,
        Field::StockQuantity,
        Field::ReviewCount,
        Field::Title,
        Field::Brand,
        Field::Series,
        Field::Category,
        Field::Images,
        Field::Videos,
        Field::Description,
        Field::Attributes,
        Field::New,
        Field::Limited,
        Field::PreOrder,
        Field::BlindBox,
    ],
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Popmart::new(&settings, building.executor.clone())))
    },
};

const fn in_america(name: &'static str, kind: MonitorKind, term: &'static str) -> Preset {
    Preset {
        name,
        kind,
        term,
        marketplace: "US",
    }
}
