//! Doing syncs of catalogues: from what is asked for to the crawl that reads it.
//!
//! A sync is a row with a phase. Its searches are runs of monitors that people do not see, what they list is crawled as
//! everything else is, so that whoever is killed in between leaves work that goes on. Here is what happens between:
//! choosing what to read, and turning what was listed into a crawl.

use std::time::Duration;

use bus::topology::Priority;
use chrono::{DateTime, TimeDelta, Utc};
use connectors::{About, Ownership};
use contracts::catalog::v1::{ListWatchedRequest, Observation};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::rules::{priority, sync};
use crate::storage::sync_crawl::{self, Becoming};
use crate::storage::sync_work::{self, Item, Named, Work};
use crate::storage::{payers, sync_end};
use crate::wake::Wake;

/// How often work is looked for when nothing wakes us, and the least time between two looks: whatever becomes due wakes
/// us, too.
const EVERY: Duration = Duration::from_secs(2);
const AT_MOST_EVERY: Duration = Duration::from_millis(100);
/// How long one of us has a sync to itself: longer than core takes to name 10,000 listings.
const OURS: TimeDelta = TimeDelta::seconds(120);
/// When a sync that could not go on is tried again.
const AGAIN: TimeDelta = TimeDelta::seconds(5);

/// Does what is asked of catalogues. Several may run.
pub(crate) struct Syncs {
    pub(crate) pool: SystemPool,
    pub(crate) catalog: Catalog,
    pub(crate) wake: Wake,
    /// So many left or fewer are nearly gone.
    pub(crate) low_stock: i32,
}

