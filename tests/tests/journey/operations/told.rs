//! What processes tell whoever watches them: logs name the tenant of a request, metrics never do.

use anyhow::{Context, ensure};

use super::cases;
use super::scene::Scene;
use crate::{one_process, told};

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
        // What is kept in Redis of a tenant's answers stands under the tenant's id.
        let own: Vec<_> = installation.redis().await?;
        for (key, held) in &own {
            let held = String::from_utf8_lossy(held);
            ensure!(
                !held.contains(&tenant) || key.contains(&tenant),
                "{key} holds what is a tenant's and is not named after it"
            );
        }
        ensure!(
            own.iter().any(|(key, _)| key.contains(&tenant)),
            "no answer was kept under the tenant's id"
        );
        Ok(())
    })
    .await
}
