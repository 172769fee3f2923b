//! The demo: a tenant that tracks believable products with 90 days of history.
//!
//! Everything goes the ordinary way: trackings through the API, past observations through the ingest that crawls use.
//! Loading again changes nothing.

mod history;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use config::Config;
use http_kit::auth::Scope;
use market_sim::{Listing, Market, SimOptions, Source};
use serde_json::{Value, json};

use crate::dev::{Access, Reporter, Secrets};

/// The demo tenant's slug.
const TENANT: &str = "demo";
/// Its owner.
const EMAIL: &str = "demo@bellwether.example";
/// How often its products are fetched, so that a visitor sees them move.
const INTERVAL_SECONDS: u32 = 300;
/// How far back its history reaches.
const DAYS: i64 = 90;

/// Makes sure that the demo is there, and says how to sign in.
pub async fn load(
    config: &Config,
    url: &str,
    secrets: &mut Secrets,
    reporter: &Reporter,
) -> anyhow::Result<Access> {
    let access = Access {
        tenant: TENANT.to_owned(),
        email: EMAIL.to_owned(),
        password: secrets.demo_password.clone(),
        api_key: ensure_access(config, url, secrets).await?,
    };
    let api = Api::new(url, &access.api_key)?;
    let market = Market::new(SimOptions::default().seed);
    // Public listings only: the others need a credential before they can be tracked.
    let listings: Vec<_> = market
        .catalogue()
        .iter()
        .filter(|listing| matches!(listing.key.source, Source::Amazon | Source::Popmart))
        .collect();

    let mut import = history::Import::connect(config)?;
    let now = Utc::now();
    let mut bar = reporter.bar("tracking the demo's products", listings.len() as u64);
    let mut loaded = 0;
    for listing in &listings {
        let product = api.track(listing).await?;
        if !api
            .has_history(product, now - chrono::Duration::days(DAYS - 2))
            .await?
        {
            loaded += import.send(&market, listing, now, DAYS).await?;
        }
        bar.advance(1);
    }
    drop(bar);
    reporter.done(&format!(
        "demo: {} products, {loaded} past observations loaded",
        listings.len()
    ));
    Ok(access)
}

/// Makes sure that the tenant, its owner and a working API key exist.
async fn ensure_access(
    config: &Config,
    url: &str,
    secrets: &mut Secrets,
) -> anyhow::Result<String> {
    let peers = crate::operator::peers(config)?;
    let state = user_service::wire(config, peers)
        .await
        .context("open identity")?;
    let demo = user_service::operator::ensure_demo(
        &state,
        TENANT,
        "Demo",
        "enterprise",
        EMAIL,
        &secrets.demo_password,
    )
    .await?;
    if let Some(key) = &secrets.demo_api_key
        && Api::new(url, key)?.works().await?
    {
        return Ok(key.clone());
    }
    let scopes = [Scope::Read, Scope::Write, Scope::Crawl, Scope::Admin];
    let key =
        user_service::operator::issue_api_key(&state, demo.tenant_id, "demo", &scopes).await?;
    secrets.demo_api_key = Some(key.clone());
    Ok(key)
}

/// The public API, as an integrator uses it.
struct Api {
    client: reqwest::Client,
    base: String,
}

impl Api {
    fn new(url: &str, key: &str) -> anyhow::Result<Self> {
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

    /// Whether the key is still good.
    async fn works(&self) -> anyhow::Result<bool> {
        Ok(self
            .client
            .get(format!("{}/tenant", self.base))
            .send()
            .await?
            .status()
            .is_success())
    }

    /// Tracks a listing, if it is not tracked yet; its product id.
    async fn track(&self, listing: &Listing) -> anyhow::Result<i64> {
        let body = json!({
            "url": listing.key.url(),
            "interval_seconds": INTERVAL_SECONDS,
            "tags": [listing.brand],
        });
        let answer = self
            .client
            .post(format!("{}/trackings", self.base))
            .json(&body)
            .send()
            .await?;
        let status = answer.status();
        let tracking: Value = answer.json().await?;
        ensure!(
            status.is_success(),
            "tracking {} answered {status}: {tracking}",
            listing.key
        );
        tracking["product_id"]
            .as_i64()
            .context("a tracking without product_id")
    }

    /// Whether the product's price is known from before `instant`.
    async fn has_history(&self, product: i64, instant: DateTime<Utc>) -> anyhow::Result<bool> {
        let answer = self
            .client
            .get(format!("{}/products/{product}/history", self.base))
            .query(&[
                ("metric", "price".to_owned()),
                (
                    "from",
                    (instant - chrono::Duration::days(DAYS)).to_rfc3339(),
                ),
                ("to", instant.to_rfc3339()),
            ])
            .send()
            .await?
            .error_for_status()?;
        let history: Value = answer.json().await?;
        Ok(history["metrics"]["price"]["t"]
            .as_array()
            .is_some_and(|times| !times.is_empty()))
    }
}
