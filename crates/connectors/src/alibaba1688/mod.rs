//! 1688's open platform, read with a tenant's own credential.
//!
//! Sources of the formats: the platform's API pages (open.1688.com), public clients and recorded
//! answers. What an answer is shows in its shape, whichever call was made.

mod about;
mod account;
mod answer;
#[cfg(test)]
mod cases;
mod client;
mod detail;
mod fields;
mod mapping;
mod price;
mod product;
mod relation;
mod search;
mod settings;
pub mod sign;
mod text;

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::Utc;
use domain::source::Source;
use egress::Urgency;
use futures::{StreamExt, stream};

use account::Account;
use client::{Client, Trouble};
use search::{Found, Query};

use crate::{
    About, Connector, Credential, Executor, Hits, Job, LeaseLost, Outcome, Progress, ReadCx,
    Search, Target, Work,
};

pub use about::ABOUT;
pub use settings::{Detail, Settings};

/// The name.
pub const SOURCE: Source = Source::named("alibaba1688");

/// The offer that a credential is tried with. Nobody needs it to exist: that the platform looks for
/// it shows that the app may ask.
const PROBE: &str = "1";

/// The connector.
#[derive(Debug)]
pub struct Alibaba1688 {
    client: Client,
    settings: Settings,
}

impl Alibaba1688 {
    /// A connector with these settings.
    pub fn new(settings: &Settings, executor: Executor) -> Self {
        Self {
            client: Client::new(settings, executor),
            settings: settings.clone(),
        }
    }

    /// What the platform says of one offer's targets.
    async fn offer(
        &self,
        offer: &str,
        targets: &[Target],
        account: &Account<'_>,
        urgency: Urgency,
    ) -> (Vec<Outcome>, Option<Outcome>) {
        let all = |outcome: &Outcome| vec![outcome.clone(); targets.len()];
        let response = match self.client.detail(offer, account, urgency).await {
            Ok(response) => response,
            Err(Trouble::Once(outcome)) => return (all(&outcome), None),
            Err(Trouble::Always(outcome)) => return (all(&outcome), Some(outcome)),
        };
        let mut outcomes = all(&Outcome::malformed("the answer does not name the product"));
        for (place, outcome) in
            mapping::read(&response.body, targets, Utc::now(), self.settings.max_skus)
        {
            outcomes[place] = outcome;
        }
        (outcomes, None)
    }
}

#[async_trait]
impl Connector for Alibaba1688 {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn read(&self, body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
        mapping::read(body, cx.targets, cx.observed_at, self.settings.max_skus)
    }

    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost> {
        let account = match Account::of(job.work.credential) {
            Ok(account) => account,
            Err(outcome) => {
                for place in 0..job.targets.len() {
                    progress.outcome(place, outcome.clone()).await?;
                }
                return Ok(());
            }
        };
        // One answer tells of an offer and all its SKUs.
        let mut offers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, target) in job.targets.iter().enumerate() {
            let (offer, _) = mapping::numbers(&target.listing.external_id);
            offers.entry(offer.to_owned()).or_default().push(place);
        }
        // What the account as a whole is refused with: the rest is told so without being asked for.
        let refused = tokio::sync::OnceCell::new();
        let asked = offers.into_iter().map(|(offer, places)| {
            let (refused, account) = (&refused, &account);
            async move {
                if let Some(outcome) = refused.get() {
                    let outcomes: Vec<Outcome> = vec![Outcome::clone(outcome); places.len()];
                    return (places, outcomes);
                }
                let targets: Vec<Target> = places
                    .iter()
                    .map(|place| job.targets[*place].clone())
                    .collect();
                let (outcomes, always) = self
                    .offer(&offer, &targets, account, job.work.urgency)
                    .await;
                if let Some(outcome) = always {
                    // Whoever was first told it first.
                    let _ = refused.set(outcome);
                }
                (places, outcomes)
            }
        });
        let mut answers = stream::iter(asked).buffer_unordered(self.client.at_once());
        while let Some((places, outcomes)) = answers.next().await {
            for (place, outcome) in places.into_iter().zip(outcomes) {
                progress.outcome(place, outcome).await?;
            }
        }
        Ok(())
    }

    async fn search(
        &self,
        search: &Search,
        work: Work<'_>,
        _: &dyn Progress,
    ) -> Result<Hits, Outcome> {
        let account = Account::of(work.credential)?;
        let query = Query::of(search)?;
        let api = match query {
            Query::Offers { .. } => &self.settings.keyword_api,
            Query::Shop { .. } => &self.settings.shop_api,
        };
        let mut found = Found::default();
        for page in 1..=self.settings.max_pages {
            let parameter = query.parameter(page, self.settings.page_size, &self.settings.language);
            let response = self
                .client
                .page(api, &parameter, &account, work.urgency)
                .await
                .map_err(Trouble::outcome)?;
            if !found.take(&response.body, search.limit, Utc::now())? {
                break;
            }
        }
        Ok(found.hits(search.limit))
    }

    async fn check(&self, credential: &Credential) -> Result<String, Outcome> {
        let account = Account::of(Some(credential))?;
        let grant = self.client.authorise(&account).await?;
        let response = self
            .client
            .detail(PROBE, &account, Urgency::High)
            .await
            .map_err(Trouble::outcome)?;
        if let Some(refusal) = answer::refusal_of(&response.body) {
            match refusal.outcome() {
                // It looked for the product, so the app may ask.
                Outcome::NotFound | Outcome::Blocked { .. } => {}
                trouble => return Err(trouble),
            }
        }
        let owner = grant
            .owner
            .unwrap_or_else(|| "an account without a name".to_owned());
        Ok(match grant.refresh_until {
            Some(until) => format!("authorised by {owner}; the refresh token ends {until}"),
            None => format!("authorised by {owner}"),
        })
    }

    #[cfg(test)]
    fn cases(&self) -> Option<crate::conformance::Cases> {
        Some(cases::cases())
    }
}
