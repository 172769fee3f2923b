//! PopMart's international shop, generation 2 of its API: one request a product.

mod client;
mod mapping;
mod sign;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use domain::source::Source;
use egress::{Egress, Politeness, SharedLimits, Urgency};
use futures::StreamExt;

use crate::{Connector, Job, LeaseLost, Outcome, PlanCx, Planned, Progress, ReadCx, Setup, Target};
use client::Client;

/// A pause that the shop asks for is waited for up to this long; a longer one is reported, and the
/// target comes again as a row with a due time.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to leave the shop alone after a refusal that names no time.
const REFUSAL_PAUSE: Duration = Duration::from_secs(5);

/// The connector.
#[derive(Debug)]
pub struct Popmart {
    client: Client,
    egress: Egress,
    politeness: Politeness,
    concurrency: usize,
}

impl Popmart {
    /// A connector with these settings.
    pub fn new(settings: &config::Popmart, egress: Egress) -> Self {
        let gap = Duration::from_millis(settings.jitter_min_ms)
            ..=Duration::from_millis(settings.jitter_max_ms.max(settings.jitter_min_ms));
        Self {
            client: Client::new(settings),
            egress,
            politeness: Politeness::new(settings.concurrency, gap, PATIENCE),
            concurrency: usize::from(settings.concurrency.max(1)),
        }
    }

    /// The shop's limits hold over all processes that share `limits`.
    #[must_use]
    pub fn shared_by(self, limits: &SharedLimits) -> Self {
        let politeness = self.politeness.shared_by(limits, Source::Popmart.as_str());
        Self { politeness, ..self }
    }

    /// One target from leave to outcome.
    async fn fetch(&self, target: &Target, urgency: Urgency, seed: u64) -> Outcome {
        let _turn = match self.politeness.turn(urgency).await {
            Ok(turn) => turn,
            Err(paused) => {
                return Outcome::RateLimited {
                    retry_after: Some(paused.remaining),
                };
            }
        };
        // Signed when it is sent: the signature holds the time.
        let request = match self.client.details(
            &target.listing,
            &PlanCx {
                now: Utc::now(),
                seed,
            },
        ) {
            Ok(request) => request,
            Err(setup) => return Outcome::hopeless(setup.to_string()),
        };
        let response = match self.egress.send(request).await {
            Ok(response) => response,
            Err(error) => return error.into(),
        };
        let now = Utc::now();
        if let Some(refusal) = client::refusal(&response, now) {
            if matches!(
                refusal,
                Outcome::Blocked { .. } | Outcome::RateLimited { .. }
            ) {
                self.politeness
                    .pause(refusal.retry_after().unwrap_or(REFUSAL_PAUSE));
            }
            return refusal;
        }
        mapping::read(&response.body, &target.listing, now)
    }
}

#[async_trait]
impl Connector for Popmart {
    fn source(&self) -> Source {
        Source::Popmart
    }

    fn plan(&self, targets: &[Target], cx: &PlanCx) -> Result<Vec<Planned>, Setup> {
        targets
            .iter()
            .enumerate()
            .map(|(place, target)| {
                let request = self.client.details(&target.listing, cx)?;
                Ok(Planned {
                    targets: vec![place],
                    request,
                })
            })
            .collect()
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
        let fetch = async |place, target| (place, self.fetch(target, job.urgency, seed).await);
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
