//! Any product page: what it says of itself in structured data, and what a person sees.
//!
//! A page is read in five ways ([`finding::Strategy`]), each by pure functions over its text. How
//! far each is trusted and whether they agree is told; which one counts is a person's choice, or
//! the most trusted while those made for programs agree on the price.

mod about;
mod address;
mod availability;
#[cfg(test)]
mod cases;
mod country;
mod decide;
mod decode;
mod fetch;
mod finding;
mod html;
mod locale;
mod memo;
mod open_graph;
mod page;
mod price;
mod query;
mod rating;
mod readers;
mod reading;
mod refusal;
mod robots;
mod schema;
mod settings;
mod text;
mod visible;

use async_trait::async_trait;
use chrono::Utc;
use domain::source::Source;
use egress::Urgency;
use futures::StreamExt;
use url::Url;

use crate::preview::Preview;
use crate::{
    About, Connector, Executor, Job, LeaseLost, Outcome, Progress, ReadCx, Reader, Target,
};
use fetch::{Fetched, Fetcher};
use memo::Memo;
use reading::Reading;

pub use about::ABOUT;
pub use settings::Settings;

/// The name.
pub const SOURCE: Source = Source::named("web");

/// Pages of one task under way at once; a host's own limit is the executor's.
const AT_ONCE: usize = 8;

/// The connector.
#[derive(Debug)]
pub struct Web {
    fetcher: Fetcher,
}

impl Web {
    /// A connector with these settings.
    pub fn new(settings: &Settings, executor: Executor) -> Self {
        Self {
            fetcher: Fetcher::new(executor, settings.agent()),
        }
    }

    /// One target from address to outcome, and what to keep of it.
    async fn look(&self, target: &Target, urgency: Urgency) -> (Outcome, Option<Vec<u8>>) {
        let Some(url) = address::fetchable(&target.listing, &target.url) else {
            let reason =
                "only the beginning of this page's address is known; track it by its full address";
            return (Outcome::hopeless(reason), None);
        };
        let memo = Memo::read(target);
        match self.fetcher.fetch(&url, memo.as_ref(), urgency).await {
            Ok(None) => {
                let again = memo.map(|memo| memo.again(&target.listing, Utc::now()));
                let kept = Some(target.memo.clone());
                (
                    again.unwrap_or_else(|| Outcome::malformed("unchanged since nothing")),
                    kept,
                )
            }
            Ok(Some(Fetched { response, url })) => {
                let read = read(
                    &response.body,
                    response.header("content-type"),
                    &url,
                    target,
                )
                .await;
                let outcome = match read {
                    Ok(reading) => {
                        let chosen = target.strategy.as_deref();
                        decide::outcome(&reading, &target.listing, chosen, Utc::now())
                    }
                    Err(outcome) => outcome,
                };
                let kept = Memo::of(&response, url.as_str(), target, &outcome);
                (outcome, kept)
            }
            Err(outcome) => (outcome, None),
        }
    }
}

/// Reads a page away from the threads that wait for answers: a large one takes its time.
async fn read(
    body: &bytes::Bytes,
    kind: Option<&str>,
    url: &Url,
    target: &Target,
) -> Result<Reading, Outcome> {
    let (body, kind, url) = (body.clone(), kind.map(str::to_owned), url.clone());
    let marketplace = target.listing.marketplace.clone();
    let reading = move || Reading::of(&decode::decode(&body, kind.as_deref()), &url, &marketplace);
    tokio::task::spawn_blocking(reading)
        .await
        .map_err(|_| Outcome::malformed("the page could not be read"))
}

#[async_trait]
impl Connector for Web {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    #[cfg(test)]
    fn cases(&self) -> Option<crate::conformance::Cases> {
        Some(cases::cases())
    }

    fn readers(&self) -> Vec<Reader> {
        readers::all()
    }

    fn read(&self, body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
        // A page is about one product.
        let read = |target: &Target| {
            let url = address::fetchable(&target.listing, &target.url);
            let Some(url) = url else {
                return Outcome::hopeless("its address is not known");
            };
            let reading = Reading::of(
                &decode::decode(body, None),
                &url,
                &target.listing.marketplace,
            );
            let chosen = target.strategy.as_deref();
            decide::outcome(&reading, &target.listing, chosen, cx.observed_at)
        };
        cx.targets
            .iter()
            .take(1)
            .map(|target| (0, read(target)))
            .collect()
    }

    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost> {
        let look = async |place, target| (place, self.look(target, job.work.urgency).await);
        let looks: Vec<_> = job
            .targets
            .iter()
            .enumerate()
            .map(|(place, target)| look(place, target))
            .collect();
        let mut outcomes = futures::stream::iter(looks).buffer_unordered(AT_ONCE);
        while let Some((place, (outcome, memo))) = outcomes.next().await {
            if let Some(memo) = memo {
                progress.remember(place, memo).await;
            }
            progress.outcome(place, outcome).await?;
        }
        Ok(())
    }

    async fn preview(&self, url: &Url) -> Result<Option<Preview>, Outcome> {
        let listing = address::listing(url)
            .ok_or_else(|| Outcome::hopeless("this is not the address of a public page"))?;
        let mut target = Target::new(listing);
        target.url = url.to_string();
        let start = address::fetchable(&target.listing, &target.url)
            .ok_or_else(|| Outcome::hopeless("its address is not known"))?;
        let fetched = self.fetcher.fetch(&start, None, Urgency::High).await?;
        let Some(Fetched {
            response,
            url: last,
        }) = fetched
        else {
            return Err(Outcome::malformed(
                "the shop says the page is unchanged, unasked",
            ));
        };
        let reading = read(
            &response.body,
            response.header("content-type"),
            &last,
            &target,
        )
        .await?;
        decide::preview(&reading, &target.listing, Utc::now()).map(Some)
    }
}
