//! The simulated markets' controls.

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What the simulated Apify takes for a token.
const APIFY_TOKEN: &str = "sim-apify-token";

/// The outside world of one installation.
#[derive(Clone)]
pub struct Market {
    client: reqwest::Client,
    base: String,
}

impl Market {
    /// At `base`, as `up.json` tells it.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self {
            client: reqwest::Client::new(),
            base: base.to_owned(),
        }
    }

    /// Creates or changes a listing; `changes` holds any of price, stock, rank, rating, reviews, available.
    pub async fn set(
        &self,
        source: &str,
        marketplace: &str,
        external_id: &str,
        changes: Value,
    ) -> anyhow::Result<Value> {
        self.control("set", source, marketplace, external_id, changes)
            .await
    }

    /// Serves `body` verbatim for a listing.
    pub async fn sample(
        &self,
        source: &str,
        marketplace: &str,
        external_id: &str,
        body: Value,
    ) -> anyhow::Result<Value> {
        self.control(
            "sample",
            source,
            marketplace,
            external_id,
            json!({ "body": body }),
        )
        .await
    }

    /// What a source was asked since the last [`Market::forget_requests`], in order of arrival.
    pub async fn requests(&self, source: &str) -> anyhow::Result<Vec<Value>> {
        let url = format!("{}/_control/requests?source={source}", self.base);
        let answer = self.client.get(url).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    /// The pages that each run of an Amazon actor was started with, of those started at `since` or later.
    pub async fn runs_since(&self, since: DateTime<Utc>) -> anyhow::Result<Vec<Vec<String>>> {
        let runs = self.apify("actor-runs?desc=true&limit=1000").await?;
        let items = runs["data"]["items"].as_array().context("a list of runs")?;
        let mut pages = Vec::new();
        for run in items {
            let started = run["startedAt"].as_str().context("a start")?;
            if DateTime::parse_from_rfc3339(started)? < since {
                continue;
            }
            let store = run["defaultKeyValueStoreId"].as_str().context("a store")?;
            let input = self
                .apify(&format!("key-value-stores/{store}/records/INPUT"))
                .await?;
            // Actors that search have other inputs.
            let urls = input["categoryOrProductUrls"].as_array();
            let urls = urls.into_iter().flatten();
            pages.push(
                urls.filter_map(|url| url["url"].as_str().map(ToOwned::to_owned))
                    .collect(),
            );
        }
        Ok(pages)
    }

    async fn apify(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self
            .client
            .get(format!("{}/apify/v2/{path}", self.base))
            .bearer_auth(APIFY_TOKEN)
            .send()
            .await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Begins a new log of requests.
    pub async fn forget_requests(&self) -> anyhow::Result<()> {
        let url = format!("{}/_control/requests", self.base);
        self.client.delete(url).send().await?.error_for_status()?;
        Ok(())
    }

    /// The next `count` requests to `source` fail with `kind`.
    pub async fn fault(&self, source: &str, kind: &str, count: u32) -> anyhow::Result<()> {
        self.order(json!({ "source": source, "kind": kind, "count": count }))
            .await
    }

    /// The next request to `source` is asked to come back after so many seconds.
    pub async fn ask_to_wait(&self, source: &str, seconds: u32) -> anyhow::Result<()> {
        self.order(json!({ "source": source, "kind": "429", "count": 1, "retry_after": seconds }))
            .await
    }

    async fn order(&self, body: Value) -> anyhow::Result<()> {
        let answer = self
            .client
            .post(format!("{}/_control/fault", self.base))
            .json(&body)
            .send()
            .await?;
        ensure!(
            answer.status().is_success(),
            "fault answered {}",
            answer.text().await?
        );
        Ok(())
    }

    async fn control(
        &self,
        action: &str,
        source: &str,
        marketplace: &str,
        external_id: &str,
        mut body: Value,
    ) -> anyhow::Result<Value> {
        body["source"] = source.into();
        body["marketplace"] = marketplace.into();
        body["external_id"] = external_id.into();
        let answer = self
            .client
            .post(format!("{}/_control/{action}", self.base))
            .json(&body)
            .send()
            .await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{action} answered {status}: {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}
