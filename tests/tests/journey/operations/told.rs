//! What processes tell whoever watches them: logs name the tenant of a request, metrics never do.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use journey_tests::installation::Installation;
use journey_tests::wait::until;

use super::cases;
use super::scene::Scene;
use crate::{one_process, told};

/// The longest that the cache may take to be trusted and written.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn logs_name_the_tenant_of_a_request_and_metrics_no_tenant() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let mut scene = Scene::new(&installation, "told").await?;
        scene.furnish().await?;
        for case in cases() {
            let ask = &case.asks[0];
            if ask.method == reqwest::Method::GET {
                scene.owner.ask(ask, &scene.ids).await?;
            }
        }
        let metrics = scene
            .nobody
            .send(&reqwest::Method::GET, "/metrics", None)
            .await?;
        ensure!(metrics.status.is_success(), "{metrics:?}");
        let slug = scene.ids.fill("{slug}")?;
        let mut marks: Vec<(&str, &str)> = scene.ids.marks().collect();
        marks.push(("slug", &slug));
        for (name, mark) in marks {
            ensure!(
                !metrics.text.contains(mark),
                "a metric is labelled with a tenant's {name}"
            );
        }
        let tenant = scene.ids.fill("{tenant}")?;
        let log = installation.log("bellwether")?;
        let answered = log
            .lines()
            .filter(|line| line.contains("answered") && line.contains("/api/v1/products/facets"))
            .find(|line| line.contains(&tenant));
        answered.context("no log line of a request names its tenant")?;
        Ok(())
    })
    .await
}

/// The keys of Redis under which answers about this one product are kept.
async fn kept_of(installation: &Installation, product: &str) -> anyhow::Result<BTreeSet<String>> {
    let all = installation.redis().await?;
    let about = format!(":{product}:");
    let kept = all
        .into_iter()
        .map(|(key, _)| key)
        .filter(|key| key.contains("cache:a:product:") && key.ends_with(&about));
    Ok(kept.collect())
}

/// Of a product that two tenants watch each has an answer of its own, though both ask for the very same address.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_of_two_tenants_is_kept_apart() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let first = Scene::new(&installation, "kept").await?;
        let second = Scene::new(&installation, "apart").await?;
        let asin = first.ids.fill("{asin}")?;
        let body = serde_json::json!({
            "source": "amazon", "marketplace": "US", "external_id": asin, "interval_seconds": 604_800,
        });
        let tracking = first.owner.post("/api/v1/trackings", body.clone()).await?;
        let product = tracking["product_id"].to_string();
        let also = second.owner.post("/api/v1/trackings", body).await?;
        ensure!(
            also["product_id"] == tracking["product_id"],
            "one listing for all"
        );
        let address = format!("/api/v1/products/{product}");
        let first_keys = until("what is kept for one", LIMIT, async || {
            first.owner.get(&address).await?;
            let keys = kept_of(&installation, &product).await?;
            Ok((!keys.is_empty()).then_some(keys))
        })
        .await?;
        until("what is kept for the other", LIMIT, async || {
            second.owner.get(&address).await?;
            let keys = kept_of(&installation, &product).await?;
            Ok((!keys.is_subset(&first_keys)).then_some(()))
        })
        .await?;
        Ok(())
    })
    .await
}