/// Why a sync could not go on yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Hindered {
    /// Core is away, or refuses us.
    #[error("core does not answer: {0}")]
    Core(#[from] tonic::Status),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Syncs {
    /// Works until `stop`. Failures are logged and tried again.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut woken = self.wake.subscribe();
        while !stop.is_cancelled() {
            match self.pass(Utc::now()).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a sync does not go on yet"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
                _ = woken.changed() => tokio::time::sleep(AT_MOST_EVERY).await,
            }
        }
        Ok(())
    }

    /// Takes one sync a step further; false: none waits.
    pub(crate) async fn pass(&self, now: DateTime<Utc>) -> Result<bool, Hindered> {
        let tx = SystemTx::begin(&self.pool).await?;
        let work = sync_work::claim(&tx, now, now + OURS).await?;
        tx.commit().await?;
        let Some(work) = work else { return Ok(false) };
        let named = work.source.parse().ok().and_then(connectors::about);
        let done = match (named, work.phase.as_str()) {
            // A source of a version that is not ours any more.
            (None, _) => self.end(&work, now).await,
            (Some(about), "choosing") => self.choose(about, &work, now).await,
            (Some(about), _) => self.crawl(about, &work, now).await,
        };
        if let Err(error) = done {
            let tx = SystemTx::begin(&self.pool).await?;
            sync_work::put_off(&tx, &work, now + AGAIN).await?;
            tx.commit().await?;
            return Err(error);
        }
        self.wake.now();
        Ok(true)
    }

    /// What is to be read: all that is listed, what is named, or what is likely to have moved.
    async fn choose(&self, about: &About, work: &Work, now: DateTime<Utc>) -> Result<(), Hindered> {
        if work.mode == sync::Mode::Full.as_str() {
            return self.list(about, work, now).await;
        }
        let items = if work.codes.is_empty() {
            self.likely(work, now).await?
        } else {
            self.named(work, now).await?
        };
        let tx = SystemTx::begin(&self.pool).await?;
        sync_work::add(&tx, work.tenant_id, work.id, items).await?;
        sync_work::go_on(&tx, work, "listed").await?;
        Ok(tx.commit().await?)
    }

    async fn list(&self, about: &About, work: &Work, now: DateTime<Utc>) -> Result<(), Hindered> {
        let tx = SystemTx::begin(&self.pool).await?;
        let searches = match sync::listing(about, &work.asked()) {
            Ok(Some(listing)) => vec![(work.marketplace.clone(), listing)],
            Ok(None) => sync_work::known_searches(&tx, work.tenant_id, &work.source).await?,
            // It was possible when it was asked for.
            Err(_) => Vec::new(),
        };
        if searches.is_empty() {
            sync_end::nothing_left(&tx, work, 0, now).await?;
        } else {
            sync_work::search(&tx, work, &searches, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Codes by name, as listings that the tenant watches from now on.
    async fn named(&self, work: &Work, now: DateTime<Utc>) -> Result<Vec<Item>, Hindered> {
        let bare = |code: &String| Observation {
            source: work.source.clone(),
            marketplace: work.marketplace.clone(),
            external_id: code.clone(),
            observed_at_us: now.timestamp_micros(),
            ..Observation::default()
        };
        let hits = work.codes.iter().map(bare).collect();
        let recorded = self.catalog.record_read(work.tenant_id, hits).await?;
        let named = work.codes.iter().map(|code| named(work, code));
        Ok(named
            .zip(recorded)
            .map(|(named, hit)| Item::recorded(named, hit))
            .collect())
    }

    /// Of what the tenant watches, what is likely to have moved.
    async fn likely(&self, work: &Work, now: DateTime<Utc>) -> Result<Vec<Item>, Hindered> {
        let asked = work.asked();
        let choice = asked.choice();
        let since = now - sync::RECENTLY;
        let request = ListWatchedRequest {
            tenant_id: work.tenant_id.to_string(),
            source: work.source.clone(),
            price_changed_since_unix: choice.changed_price.then(|| since.timestamp()),
            stock_at_most: choice.low_stock.then_some(self.low_stock),
            category: asked.category,
            brand: asked.brand,
            limit: sync_work::MOST.unsigned_abs(),
        };
        let watched = self.catalog.watched(request).await?;
        let item = |listing: contracts::catalog::v1::list_watched_response::Listing| Item {
            named: Named {
                marketplace: listing.marketplace,
                code: listing.external_id,
                url: listing.url,
                variant: false,
            },
            listing_id: Some(listing.id),
            reason: None,
        };
        Ok(watched.listings.into_iter().map(item).collect())
    }

    /// Turns what is listed into a crawl.
    async fn crawl(&self, about: &About, work: &Work, now: DateTime<Utc>) -> Result<(), Hindered> {
        let tx = SystemTx::begin(&self.pool).await?;
        let listed = sync_crawl::listed(&tx, work).await?;
        if listed.listings.is_empty() {
            sync_end::nothing_left(&tx, work, listed.refused, now).await?;
            return Ok(tx.commit().await?);
        }
        payers::ensure(&tx, work.tenant_id, about.source).await?;
        let (trigger, urgency) = urgency(work);
        let becoming = Becoming {
            work,
            listed: &listed,
            crawl_id: Uuid::now_v7(),
            trigger,
            priority: priority::number(urgency),
            owned: about.ownership == Ownership::Tenant,
        };
        if sync_crawl::crawl(&tx, becoming, now).await? {
            tx.commit().await?;
            tracing::info!(sync.id = %work.id, source = work.source, mode = work.mode,
                           trigger = work.trigger, listings = listed.listings.len(), "a sync is crawled");
        }
        Ok(())
    }

    async fn end(&self, work: &Work, now: DateTime<Utc>) -> Result<(), Hindered> {
        let tx = SystemTx::begin(&self.pool).await?;
        sync_end::nothing_left(&tx, work, 0, now).await?;
        Ok(tx.commit().await?)
    }
}

fn named(work: &Work, code: &str) -> Named {
    Named {
        marketplace: work.marketplace.clone(),
        code: code.to_owned(),
        url: page(work, code),
        variant: false,
    }
}

/// The page that the name alone leads to.
fn page(work: &Work, code: &str) -> String {
    let Ok(source) = work.source.parse() else {
        return String::new();
    };
    connectors::listing_url::from_id(source, &work.marketplace, code)
        .map(|listing| connectors::listing_url::page(&listing))
        .unwrap_or_default()
}

/// What somebody waits for comes before what the clock or a new credential asks for; a few named codes come at once.
fn urgency(work: &Work) -> (&'static str, Priority) {
    let asked_for = ["on_demand", "changed_price", "low_stock", "first_run"];
    match (
        asked_for.contains(&work.trigger.as_str()),
        work.codes.is_empty(),
    ) {
        (true, false) => ("manual", Priority::High),
        (true, true) => ("manual", Priority::Medium),
        (false, _) => ("schedule", Priority::Low),
    }
}
