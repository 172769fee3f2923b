//! Crawling a task: products and prices together, then the stock where a county is known.

use chrono::Utc;

use super::Haier;
use super::account::Account;
use super::calls::CODES;
use super::goods::Chunk;
use super::mapping::{Extent, Known, Shelf, observation};
use crate::{Job, LeaseLost, Outcome, Progress, Target, Urgency};

impl Haier {
    pub(super) async fn crawl_all(
        &self,
        job: Job<'_>,
        progress: &dyn Progress,
    ) -> Result<(), LeaseLost> {
        let account = account(&job);
        // What makes all further asking pointless.
        let mut halt = account.as_ref().err().cloned();
        for (number, targets) in job.targets.chunks(CODES).enumerate() {
            let outcomes = match (&account, &halt) {
                (Ok(account), None) => self.chunk(account, targets, job.work.urgency).await,
                (_, Some(outcome)) | (Err(outcome), None) => vec![outcome.clone(); targets.len()],
            };
            if let [first @ Outcome::Blocked { .. }, ..] = outcomes.as_slice()
                && outcomes.iter().all(|outcome| outcome == first)
            {
                halt = Some(first.clone());
            }
            for (place, outcome) in outcomes.into_iter().enumerate() {
                progress.outcome(number * CODES + place, outcome).await?;
            }
        }
        Ok(())
    }

    /// The outcomes of at most [`CODES`] targets, in their order.
    async fn chunk(&self, account: &Account, targets: &[Target], urgency: Urgency) -> Vec<Outcome> {
        let mut codes: Vec<String> = Vec::new();
        for target in targets {
            if !codes.contains(&target.listing.external_id) {
                codes.push(target.listing.external_id.clone());
            }
        }
        let chunk = self.client.chunk(account, &codes, urgency).await;
        if let (Ok(_), Err(outcome)) = (&chunk.products, &chunk.prices) {
            tracing::warn!(
                outcome = outcome.as_str(),
                reason = outcome.reason(),
                "prices were not learnt"
            );
        }
        let found: Vec<String> = codes
            .into_iter()
            .filter(|code| matches!(chunk.find(code), Ok(Some(_))))
            .collect();
        let county = account.county.as_deref();
        let stocks = match county {
            Some(county) => self.client.stocks(account, &found, county, urgency).await,
            None => Default::default(),
        };
        let now = Utc::now();
        let outcome = |target: &Target| {
            let code = target.listing.external_id.as_str();
            let mut known = match chunk.find(code) {
                Ok(Some(known)) => known,
                Ok(None) => return Outcome::NotFound,
                Err(outcome) => return outcome,
            };
            known.shelf = match (county, stocks.get(code)) {
                (None, _) => Shelf::Unasked,
                (Some(_), None) => Shelf::Missed,
                (county, Some(warehouses)) => Shelf::Told(county, warehouses),
            };
            let missed = matches!(known.shelf, Shelf::Missed);
            let extent = match chunk.products.is_ok() && chunk.prices.is_ok() && !missed {
                true => Extent::Whole,
                false => Extent::Part,
            };
            Outcome::Observed(vec![observation(&target.listing, known, extent, now)])
        };
        targets.iter().map(outcome).collect()
    }
}

impl Chunk {
    /// What is known of a product; `Ok(None)` when the platform does not have it. What one call did not answer is
    /// unknown, as long as the other one knows the product.
    fn find(&self, code: &str) -> Result<Option<Known<'_>>, Outcome> {
        let product = match &self.products {
            Ok(products) => products.get(code)?,
            Err(_) => None,
        };
        let price = match &self.prices {
            Ok(prices) => prices.get(code)?,
            Err(_) => None,
        };
        if product.is_some() || price.is_some() {
            return Ok(Some(Known {
                product,
                price,
                shelf: Shelf::default(),
            }));
        }
        match &self.products {
            Ok(_) => Ok(None),
            Err(outcome) => Err(outcome.clone()),
        }
    }
}

fn account(job: &Job<'_>) -> Result<Account, Outcome> {
    let credential = job
        .work
        .credential
        .ok_or_else(|| Outcome::hopeless("Haier is read with a credential of the tenant's own"))?;
    Account::read(credential)
}
