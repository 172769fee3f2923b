//! Asking as somebody.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::case::Ask;
use super::ids::Ids;

/// The longest a walk waits for its turn where requests are counted.
const PATIENCE: Duration = Duration::from_secs(180);
/// Of everybody whom walks register.
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody with a credential, or without.
#[derive(Clone)]
pub struct Caller {
    client: reqwest::Client,
    base: String,
    credential: Option<(&'static str, String)>,
}

/// An answer as walks compare it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// HTTP status.
    pub status: StatusCode,
    /// The body as text; empty for a stream.
    pub text: String,
}

impl Told {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Without what names this request alone.
    pub fn compared(&self, ids: &Ids) -> (StatusCode, String) {
        let mut body = self.json();
        let text = match body.as_object_mut() {
            Some(members) => {
                members.remove("trace_id");
                body.to_string()
            }
            None => self.text.clone(),
        };
        (self.status, ids.hidden_in(&text))
    }
}

impl Caller {
    /// Nobody.
    pub fn nobody(base: &str) -> Self {
        Self {
            client: reqwest::Client::new(),
            base: base.to_owned(),
            credential: None,
        }
    }

    /// With an access token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            credential: Some(("authorization", format!("Bearer {token}"))),
            ..self.clone()
        }
    }

    /// With an API key.
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            credential: Some(("x-api-key", key.to_owned())),
            ..self.clone()
        }
    }

    /// Asks, with these ids.
    pub async fn ask(&self, ask: &Ask, ids: &Ids) -> anyhow::Result<Told> {
        let (address, body) = ask.filled(ids)?;
        let host = ask.host.map(|host| ids.fill(host)).transpose()?;
        self.send_to(host.as_deref(), &ask.method, &address, body.as_ref())
            .await
    }

    /// Asks; where requests are counted it waits for its turn.
    pub async fn send(
        &self,
        method: &Method,
        address: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Told> {
        self.send_to(None, method, address, body).await
    }

    async fn send_to(
        &self,
        host: Option<&str>,
        method: &Method,
        address: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Told> {
        let started = Instant::now();
        loop {
            let mut request = self
                .client
                .request(method.clone(), format!("{}{address}", self.base));
            if let Some((name, value)) = &self.credential {
                request = request.header(*name, value);
            }
            if let Some(host) = host {
                request = request.header("host", host);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await?;
            let status = answer.status();
            let header = |name: &str| {
                let value = answer.headers().get(name)?;
                value.to_str().ok().map(ToOwned::to_owned)
            };
            let (media, wait) = (header("content-type"), header("retry-after"));
            let seconds = wait.and_then(|text| text.parse().ok()).unwrap_or(1);
            let turn = started.elapsed() + Duration::from_secs(seconds);
            if status == StatusCode::TOO_MANY_REQUESTS && turn < PATIENCE {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                continue;
            }
            // A stream has no end to wait for.
            let streams = media.is_some_and(|media| media.starts_with("text/event-stream"));
            let text = match streams {
                true => String::new(),
                false => answer.text().await?,
            };
            return Ok(Told { status, text });
        }
    }

    /// Posts something that must succeed.
    pub async fn post(&self, address: &str, body: Value) -> anyhow::Result<Value> {
        let told = self.send(&Method::POST, address, Some(&body)).await?;
        ensure!(told.status.is_success(), "POST {address}: {told:?}");
        Ok(told.json())
    }

    /// Reads something that must be there.
    pub async fn get(&self, address: &str) -> anyhow::Result<Value> {
        let told = self.send(&Method::GET, address, None).await?;
        ensure!(told.status.is_success(), "GET {address}: {told:?}");
        Ok(told.json())
    }

    /// A new key of this caller's tenant.
    pub async fn key(&self, scope: &str) -> anyhow::Result<Self> {
        let body = json!({ "name": format!("only {scope}"), "scopes": [scope] });
        let made = self.post("/api/v1/api-keys", body).await?;
        let key = made["key"].as_str().context("a key without text")?;
        Ok(self.with_key(key))
    }
}
