//! Amazon, through actors of Apify: one paid run for all targets of a task.

mod about;
mod axesso;
#[cfg(test)]
mod cases;
mod client;
mod junglee;
mod matching;
mod read;
mod settings;
mod text;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use domain::source::Source;
use egress::{Egress, Request};
use serde::{Deserialize, Serialize};

use crate::{
    About, Connector, Job, LeaseLost, Outcome, Progress, ReadCx, Setup, Target, Work, listing_url,
};
use client::{Client, Failure};
use wire::{AxessoInput, JungleeInput, Run, RunStatus, StartUrl};

pub use about::ABOUT;
pub use settings::Settings;

/// The name.
pub const SOURCE: Source = Source::named("amazon");

/// After this a run is aborted: the broker wants its message acknowledged within 30 minutes.
const RUN_LIMIT: Duration = Duration::from_secs(20 * 60);
/// A run that was begun is paid for, so a passing trouble of Apify's is waited out this long before
/// the run is given up and a later try pays for another.
const TROUBLE_LIMIT: Duration = Duration::from_secs(5 * 60);
/// Pause before a run is asked for again when Apify names none.
const TROUBLE_PAUSE: Duration = Duration::from_secs(5);
/// The least pause between two questions about a run.
const POLL_PAUSE: Duration = Duration::from_millis(400);

/// The connector.
#[derive(Debug)]
pub struct Amazon {
    client: Client,
}

/// What must survive a worker: a second start of the run would be billed again.
#[derive(Debug, Serialize, Deserialize)]
struct Checkpoint {
    run_id: String,
}

impl Amazon {
    /// A connector with these settings.
    pub fn new(settings: &Settings, egress: Egress) -> Self {
        Self {
            client: Client::new(settings, egress),
        }
    }

    /// The request that starts a run for these targets.
    fn plan(&self, targets: &[Target]) -> Result<Request, Setup> {
        let pages = targets
            .iter()
            .map(|target| listing_url::page(&target.listing));
        if self.client.is_axesso() {
            self.client.plan(&AxessoInput {
                urls: pages.collect(),
            })
        } else {
            let urls = pages.map(|url| StartUrl { url, method: "GET" }).collect();
            self.client.plan(&JungleeInput::of(urls))
        }
    }

    /// The run to read: the one begun before, or a new one, remembered before it is waited for.
    async fn run(
        &self,
        targets: &[Target],
        resume: Option<&[u8]>,
        progress: &dyn Progress,
    ) -> Result<Result<Run, Outcome>, LeaseLost> {
        if let Some(checkpoint) = resume.and_then(|bytes| serde_json::from_slice(bytes).ok()) {
            let Checkpoint { run_id } = checkpoint;
            let look = || async {
                match self.client.run(&run_id, Duration::ZERO).await {
                    Ok(run) => Ok(Some(run)),
                    // Apify forgets runs after days; then there is nothing to resume.
                    Err(Failure::NotFound) => Ok(None),
                    Err(failure) => Err(failure),
                }
            };
            match patiently(look).await {
                Ok(Some(run)) => return Ok(Ok(run)),
                Ok(None) => {}
                Err(outcome) => return Ok(Err(outcome)),
            }
        }
        let request = match self.plan(targets) {
            Ok(request) => request,
            Err(setup) => return Ok(Err(Outcome::hopeless(setup.to_string()))),
        };
        let run = match self.client.start(request).await {
            Ok(run) => run,
            Err(failure) => return Ok(Err(failure.into())),
        };
        let checkpoint = Checkpoint {
            run_id: run.id.clone(),
        };
        let bytes = serde_json::to_vec(&checkpoint).unwrap_or_default();
        progress.checkpoint(bytes).await?;
        Ok(Ok(run))
    }

    /// Waits for the run's end.
    async fn finished(&self, mut run: Run) -> Result<Run, Outcome> {
        let begun = tokio::time::Instant::now();
        while !run.status.is_final() {
            if begun.elapsed() > RUN_LIMIT {
                self.client.abort(&run.id).await;
                return Err(Outcome::Timeout);
            }
            let asked = tokio::time::Instant::now();
            let poll = || self.client.run(&run.id, self.client.poll_wait());
            run = patiently(poll).await?;
            if !run.status.is_final() && asked.elapsed() < POLL_PAUSE {
                tokio::time::sleep(POLL_PAUSE).await;
            }
        }
        Ok(run)
    }

