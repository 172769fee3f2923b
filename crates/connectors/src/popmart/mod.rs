//! PopMart's international shop, generation 2 of its API: one request a product.

mod about;
#[cfg(test)]
mod cases;
mod client;
mod mapping;
mod settings;
mod sign;
mod wire;

use async_trait::async_trait;
use chrono::Utc;
use domain::source::Source;
use egress::Urgency;
use futures::StreamExt;

use crate::{About, Call, Connector, Executor, Job, LeaseLost, Outcome, Progress, ReadCx, Target};
use client::Client;

pub use about::ABOUT;
pub use settings::Settings;

/// The name.
pub const SOURCE: Source = Source::named("popmart");

/// The connector.
#[derive(Debug)]
pub struct Popmart {
    client: Client,
    executor: Executor,
    concurrency: usize,
}

impl Popmart {
    /// A connector with these settings.
    pub fn new(settings: &Settings, executor: Executor) -> Self {
        Self {
            client: Client::new(settings),
            executor,
            concurrency: usize::from(settings.concurrency.max(1)),
        }
    }

    /// One target from leave to outcome.
    async fn fetch(&self, target: &Target, urgency: Urgency, seed: u64) -> Outcome {
        let call = Call::read(SOURCE, urgency).judge(client::refusal);
        // Signed when it is sent: the signature holds the time.
        let request = |now| {
            let details = self.client.details(&target.listing, now, seed);
            details.map_err(|setup| Outcome::hopeless(setup.to_string()))
        };
        match self.executor.send(&call, request).await {
            Ok(response) => mapping::read(&response.body, &target.listing, Utc::now()),
            Err(outcome) => outcome,
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
        // An answer is about one product.
        cx.targets
            .iter()
            .take(1)
            .map(|target| (0, mapping::read(body, &target.listing, cx.observed_at)))
            .collect()
    }

    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost> {
        // One browser a task.
        let seed = rand::random();
        let fetch = async |place, target| (place, self.fetch(target, job.work.urgency, seed).await);
        let fetches: Vec<_> = job
            .targets
            .iter()
            .enumerate()
            .map(|(place, target)| fetch(place, target))
            .collect();
        let mut outcomes = futures::stream::iter(fetches).buffer_unordered(self.concurrency);
        while let Some((place, outcome)) = outcomes.next().await {
            progress.outcome(place, outcome).await?;
        }
        Ok(())
    }
}
