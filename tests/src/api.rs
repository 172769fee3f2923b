//! The public API as an integrator uses it.

use std::time::Duration;

use anyhow::{Context, ensure};
use eventsource_stream::Eventsource;
use futures::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::wait::until;

/// A caller with a credential.
#[derive(Clone)]
pub struct Api {
    client: reqwest::Client,
    base: String,
    credential: (&'static str, String),
}

/// Status, media type and body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// The media type without parameters.
    pub media_type: String,
    /// The JSON body; null when there is none.
    pub body: Value,
}

impl Api {
    /// With an API key.
    #[must_use]
    pub fn with_key(url: &str, key: &str) -> Self {
        Self {
            client: reqwest::Client::new(),
            base: url.to_owned(),
            credential: ("x-api-key", key.to_owned()),
        }
    }

    /// A new tenant and its owner, signed in.
    pub async fn register(url: &str, slug: &str) -> anyhow::Result<Self> {
        let body = json!({
            "tenant": format!("Tenant {slug}"),
            "slug": slug,
            "email": format!("owner@{slug}.example"),
            "password": "correct horse battery staple",
        });
        let answer = reqwest::Client::new()
            .post(format!("{url}/api/v1/auth/register"))
            .json(&body)
            .send()
            .await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        ensure!(
            status == StatusCode::CREATED,
            "register answered {status}: {body}"
        );
        let token = body["access_token"].as_str().context("no access_token")?;
        Ok(Self {
            client: reqwest::Client::new(),
            base: url.to_owned(),
            credential: ("authorization", format!("Bearer {token}")),
        })
    }

    /// A request with this caller's credential, below `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let (name, value) = &self.credential;
        self.client
            .request(method, format!("{}/api/v1{path}", self.base))
            .header(*name, value)
    }

    /// Sends it and reads the answer. Whoever asks too often is told when to come back, and does, as a well-behaved
    /// integrator would.
    pub async fn answer(&self, mut request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
        let answer = loop {
            let again = request.try_clone();
            let answer = request.send().await?;
            let refused = answer.status() == StatusCode::TOO_MANY_REQUESTS;
            let Some(again) = again.filter(|_| refused) else {
                break answer;
            };
            tokio::time::sleep(retry_after(&answer)?).await;
            request = again;
        };
        let status = answer.status();
        let media_type = answer
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default()
            .to_owned();
        let text = answer.text().await?;
        Ok(Answer {
            status,
            media_type,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
        })
    }

    /// Reads something that must be there.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.answer(self.request(Method::GET, path)).await?;
        ensure!(
            answer.status.is_success(),
            "GET {path} answered {}: {}",
            answer.status,
            answer.body
        );
        Ok(answer.body)
    }

    /// Posts something that must succeed.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let answer = self
            .answer(self.request(Method::POST, path).json(&body))
            .await?;
        ensure!(
            answer.status.is_success(),
            "POST {path} answered {}: {}",
            answer.status,
            answer.body
        );
        Ok(answer.body)
    }

    /// Tracks a listing; its product id.
    pub async fn track(
        &self,
        source: &str,
        marketplace: &str,
        external_id: &str,
    ) -> anyhow::Result<i64> {
        let body = json!({
            "source": source, "marketplace": marketplace, "external_id": external_id,
            // The longest: the schedule must not add observations of its own during a test.
            "interval_seconds": 604_800,
        });
        let tracking = self.post("/trackings", body).await?;
        tracking["product_id"]
            .as_i64()
            .context("a tracking without product_id")
    }

    /// Waits until the product was observed, and gives it.
    pub async fn observed(&self, product: i64, limit: Duration) -> anyhow::Result<Value> {
        until(&format!("product {product} observed"), limit, async || {
            let found = self.get(&format!("/products/{product}")).await?;
            Ok((!found["last_observed_at"].is_null()).then_some(found))
        })
        .await
    }

    /// Waits for an event of that kind on an event stream opened now; `act` runs once it is open.
    pub async fn event_after(
        &self,
        kind: &str,
        limit: Duration,
        act: impl AsyncFnOnce() -> anyhow::Result<()>,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let answer = self.request(Method::GET, "/events").send().await?;
        ensure!(
            answer.status() == StatusCode::OK,
            "events answered {}",
            answer.status()
        );
        let mut events = answer.bytes_stream().eventsource();
        act().await?;
        let found = async {
            while let Some(event) = events.next().await {
                let event = event?;
                if event.event == kind {
                    let data: Value = serde_json::from_str(&event.data)?;
                    if wanted(&data) {
                        return Ok(data);
                    }
                }
            }
            anyhow::bail!("the event stream ended")
        };
        tokio::time::timeout(limit, found)
            .await
            .with_context(|| format!("no `{kind}` event within {limit:?}"))?
    }
}

fn retry_after(answer: &reqwest::Response) -> anyhow::Result<Duration> {
    let value = answer.headers().get("retry-after");
    let value = value.context("a 429 without Retry-After")?.to_str()?;
    Ok(Duration::from_secs(value.parse()?))
}
