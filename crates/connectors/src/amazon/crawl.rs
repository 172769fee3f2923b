//! Fetching targets: a run for each actor that reads some of them, all at the same time.

use std::collections::BTreeMap;

use chrono::Utc;
use futures::future::try_join_all;

use super::actor::Actor;
use super::checkpoint::Ledger;
use super::runs::{Ended, Runs};
use super::{Amazon, client, input, read};
use crate::{Job, LeaseLost, Outcome, Progress, ReadCx, Target, listing_url};

pub(super) async fn crawl(
    amazon: &Amazon,
    job: Job<'_>,
    progress: &dyn Progress,
) -> Result<(), LeaseLost> {
    let ledger = Ledger::open(job.work.resume, progress);
    let mut legs: BTreeMap<&Actor, Vec<usize>> = BTreeMap::new();
    for (place, target) in job.targets.iter().enumerate() {
        let actor = amazon.plan.product(&target.listing.marketplace);
        legs.entry(actor).or_default().push(place);
    }
    let legs = legs.into_iter().map(|(actor, places)| {
        let leg = Leg {
            targets: places
                .iter()
                .map(|place| job.targets[*place].clone())
                .collect(),
            open: vec![true; places.len()],
            places,
            progress,
        };
        leg.crawl(amazon, actor, amazon.runs(job.work.urgency), &ledger)
    });
    try_join_all(legs).await?;
    Ok(())
}

/// The targets of one actor. Sees to it that each is told once.
struct Leg<'a> {
    targets: Vec<Target>,
    /// Their places in the job.
    places: Vec<usize>,
    /// Whose outcome is untold.
    open: Vec<bool>,
    progress: &'a dyn Progress,
}

impl Leg<'_> {
    async fn crawl(
        mut self,
        amazon: &Amazon,
        actor: &Actor,
        runs: Runs<'_>,
        ledger: &Ledger<'_>,
    ) -> Result<(), LeaseLost> {
        if let Err(setup) = amazon.client.ready() {
            return self.tell_rest(&Outcome::hopeless(setup.to_string())).await;
        }
        let pages = self
            .targets
            .iter()
            .map(|target| listing_url::page(&target.listing))
            .collect();
        let order = input::products(actor, pages, amazon.plan.variant_prices);
        match runs.complete(&order, ledger).await? {
            Err(outcome) => self.tell_rest(&outcome).await,
            Ok(ended) => {
                // A run that did not succeed may hold results, too.
                let (results, rest) = self.results(runs, &ended).await?;
                self.tell_rest(&rest).await?;
                runs.tell_cost(&ended, results, self.progress).await;
                Ok(())
            }
        }
    }

    /// Reads the run's results page by page, telling each target's outcome as it appears. Returns
    /// how many results there were, and what the targets without one get.
    async fn results(
        &mut self,
        runs: Runs<'_>,
        ended: &Ended,
    ) -> Result<(u64, Outcome), LeaseLost> {
        let mut unreadable = None;
        let (mut offset, mut results) = (0, 0);
        // Told at the end only: a later page may hold the product itself.
        let mut failures = Vec::new();
        let trouble = loop {
            let page = match runs.page(&ended.run, offset).await {
                Ok(page) => page,
                Err(outcome) => break Some(outcome),
            };
            let targets = std::mem::take(&mut self.targets);
            let cx = ReadCx {
                targets: &targets,
                observed_at: Utc::now(),
            };
            let read = read::page(&page.answer.body, &cx);
            self.targets = targets;
            let read = match read {
                Ok(read) => read,
                Err(what) => break Some(Outcome::malformed(what)),
            };
            results += read.items as u64;
            unreadable = unreadable.or(read.unreadable);
            for (place, outcome) in read.outcomes {
                if matches!(outcome, Outcome::Observed(_)) {
                    self.tell(place, outcome).await?;
                } else {
                    failures.push((place, outcome));
                }
            }
            offset += client::PAGE;
            if ends(read.items, offset, page.total) {
                break None;
            }
        };
        for (place, outcome) in failures {
            self.tell(place, outcome).await?;
        }
        Ok((
            results,
            trouble.unwrap_or_else(|| ended.missing(unreadable)),
        ))
    }

    async fn tell(&mut self, place: usize, outcome: Outcome) -> Result<(), LeaseLost> {
        match self.open.get_mut(place) {
            Some(open) if *open => *open = false,
            _ => return Ok(()),
        }
        self.progress.outcome(self.places[place], outcome).await
    }

    async fn tell_rest(&mut self, outcome: &Outcome) -> Result<(), LeaseLost> {
        for place in 0..self.open.len() {
            self.tell(place, outcome.clone()).await?;
        }
        Ok(())
    }
}

/// Whether a dataset is read to its end. A short page is not it, because empty items may be left
/// out; an empty one is, whatever the total says, and without a total nothing else is.
pub(super) fn ends(items: usize, next: u64, total: Option<u64>) -> bool {
    items == 0 || total.is_some_and(|total| next >= total)
}
