//! All sources. A new one is a folder and one line in [`ALL`].

use std::sync::Arc;

use config::ConfigError;
use domain::source::Source;
use egress::{Egress, SharedLimits};

use crate::about::{About, Building};
use crate::{Connector, Executor};

/// Every source, in the order people see them and addresses are offered to them.
pub const ALL: &[&About] = &[
    &crate::amazon::ABOUT,
    &crate::popmart::ABOUT,
    &crate::haier::ABOUT,
    &crate::alibaba1688::ABOUT,
    &crate::web::ABOUT,
];

/// What is known of a source; `None` when it is not one of ours.
pub fn about(source: Source) -> Option<&'static About> {
    ALL.iter().copied().find(|about| about.source == source)
}

/// The names of all sources.
pub fn sources() -> impl Iterator<Item = Source> + Clone {
    ALL.iter().map(|about| about.source)
}

/// The connectors of a process. They keep their manners together, so build this once.
#[derive(Clone)]
pub struct Registry {
    connectors: Arc<[Arc<dyn Connector>]>,
    executor: Executor,
}

impl Registry {
    /// Every source we can read. With `shared`, sources are asked as politely as if all processes
    /// were one.
    ///
    /// # Errors
    /// Settings that are unknown or wrong.
    pub fn new(
        settings: &config::Sources,
        egress: &Egress,
        shared: Option<&SharedLimits>,
    ) -> Result<Self, ConfigError> {
        let executor = Executor::new(settings, egress.clone(), shared.cloned())?;
        let building = Building {
            settings,
            executor: &executor,
        };
        let connectors = ALL
            .iter()
            .map(|about| (about.build)(building))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            connectors,
            executor,
        })
    }

    /// The same with this connector in the place of its source's.
    #[must_use]
    pub fn with(mut self, connector: Arc<dyn Connector>) -> Self {
        let source = connector.about().source;
        let others = self
            .connectors
            .iter()
            .filter(|other| other.about().source != source);
        self.connectors = others.cloned().chain([connector]).collect();
        self
    }

    /// The connector of a source.
    pub fn get(&self, source: Source) -> Option<Arc<dyn Connector>> {
        self.connectors
            .iter()
            .find(|connector| connector.about().source == source)
            .cloned()
    }

    /// Sources that have a connector.
    pub fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        self.connectors
            .iter()
            .map(|connector| connector.about().source)
    }

    /// How the sources are asked, and in what state they are.
    pub fn executor(&self) -> &Executor {
        &self.executor
    }
}

/// Checks the settings of every source without building anything.
///
/// # Errors
/// One line for each problem.
pub fn check(settings: &config::Sources) -> Result<(), ConfigError> {
    match Egress::new(egress::Limits::default()) {
        Ok(egress) => Registry::new(settings, &egress, None).map(drop),
        // Nothing about the settings; whoever goes out will say so.
        Err(_) => Ok(()),
    }
}
