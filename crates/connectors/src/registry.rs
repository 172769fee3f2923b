//! All connectors, by source.

use std::sync::Arc;

use domain::source::Source;
use egress::{Egress, SharedLimits};

use crate::Connector;
use crate::amazon::Amazon;
use crate::popmart::Popmart;

/// The connectors of a process. Each keeps its own manners, so build this once.
#[derive(Clone)]
pub struct Registry {
    connectors: Arc<[Arc<dyn Connector>]>,
}

impl Registry {
    /// Every source we can read. With `shared`, sources are asked as politely as if all processes
    /// were one.
    pub fn new(settings: &config::Sources, egress: &Egress, shared: Option<&SharedLimits>) -> Self {
        let mut popmart = Popmart::new(&settings.popmart, egress.clone());
        if let Some(limits) = shared {
            popmart = popmart.shared_by(limits);
        }
        let connectors: [Arc<dyn Connector>; 2] = [
            Arc::new(Amazon::new(&settings.amazon, egress.clone())),
            Arc::new(popmart),
        ];
        Self {
            connectors: Arc::new(connectors),
        }
    }

    /// The connector of a source.
    pub fn get(&self, source: Source) -> Option<Arc<dyn Connector>> {
        self.connectors
            .iter()
            .find(|connector| connector.source() == source)
            .cloned()
    }

    /// Sources that have a connector.
    pub fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        self.connectors.iter().map(|connector| connector.source())
    }
}
