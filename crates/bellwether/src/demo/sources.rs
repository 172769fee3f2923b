//! What the demo's tenant supplies to read sources with, and what it has looked for.

use serde_json::json;

use super::api::Api;

/// Working credentials of the simulated distributor and wholesale platform.
pub async fn supply(api: &Api) -> anyhow::Result<()> {
    let haier = json!({
        "client_id": market_sim::HAIER_CLIENT_ID,
        "client_secret": market_sim::HAIER_CLIENT_SECRET,
        "customer_code": market_sim::HAIER_CUSTOMER,
        "send_to_code": market_sim::HAIER_CUSTOMER,
        "password": market_sim::HAIER_PASSWORD,
        "county_code": market_sim::HAIER_COUNTY,
    });
    api.supply("haier", haier).await?;
    let alibaba1688 = json!({
        "app_key": market_sim::ALIBABA1688_APP_KEY,
        "app_secret": market_sim::ALIBABA1688_APP_SECRET,
        "refresh_token": market_sim::ALIBABA1688_REFRESH_TOKEN,
    });
    api.supply("alibaba1688", alibaba1688).await
}

/// Standing searches, so that a visitor sees hits, and a scheduler to start.
pub async fn watch(api: &Api) -> anyhow::Result<()> {
    api.monitor(json!({
        "name": "Bluetooth headphones", "source": "amazon", "kind": "keyword",
        "term": "bluetooth headphones", "marketplace": "US", "alert": true,
    }))
    .await?;
    api.monitor(json!({
        "name": "PopMart: new arrivals", "source": "popmart", "kind": "new_arrivals",
        "marketplace": "US", "alert": true,
    }))
    .await?;
    // Ready to be started; not started, so that nothing happens that a visitor did not ask for.
    api.schedule(json!({
        "enabled": false, "keywords": ["moonlet", "dumpling"], "interval_seconds": 3600,
    }))
    .await
}
