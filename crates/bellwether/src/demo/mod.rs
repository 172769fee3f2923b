//! The demo: a tenant that tracks believable products of every source with 90 days of history.
//!
//! Everything goes the ordinary way: credentials, trackings and monitors through the API, past observations through the
//! ingest that crawls use. Loading again changes nothing.

mod api;
mod history;
mod shown;
mod sources;

use anyhow::Context;
use chrono::Utc;
use config::Config;
use http_kit::auth::Scope;
use market_sim::{Market, SimOptions};

use crate::dev::{Access, Reporter, Secrets};
use api::Api;
use shown::Shown;

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
    market_url: &str,
    secrets: &mut Secrets,
    reporter: &Reporter,
) -> anyhow::Result<Access> {
    let (tenant_id, api_key) = ensure_access(config, url, secrets).await?;
    let access = Access {
        tenant: TENANT.to_owned(),
        email: EMAIL.to_owned(),
        password: secrets.demo_password.clone(),
        api_key,
    };
    let api = Api::new(url, &access.api_key)?;
    sources::supply(&api).await?;
    let market = Market::new(SimOptions::default().seed);
    let listings = market.catalogue();

    let mut import = history::Import::connect(config, tenant_id)?;
    let now = Utc::now();
    let mut bar = reporter.bar("tracking the demo's products", listings.len() as u64);
    let mut loaded = 0;
    for listing in listings {
        let shown = Shown::of(listing, market_url)?;
        let product = api.track(&shown, INTERVAL_SECONDS).await?;
        if !api
            .has_history(product, now - chrono::Duration::days(DAYS - 2), DAYS)
            .await?
        {
            loaded += import.send(&market, &shown, now, DAYS).await?;
        }
        bar.advance(1);
    }
    drop(bar);
    sources::watch(&api).await?;
    reporter.done(&format!(
        "demo: {} products, {loaded} past observations loaded",
        listings.len()
    ));
    Ok(access)
}

/// Makes sure that the tenant, its owner and a working API key exist: the tenant's id and the key.
async fn ensure_access(
    config: &Config,
    url: &str,
    secrets: &mut Secrets,
) -> anyhow::Result<(uuid::Uuid, String)> {
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
        return Ok((demo.tenant_id, key.clone()));
    }
    let scopes = [Scope::Read, Scope::Write, Scope::Crawl, Scope::Admin];
    let key =
        user_service::operator::issue_api_key(&state, demo.tenant_id, "demo", &scopes).await?;
    secrets.demo_api_key = Some(key.clone());
    Ok((demo.tenant_id, key))
}
