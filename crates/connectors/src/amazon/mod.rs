//! Amazon, through actors of Apify: one paid run for all targets of a task that one actor reads.
//!
//! From configuration to observation: [`settings`] names the actors; [`input`] and [`query`] say what a run is started
//! with; [`runs`] starts it once, finds it again and waits for it; [`read`], [`shape`] and the modules of each shape
//! say what its results mean.

mod about;
mod actor;
mod axesso;
mod brand;
#[cfg(test)]
mod cases;
mod checkpoint;
mod client;
mod crawl;
mod department;
mod facts;
mod input;
mod junglee;
mod list;
mod matching;
mod price;
mod product;
mod query;
mod read;
mod row;
mod runs;
mod search;
mod settings;
mod shape;
mod shop;
mod text;
mod variants;
mod verdict;
mod wire;

use async_trait::async_trait;
use config::ConfigError;
use domain::source::Source;
use egress::Urgency;

use crate::{
    About, Connector, Executor, Hits, Job, LeaseLost, Outcome, Progress, ReadCx, Search, Work,
};
use client::Client;
use runs::Runs;
use settings::Plan;

pub use about::ABOUT;
pub use settings::Settings;

/// The name.
pub const SOURCE: Source = Source::named("amazon");

/// The connector.
#[derive(Debug)]
pub struct Amazon {
    client: Client,
    plan: Plan,
}

impl Amazon {
    /// A connector with these settings.
    ///
    /// # Errors
    /// Settings that make no sense.
    pub fn new(settings: &Settings, executor: Executor) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(settings, executor),
            plan: Plan::of(settings)?,
        })
    }

    fn runs(&self, urgency: Urgency) -> Runs<'_> {
        Runs {
            client: &self.client,
            plan: &self.plan,
            urgency,
        }
    }
}

#[async_trait]
impl Connector for Amazon {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    #[cfg(test)]
    fn cases(&self) -> Option<crate::conformance::Cases> {
        Some(cases::cases())
    }

    fn read(&self, body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
        match read::page(body, cx) {
            Ok(page) => page.outcomes,
            Err(what) => (0..cx.targets.len())
                .map(|place| (place, Outcome::malformed(what.clone())))
                .collect(),
        }
    }

    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost> {
        crawl::crawl(self, job, progress).await
    }

    async fn search(
        &self,
        search: &Search,
        work: Work<'_>,
        progress: &dyn Progress,
    ) -> Result<Hits, Outcome> {
        search::search(self, search, work, progress).await
    }
}
