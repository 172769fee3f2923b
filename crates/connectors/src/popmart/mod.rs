//! PopMart's international shop, in the generations of its API: signed calls, unsigned files, and
//! remote procedures.
//!
//! Which generation is asked is the configuration's to say, and for a product its id's; which one
//! answered is told by the answer's shape.

mod about;
mod address;
mod answer;
#[cfg(test)]
mod cases;
mod crawl;
mod facts;
mod fields;
mod goods;
mod observe;
mod pages;
mod plan;
mod reading;
mod refused;
mod regions;
mod requests;
mod rest;
mod rpc;
mod search;
mod settings;
mod shop;
mod sign;
mod state;

use async_trait::async_trait;
use domain::source::Source;
use egress::Urgency;
use futures::StreamExt;
use futures::future::BoxFuture;

use crate::{
    About, Connector, Executor, Hits, Job, LeaseLost, Outcome, Progress, ReadCx, Search, Work,
};
use crawl::Way;
use regions::Region;
use shop::Shop;

pub use about::ABOUT;
pub use settings::{Generation, Numbers, Settings, Uuids};

/// The name.
pub const SOURCE: Source = Source::named("popmart");

/// The connector.
#[derive(Debug)]
pub struct Popmart {
    settings: Settings,
    executor: Executor,
}

impl Popmart {
    /// A connector with these settings.
    pub fn new(settings: &Settings, executor: Executor) -> Self {
        Self {
            settings: settings.clone(),
            executor,
        }
    }

    /// The shop as one task sees it, with a browser of its own.
    fn shop(&self, urgency: Urgency) -> Shop<'_> {
        let agents = &self.settings.user_agents;
        let agent = match agents.len() {
            0 => "",
            many => &agents[rand::random_range(0..many)],
        };
        Shop {
            settings: &self.settings,
            executor: &self.executor,
            urgency,
            agent,
        }
    }
}

#[async_trait]
impl Connector for Popmart {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    #[cfg(test)]
    fn cases(&self) -> Option<crate::conformance::Cases> {
        Some(cases::cases())
    }

    fn read(&self, body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
        reading::read(body, cx)
    }

    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost> {
        let shop = &self.shop(job.work.urgency);
        let targets = job.targets;
        let wanted = crawl::wanted(targets);
        let mut fetches: Vec<BoxFuture<'_, Vec<(usize, Outcome)>>> = Vec::new();
        let mut together: Vec<(&'static Region, Vec<&crawl::Wanted<'_>>)> = Vec::new();
        for wanted in &wanted {
            match shop.way(wanted) {
                Ok(Way::Files(region)) => {
                    match together.iter_mut().find(|(known, _)| *known == region) {
                        Some((_, others)) => others.push(wanted),
                        None => together.push((region, vec![wanted])),
                    }
                }
                Ok(way) => fetches.push(Box::pin(shop.fetch(targets, wanted, way))),
                Err(outcome) => {
                    for place in &wanted.places {
                        progress.outcome(*place, outcome.clone()).await?;
                    }
                }
            }
        }
        for (region, wanted) in together {
            fetches.push(Box::pin(shop.fetch_files(region, targets, wanted)));
        }
        let at_once = self.executor.at_once(SOURCE);
        let mut outcomes = futures::stream::iter(fetches).buffer_unordered(at_once);
        while let Some(told) = outcomes.next().await {
            for (place, outcome) in told {
                progress.outcome(place, outcome).await?;
            }
        }
        Ok(())
    }

    async fn search(
        &self,
        search: &Search,
        work: Work<'_>,
        _progress: &dyn Progress,
    ) -> Result<Hits, Outcome> {
        let region = Region::of(&search.marketplace).ok_or_else(|| {
            Outcome::hopeless(format!("the shop does not sell in {}", search.marketplace))
        })?;
        let plan = plan::plan(search, &self.settings)?;
        search::search(self.shop(work.urgency), region, &plan, search.limit).await
    }
}
