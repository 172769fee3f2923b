//! What the crawler takes from the configuration.

use std::time::Duration;

use chrono::TimeDelta;
use domain::source::Source;

use crate::rules::sync::Clock;

/// The crawler's figures.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a worker owns what it was given.
    pub lease: TimeDelta,
    /// How often workers may begin with a target and be lost before its round has failed.
    pub max_openings: i16,
    /// How often a dispatcher looks when nothing wakes it.
    pub claim_interval: Duration,
    /// Targets of one priority claimed at once, at most.
    pub claim_batch: u32,
    /// How much work may be under way, as time at the source's speed.
    pub window: TimeDelta,
    /// Events applied at once. Those of one listing wait for each other on its row; the others overlap their commits.
    pub event_concurrency: u16,
    /// The longest somebody waits for most sources.
    pub live_timeout: Duration,
    /// The longest somebody waits for a slow one: shortly before the HTTP request would be ended.
    pub live_longest: Duration,
    /// How many of a tenant's people and programs may wait for it at once.
    pub live_per_tenant: usize,
    /// Failures in a row, for reasons of its own, after which a target is told of.
    pub trouble_after: i32,
    /// How long crawls that are over are kept.
    pub keep_crawls: TimeDelta,
    /// How many crawls a tenant may watch live at once.
    pub streams_per_tenant: usize,
    /// Items of a full task, by source.
    task_items: Vec<(Source, u32)>,
    /// How long sources are left alone between two requests.
    pub gaps: Gaps,
    /// How long logs of syncs are kept.
    pub sync_log: TimeDelta,
    /// How often catalogues are synced by the clock.
    pub sync_clock: Clock,
    /// So many left or fewer are nearly gone.
    pub low_stock: i32,
    /// What each plan weighs against the others.
    weights: Vec<(&'static str, u32)>,
}

/// The mean gap between two requests of each source as configured, in milliseconds.
#[derive(Debug, Clone)]
pub struct Gaps(std::sync::Arc<[(Source, u64)]>);

impl Gaps {
    fn read(sources: &config::Sources) -> Self {
        let gap = |source: Source| {
            let number = |key| sources.number(source.as_str(), key);
            let (least, most) = (number("jitter_min_ms"), number("jitter_max_ms"));
            let both = least.unwrap_or(0) + most.unwrap_or(0);
            (source, u64::try_from(both / 2).unwrap_or(0))
        };
        Self(connectors::sources().map(gap).collect())
    }

    /// Of one source.
    #[must_use]
    pub fn of(&self, source: Source) -> u64 {
        let known = self.0.iter().find(|(of, _)| *of == source);
        known.map_or(0, |(_, gap)| *gap)
    }
}

impl Settings {
    /// From the sections `[crawl]`, `[http]` and `[sources]`.
    #[must_use]
    pub fn of(config: &config::Config) -> Self {
        let crawl = &config.crawl;
        Self {
            lease: seconds(crawl.lease_seconds),
            max_openings: i16::try_from(crawl.max_openings).unwrap_or(i16::MAX),
            claim_interval: Duration::from_millis(crawl.claim_interval_ms),
            claim_batch: crawl.claim_batch,
            window: seconds(crawl.window_seconds),
            event_concurrency: config.amqp.event_concurrency,
            live_timeout: Duration::from_secs(crawl.preview_timeout_seconds),
            live_longest: Duration::from_secs(config.http.timeout_seconds.saturating_sub(2)),
            live_per_tenant: usize::try_from(crawl.live_per_tenant).unwrap_or(usize::MAX),
            trouble_after: i32::try_from(crawl.trouble_after).unwrap_or(i32::MAX),
            keep_crawls: TimeDelta::days(crawl.keep_crawls_days.into()),
            streams_per_tenant: usize::try_from(crawl.streams_per_tenant).unwrap_or(usize::MAX),
            task_items: connectors::sources()
                .map(|source| {
                    let batch = config.sources.number(source.as_str(), "batch");
                    let batch = batch.and_then(|items| u32::try_from(items).ok());
                    (source, batch.unwrap_or(1).min(crawl.task_items))
                })
                .collect(),
            gaps: Gaps::read(&config.sources),
            sync_log: days(config.sync.log_days),
            sync_clock: Clock {
                full: every(config.sync.full_hours.saturating_mul(3_600)),
                incremental: every(config.sync.incremental_minutes.saturating_mul(60)),
            },
            low_stock: i32::try_from(config.sync.low_stock).unwrap_or(i32::MAX),
            weights: vec![
                ("free", crawl.weight_free),
                ("pro", crawl.weight_pro),
                ("enterprise", crawl.weight_enterprise),
            ],
        }
    }

    /// What a tenant of `plan` weighs against the others; an unknown plan weighs 1.
    #[must_use]
    pub fn weight(&self, plan: &str) -> u32 {
        let known = self.weights.iter().find(|(of, _)| *of == plan);
        known.map_or(1, |(_, weight)| *weight)
    }

    /// Items of a full task of `source`.
    #[must_use]
    pub fn task_items(&self, source: Source) -> u32 {
        let known = self.task_items.iter().find(|(of, _)| *of == source);
        known.map_or(1, |(_, items)| *items)
    }
}

fn days(count: u64) -> TimeDelta {
    seconds(count.saturating_mul(86_400))
}

/// 0 is never.
fn every(count: u64) -> Option<TimeDelta> {
    (count > 0).then(|| seconds(count))
}

fn seconds(count: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(count).unwrap_or(i64::MAX / 1000))
}
