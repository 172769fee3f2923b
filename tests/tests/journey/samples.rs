//! Recorded upstream answers, served verbatim, end as products with the values they hold. The recordings are not part
//! of the repository; the tests read them where they exist.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use journey_tests::installation::root;
use serde_json::{Value, json};

use crate::{one_process, told};

const LIMIT: Duration = Duration::from_secs(30);

/// The recording of that name, if recordings are here.
fn sample(name: &str) -> anyhow::Result<Option<Value>> {
    let folder: PathBuf = root().join("../shared/upstreams/samples");
    if !folder.exists() {
        return Ok(None);
    }
    let path = folder.join(name);
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    Ok(Some(serde_json::from_str(&text)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_amazon_item_is_shown_with_its_values() -> anyhow::Result<()> {
    let Some(item) = sample("apify-junglee-item.json")? else {
        return Ok(());
    };
    let installation = one_process().await?;
    told(&installation, async {
        let (api, market) = (installation.demo(), installation.market());
        let asin = item["asin"].as_str().context("no asin")?;
        market.sample("amazon", "AU", asin, item.clone()).await?;
        let product = api.track("amazon", "AU", asin).await?;
        let seen = api.observed(product, LIMIT).await?;
        ensure!(seen["title"] == item["title"], "{seen}");
        ensure!(seen["brand"] == item["brand"], "{seen}");
        // The recording says "$": on amazon.com.au that is the Australian dollar.
        ensure!(
            seen["price"] == json!({ "amount": "39.95", "currency": "AUD" }),
            "{seen}"
        );
        ensure!(seen["list_price"].is_null(), "{seen}");
        ensure!(seen["rating"].as_f64() == item["stars"].as_f64(), "{seen}");
        ensure!(seen["review_count"] == item["reviewsCount"], "{seen}");
        ensure!(
            seen["in_stock"] == true && seen["availability"] == "in_stock",
            "{seen}"
        );
        let ranks = item["bestsellerRanks"]
            .as_array()
            .context("no ranks in the recording")?;
        for (shown, recorded) in seen["ranks"]
            .as_array()
            .context("no ranks")?
            .iter()
            .zip(ranks)
        {
            ensure!(
                shown["rank"] == recorded["rank"] && shown["category"] == recorded["category"],
                "{shown} {recorded}"
            );
        }
        ensure!(seen["rank"] == ranks[0]["rank"], "{seen}");
        ensure!(
            seen["features"].as_array().map(Vec::len) == item["features"].as_array().map(Vec::len),
            "{seen}"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_popmart_products_are_shown_with_their_values() -> anyhow::Result<()> {
    // The three recordings are of one product, so each is served in a shop of its own.
    let cases = [
        (
            "popmart-v1-productDetails.json",
            "US",
            json!({ "amount": "27.99", "currency": "USD" }),
            true,
            12,
        ),
        (
            "popmart-v1-productDetails-soldout.json",
            "GB",
            json!({ "amount": "27.99", "currency": "USD" }),
            false,
            0,
        ),
        (
            "popmart-v1-productDetails-jpy.json",
            "JP",
            json!({ "amount": "2255", "currency": "JPY" }),
            true,
            5,
        ),
    ];
    if sample(cases[0].0)?.is_none() {
        return Ok(());
    }
    let installation = one_process().await?;
    told(&installation, async {
        let (api, market) = (installation.demo(), installation.market());
        for (name, marketplace, price, in_stock, stock) in cases {
            let reply = sample(name)?.context("the recording is gone")?;
            let id = reply["data"]["id"].as_str().context("no id")?.to_owned();
            market
                .sample("popmart", marketplace, &id, reply.clone())
                .await?;
            let product = api.track("popmart", marketplace, &id).await?;
            let seen = api.observed(product, LIMIT).await?;
            ensure!(seen["title"] == reply["data"]["title"], "{name}: {seen}");
            ensure!(
                seen["brand"] == reply["data"]["brand"]["name"],
                "{name}: {seen}"
            );
            ensure!(seen["price"] == price, "{name}: {seen}");
            ensure!(seen["in_stock"] == in_stock, "{name}: {seen}");
            ensure!(seen["stock_quantity"] == stock, "{name}: {seen}");
            ensure!(seen["flags"]["blind_box"] == true, "{name}: {seen}");
        }
        Ok(())
    })
    .await
}