    /// Reads the run's results page by page, telling each target's outcome as it appears. Returns
    /// what the targets without a result get.
    async fn results(
        &self,
        run: &Run,
        targets: &[Target],
        told: &mut Told<'_>,
    ) -> Result<Outcome, LeaseLost> {
        let mut unreadable = None;
        let mut offset = 0;
        loop {
            let ask = || self.client.items(&run.default_dataset_id, offset);
            let page = match patiently(ask).await {
                Ok(page) => page,
                Err(outcome) => return Ok(outcome),
            };
            let cx = ReadCx {
                targets,
                observed_at: Utc::now(),
            };
            let read = match read::page(&page.body, &cx) {
                Ok(read) => read,
                Err(what) => return Ok(Outcome::malformed(what)),
            };
            // An empty page is the end, whatever the total says; without a total nothing else is.
            let empty = read.items == 0;
            unreadable = unreadable.or(read.unreadable);
            for (place, outcome) in read.outcomes {
                told.tell(place, outcome).await?;
            }
            offset += client::PAGE;
            if empty || page.total.is_some_and(|total| offset >= total) {
                break;
            }
        }
        Ok(missing(run, unreadable))
    }
}

/// Asks about a paid run until there is an answer, a refusal that stays, or [`TROUBLE_LIMIT`] is over.
async fn patiently<T, F>(ask: impl Fn() -> F) -> Result<T, Outcome>
where
    F: Future<Output = Result<T, Failure>>,
{
    let begun = tokio::time::Instant::now();
    loop {
        let outcome = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(failure @ Failure::NotFound) => return Err(failure.into()),
            Err(Failure::Other(outcome)) => outcome,
        };
        let passes = outcome.retryable() && !matches!(outcome, Outcome::Malformed { .. });
        let pause = outcome
            .retry_after()
            .unwrap_or(TROUBLE_PAUSE)
            .max(POLL_PAUSE);
        if !passes || begun.elapsed() + pause > TROUBLE_LIMIT {
            return Err(outcome);
        }
        tracing::warn!(reason = outcome.reason(), "asking again about a paid run");
        tokio::time::sleep(pause).await;
    }
}

/// What a target without a result in the dataset gets.
fn missing(run: &Run, unreadable: Option<String>) -> Outcome {
    match (run.status, unreadable) {
        (RunStatus::TimedOut, _) => Outcome::Timeout,
        (RunStatus::Succeeded, Some(what)) => Outcome::malformed(what),
        (RunStatus::Succeeded, None) => Outcome::failed("the run ended without this product"),
        _ => {
            let said = run.status_message.as_deref().unwrap_or("no message");
            Outcome::failed(format!("the run did not succeed: {said}"))
        }
    }
}

/// Sees to it that each target is told once.
struct Told<'a> {
    progress: &'a dyn Progress,
    open: Vec<bool>,
}

impl Told<'_> {
    async fn tell(&mut self, place: usize, outcome: Outcome) -> Result<(), LeaseLost> {
        match self.open.get_mut(place) {
            Some(open) if *open => *open = false,
            _ => return Ok(()),
        }
        self.progress.outcome(place, outcome).await
    }

    async fn tell_rest(&mut self, outcome: &Outcome) -> Result<(), LeaseLost> {
        for place in 0..self.open.len() {
            self.tell(place, outcome.clone()).await?;
        }
        Ok(())
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
        let Job {
            targets,
            work: Work { resume, .. },
        } = job;
        let mut told = Told {
            progress,
            open: vec![true; targets.len()],
        };
        let run = match self.run(targets, resume, progress).await? {
            Ok(run) => self.finished(run).await,
            Err(outcome) => Err(outcome),
        };
        let rest = match run {
            // A failed run may hold results, too.
            Ok(run) => self.results(&run, targets, &mut told).await?,
            Err(outcome) => outcome,
        };
        told.tell_rest(&rest).await
    }
}
