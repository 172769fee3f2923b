//! The public API, as an integrator uses it.

use anyhow::{Context, ensure};
use chrono::{DateTime, Duration, Utc};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::shown::Shown;

/// A caller with an API key.
pub struct Api {
    client: reqwest::Client,
    base: String,
}

impl Api {
    /// At the installation's URL.
    pub fn new(url: &str, key: &str) -> anyhow::Result<Self> {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert(
            "x-api-key",
            key.parse().context("the API key is no header value")?,
        );
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(std::time::Duration::from_secs(30))
            .build()?;
        Ok(Self {
            client,
            base: format!("{url}/api/v1"),
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Whether the key is still good.
    pub async fn works(&self) -> anyhow::Result<bool> {
        let answer = self.request(Method::GET, "/tenant").send().await?;
        Ok(answer.status().is_success())
    }

    /// Supplies what a source is read with. It is tried at once, and has to work.
    pub async fn supply(&self, source: &str, fields: Value) -> anyhow::Result<()> {
        let path = format!("/sources/{source}/credential");
        let request = self
            .request(Method::PUT, &path)
            .json(&json!({ "fields": fields }));
        let credential = good(request, &path).await?;
        ensure!(
            credential["status"] == "works",
            "the credential of {source} does not work: {}",
            credential["message"]
        );
        Ok(())
    }

    /// Tracks a product, if it is not tracked yet; its product id.
    pub async fn track(&self, shown: &Shown<'_>, interval_seconds: u32) -> anyhow::Result<i64> {
        let tag = &shown.listing.brand;
        let mut body = json!({ "interval_seconds": interval_seconds, "tags": [tag] });
        match &shown.url {
            Some(url) => body["url"] = url.as_str().into(),
            None => {
                body["source"] = shown.name.source.as_str().into();
                body["marketplace"] = shown.name.marketplace.as_str().into();
                body["external_id"] = shown.name.external_id.as_str().into();
            }
        }
        let request = self.request(Method::POST, "/trackings").json(&body);
        let tracking = good(request, &shown.listing.key.to_string()).await?;
        tracking["product_id"]
            .as_i64()
            .context("a tracking without product_id")
    }

    /// Whether the product's price is known from before `instant`, looking back so many days.
    pub async fn has_history(
        &self,
        product: i64,
        instant: DateTime<Utc>,
        days: i64,
    ) -> anyhow::Result<bool> {
        let path = format!("/products/{product}/history");
        let request = self.request(Method::GET, &path).query(&[
            ("metric", "price".to_owned()),
            ("from", (instant - Duration::days(days)).to_rfc3339()),
            ("to", instant.to_rfc3339()),
        ]);
        let history = good(request, &path).await?;
        Ok(history["metrics"]["price"]["t"]
            .as_array()
            .is_some_and(|times| !times.is_empty()))
    }

    /// Makes sure that there is a monitor of this name.
    pub async fn monitor(&self, monitor: Value) -> anyhow::Result<()> {
        let known = good(self.request(Method::GET, "/monitors"), "/monitors").await?;
        let same = |item: &Value| item["name"] == monitor["name"];
        if known["items"]
            .as_array()
            .is_some_and(|items| items.iter().any(same))
        {
            return Ok(());
        }
        let request = self.request(Method::POST, "/monitors").json(&monitor);
        good(request, "/monitors").await.map(drop)
    }

    /// Sets the scheduler, unless somebody has said what to search for.
    pub async fn schedule(&self, setting: Value) -> anyhow::Result<()> {
        let known = good(self.request(Method::GET, "/scheduler"), "/scheduler").await?;
        if known["keywords"]
            .as_array()
            .is_some_and(|words| !words.is_empty())
        {
            return Ok(());
        }
        let request = self.request(Method::PUT, "/scheduler").json(&setting);
        good(request, "/scheduler").await.map(drop)
    }
}

/// The body of an answer that must be a success.
async fn good(request: RequestBuilder, what: &str) -> anyhow::Result<Value> {
    let answer = request.send().await?;
    let status = answer.status();
    let body: Value = answer.json().await?;
    ensure!(status.is_success(), "{what} answered {status}: {body}");
    Ok(body)
}
