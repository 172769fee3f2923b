use std::time::Duration;

use anyhow::{Context, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use journey_tests::installation::Installation;
use journey_tests::wait::until;
use sea_orm::sqlx::{self, Connection, Row};
use serde_json::json;

use crate::one_process::a_falling_price_is_told;
use crate::told;

/// How many targets the interrupted crawl has.
const TARGETS: usize = 500;

#[tokio::test(flavor = "multi_thread")]
async fn four_processes_do_the_same_job_and_survive_a_killed_worker() -> anyhow::Result<()> {
    let _alone = crate::FOUR_PROCESSES.lock().await;
    let installation = Installation::start("services").await?;
    told(&installation, async {
        let (api, market) = (installation.demo(), installation.market());
        a_falling_price_is_told(&api, &market, "B0JRNY0003").await?;
        one_trace_leads_through_all_processes(&installation).await?;

        let products: Vec<i64> = stream::iter(0..TARGETS)
            .map(|number| {
                let (api, market) = (api.clone(), market.clone());
                async move {
                    let asin = format!("B0KILL{number:04}");
                    market
                        .set(
                            "amazon",
                            "US",
                            &asin,
                            json!({ "price": "10.00", "available": true }),
                        )
                        .await?;
                    api.track("amazon", "US", &asin).await
                }
            })
            .buffer_unordered(8)
            .try_collect()
            .await?;
        let database = installation.text("database_url").to_owned();
        until(
            "every product's first observation",
            Duration::from_secs(120),
            async || {
                let counts = observations(&database, &products).await?;
                Ok((counts.len() == TARGETS).then_some(()))
            },
        )
        .await?;
        let before = observations(&database, &products).await?;

        let worker = installation.pid("worker")?;
        let crawl = api
            .post("/crawl/manual", json!({ "product_ids": products }))
            .await?;
        let id = crawl["crawl_id"]
            .as_str()
            .or(crawl["id"].as_str())
            .context("no crawl id")?
            .to_owned();
        until("the crawl's middle", Duration::from_secs(60), async || {
            let now: i64 = observations(&database, &products)
                .await?
                .iter()
                .map(|(_, count)| count)
                .sum();
            let first: i64 = before.iter().map(|(_, count)| count).sum();
            Ok((now > first).then_some(()))
        })
        .await?;
        installation.kill("worker")?;
        until("a new worker", Duration::from_secs(30), async || {
            Ok(installation.pid("worker").ok().filter(|pid| *pid != worker))
        })
        .await?;

        let ended = until("the crawl's end", Duration::from_secs(180), async || {
            let found = api.get(&format!("/crawls/{id}")).await?;
            Ok((found["status"] != "running" && found["status"] != "idle").then_some(found))
        })
        .await?;
        ensure!(
            ended["status"] == "completed" && ended["succeeded"] == TARGETS,
            "{ended}"
        );
        let after = observations(&database, &products).await?;
        for ((product, first), (same, second)) in before.iter().zip(&after) {
            ensure!(product == same, "the same products in the same order");
            ensure!(
                *second == first + 1,
                "product {product} was observed {} times by one crawl",
                second - first
            );
        }
        Ok(())
    })
    .await
}

/// The caller's trace is found where the request came in, where it was fetched and where it was ingested.
async fn one_trace_leads_through_all_processes(installation: &Installation) -> anyhow::Result<()> {
    let trace = uuid::Uuid::new_v4().simple().to_string();
    let api = installation.demo();
    installation
        .market()
        .set("amazon", "US", "B0JRNY0004", json!({ "price": "7.00" }))
        .await?;
    let request = api
        .request(reqwest::Method::POST, "/trackings")
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .json(&json!({ "source": "amazon", "marketplace": "US", "external_id": "B0JRNY0004" }));
    ensure!(api.answer(request).await?.status == 201, "tracked");
    for (process, message) in [
        ("gateway", "answered"),
        ("core-service", "answered"),
        ("worker", "crawling"),
        ("core-service", "observations accepted"),
    ] {
        until(
            &format!("`{message}` of {process} under the caller's trace"),
            Duration::from_secs(25),
            async || {
                let log = installation.log(process)?;
                Ok(log
                    .lines()
                    .any(|line| line.contains(&trace) && line.contains(message))
                    .then_some(()))
            },
        )
        .await?;
    }
    Ok(())
}

/// How many instants history holds of each product, in order of products.
async fn observations(database: &str, products: &[i64]) -> anyhow::Result<Vec<(i64, i64)>> {
    let mut connection = sqlx::PgConnection::connect(database).await?;
    let rows = sqlx::query(
        "select listing_id, count(*) from catalog.history where listing_id = any($1) group by 1 order by 1",
    )
    .bind(products)
    .fetch_all(&mut connection)
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
