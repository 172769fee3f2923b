//! The public API, as far as a sync needs it.

use std::time::Duration;

use anyhow::{Context, anyhow};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

use super::reach::Reached;

/// The longest an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A caller with an API key.
pub struct Api {
    client: reqwest::Client,
    url: String,
}

/// Why a sync was not started.
pub enum Refusal {
    /// The request is wrong; the text says what to change.
    Usage(String),
    /// Anything else.
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl Api {
    pub fn new(reached: &Reached) -> anyhow::Result<Self> {
        let mut headers = reqwest::header::HeaderMap::new();
        let mut key: reqwest::header::HeaderValue = reached
            .api_key
            .parse()
            .context("the API key is no header value")?;
        key.set_sensitive(true);
        headers.insert("x-api-key", key);
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(PATIENCE)
            .build()?;
        Ok(Self {
            client,
            url: reached.url.clone(),
        })
    }

    /// Starts a sync; its log.
    pub async fn start(&self, source: &str, body: &Value) -> Result<Value, Refusal> {
        let url = format!("{}/api/v1/sync/{source}", self.url);
        let (status, body) = self.answer(self.client.post(url).json(body)).await?;
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            return Err(Refusal::Usage(wrong(&body)));
        }
        Ok(good(status, body)?)
    }

    /// How a sync stands.
    pub async fn log(&self, id: &str) -> anyhow::Result<Value> {
        let (status, body) = self.answer(self.client.get(self.log_address(id))).await?;
        good(status, body)
    }

    /// Where a sync can be looked at.
    pub fn log_address(&self, id: &str) -> String {
        format!("{}/api/v1/sync-logs/{id}", self.url)
    }

    async fn answer(&self, request: RequestBuilder) -> anyhow::Result<(StatusCode, Value)> {
        let answer = request
            .send()
            .await
            .with_context(|| format!("nothing answers at {}", self.url))?;
        let status = answer.status();
        let body = answer.json().await;
        Ok((status, body.unwrap_or(Value::Null)))
    }
}

fn good(status: StatusCode, body: Value) -> anyhow::Result<Value> {
    if status.is_success() {
        return Ok(body);
    }
    let told = body["detail"].as_str().or(body["title"].as_str());
    Err(match told {
        Some(told) => anyhow!("{told}"),
        None => anyhow!("the installation answered {status}"),
    })
}

/// A line for each part of the request that is wrong.
fn wrong(problem: &Value) -> String {
    let errors = problem["errors"].as_array().into_iter().flatten();
    let text = |error: &Value, key: &str| error[key].as_str().unwrap_or_default().to_owned();
    let lines: Vec<String> = errors
        .map(|error| format!("{}: {}", text(error, "field"), text(error, "message")))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refusals_are_told_in_the_installations_words() {
        let body = json!({"title": "Conflict", "detail": "A full sync runs."});
        let told = good(StatusCode::CONFLICT, body).expect_err("refused");
        assert_eq!(told.to_string(), "A full sync runs.");
        let odd = good(StatusCode::BAD_GATEWAY, Value::Null).expect_err("refused");
        assert!(odd.to_string().contains("502"));
        let body = json!({"errors": [{"field": "codes[0]", "message": "is no code"},
                                     {"field": "brand", "message": "leave it out"}]});
        assert_eq!(wrong(&body), "codes[0]: is no code\nbrand: leave it out");
    }
}
