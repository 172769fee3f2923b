//! Apify v2: runs, datasets, errors.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context, Result, ensure};
use market_sim::{APIFY_TOKEN, SimOptions};
use serde_json::{Value, json};

use crate::support::{World, apify_error, junglee_input};

const KNOWN: &str = "https://www.amazon.com/dp/B0CQ7LMN42";
const UNKNOWN: &str = "https://www.amazon.com/dp/B000000000";

#[tokio::test]
async fn a_run_goes_from_ready_to_succeeded() -> Result<()> {
    let world = World::start().await?;
    let input = junglee_input(&[KNOWN.to_owned(), UNKNOWN.to_owned()]);
    let started = world
        .post("acts/junglee~Amazon-crawler/runs", &input)
        .send()
        .await?;
    assert_eq!(started.status(), 201);
    let location = started.headers()["location"].to_str()?.to_owned();
    let run = started.json::<Value>().await?["data"].take();
    assert!(
        matches!(run["status"].as_str(), Some("READY" | "RUNNING")),
        "{run}"
    );
    assert_eq!(run["usageTotalUsd"], Value::Null);
    let id = run["id"].as_str().context("no id")?;
    assert!(
        location.ends_with(&format!("/v2/actor-runs/{id}")),
        "{location}"
    );

    let ended = world
        .get(&format!("actor-runs/{id}?waitForFinish=30"))
        .send()
        .await?;
    let ended = ended.json::<Value>().await?["data"].take();
    assert_eq!(ended["status"], "SUCCEEDED");
    assert!(ended["usageTotalUsd"].as_f64().context("no cost")? > 0.0);
    assert!(ended["finishedAt"].as_str() > ended["startedAt"].as_str());

    for path in [
        format!(
            "datasets/{}/items",
            run["defaultDatasetId"].as_str().context("no dataset")?
        ),
        format!("actor-runs/{id}/dataset/items"),
    ] {
        let items: Vec<Value> = world.get(&path).send().await?.json().await?;
        assert_eq!(items.len(), 2);
        assert_eq!(items[0]["asin"], "B0CQ7LMN42");
        assert_eq!(items[0]["input"], KNOWN);
        assert_eq!(
            items[1],
            json!({"error": "no_results_found", "url": UNKNOWN, "input": UNKNOWN})
        );
    }

    // What reconciling an unknown start needs: the runs, and what each was started with.
    let runs = world
        .get("actors/junglee~Amazon-crawler/runs?desc=1&limit=10")
        .send()
        .await?;
    let runs = runs.json::<Value>().await?["data"].take();
    assert_eq!(
        (&runs["total"], &runs["items"][0]["id"]),
        (&json!(1), &json!(id))
    );
    let store = run["defaultKeyValueStoreId"].as_str().context("no store")?;
    let kept = world
        .get(&format!("key-value-stores/{store}/records/INPUT"))
        .send()
        .await?;
    assert_eq!(kept.json::<Value>().await?, input);
    Ok(())
}

#[tokio::test]
async fn errors_have_the_documented_types() -> Result<()> {
    let world = World::start().await?;
    let start = "acts/junglee~Amazon-crawler/runs";
    let good = junglee_input(&[KNOWN.to_owned()]);
    let open = |path: &str| world.client.get(world.apify(path));
    let cases = [
        (open("actor-runs/x"), 401, "token-not-provided"),
        (
            open("actor-runs/x").bearer_auth("wrong"),
            401,
            "invalid-token",
        ),
        (
            open(&format!("actor-runs/x?token={APIFY_TOKEN}")),
            404,
            "record-not-found",
        ),
        (world.get("datasets/x/items"), 404, "record-not-found"),
        (world.get("nowhere"), 404, "page-not-found"),
        (
            world.post("acts/nobody~nothing/runs", &good),
            404,
            "record-not-found",
        ),
        (world.post(start, &json!({})), 400, "invalid-input"),
        (
            world.post(start, &json!({"categoryOrProductUrls": []})),
            400,
            "invalid-input",
        ),
        (
            world.post(&format!("{start}?waitForFinish=61"), &good),
            400,
            "invalid-value",
        ),
        (world.post(start, &good).body("{"), 400, "invalid-request"),
    ];
    for (request, status, kind) in cases {
        let error = apify_error(request.send().await?).await?;
        assert_eq!(error, (status, kind.to_owned()));
    }
    Ok(())
}

#[tokio::test]
async fn hundreds_of_urls_make_one_run_and_pages_follow_the_headers() -> Result<()> {
    let world = World::start().await?;
    let asins: Vec<String> = (0..600).map(|n| format!("B0BULK{n:04}")).collect();
    for asin in &asins {
        let body =
            json!({"source": "amazon", "marketplace": "US", "external_id": asin, "price": "12.50"});
        world.control("set", body).await?;
    }
    let urls: Vec<String> = asins
        .iter()
        .map(|a| format!("https://www.amazon.com/dp/{a}"))
        .collect();
    let run = world.run(&urls).await?;
    let dataset = run["defaultDatasetId"].as_str().context("no dataset")?;
    let (mut offset, mut seen) = (0, Vec::new());
    loop {
        let path = format!(
            "datasets/{dataset}/items?offset={offset}&limit=250&clean=true&fields=asin,price"
        );
        let page = world.get(&path).send().await?;
        let header = |name: &str| -> Result<usize> {
            Ok(page.headers()[&format!("x-apify-pagination-{name}")]
                .to_str()?
                .parse()?)
        };
        ensure!(header("offset")? == offset && header("limit")? == 250);
        let (total, count) = (header("total")?, header("count")?);
        let rows: Vec<Value> = page.json().await?;
        assert_eq!((total, count), (600, rows.len()));
        for row in &rows {
            assert_eq!(row["price"]["value"], 12.5);
            assert_eq!(
                row.as_object().context("no object")?.len(),
                2,
                "only the fields asked for"
            );
        }
        seen.extend(
            rows.into_iter()
                .filter_map(|row| Some(row["asin"].as_str()?.to_owned())),
        );
        offset += 250;
        if offset >= total {
            break;
        }
    }
    assert_eq!(seen, asins);
    let log = world.requests("amazon").await?;
    let asked = log[0]["external_ids"].as_array().context("no ids")?;
    assert_eq!(asked.iter().collect::<HashSet<_>>().len(), 600);
    Ok(())
}

#[tokio::test]
async fn a_run_can_be_aborted_and_capped() -> Result<()> {
    let slow = SimOptions {
        run_time: Duration::from_secs(60),
        ..SimOptions::default()
    };
    let world = World::with(slow).await?;
    let input = junglee_input(&[KNOWN.to_owned()]);
    let run = world
        .post("acts/junglee~Amazon-crawler/runs", &input)
        .send()
        .await?;
    let run = run.json::<Value>().await?;
    let id = run["data"]["id"].as_str().context("no id")?;
    let aborted = world
        .post(&format!("actor-runs/{id}/abort"), &json!({}))
        .send()
        .await?;
    assert_eq!(aborted.json::<Value>().await?["data"]["status"], "ABORTED");
    let later = world
        .get(&format!("actor-runs/{id}?waitForFinish=5"))
        .send()
        .await?;
    assert_eq!(later.json::<Value>().await?["data"]["status"], "ABORTED");

    let world = World::start().await?;
    let input = junglee_input(&[KNOWN.to_owned(), UNKNOWN.to_owned()]);
    let path = "acts/junglee~Amazon-crawler/run-sync-get-dataset-items?maxItems=1";
    let sync = world.post(path, &input).send().await?;
    assert_eq!(sync.status(), 201);
    assert_eq!(sync.json::<Vec<Value>>().await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn axesso_has_its_own_rows() -> Result<()> {
    let world = World::start().await?;
    let input = json!({ "urls": [KNOWN, UNKNOWN] });
    let path = "acts/axesso_data~amazon-product-details-scraper/run-sync-get-dataset-items";
    let rows: Vec<Value> = world.post(path, &input).send().await?.json().await?;
    assert_eq!(rows[0]["statusMessage"], "FOUND");
    assert_eq!(rows[0]["asin"], "B0CQ7LMN42");
    assert!(rows[0]["price"].is_number());
    let missing =
        json!({"statusCode": 404, "statusMessage": "NOT_FOUND", "url": format!("{UNKNOWN}?psc=1")});
    assert_eq!(rows[1], missing);
    Ok(())
}

#[tokio::test]
async fn search_pages_find_what_the_market_lists() -> Result<()> {
    let world = World::start().await?;
    let urls = ["https://www.amazon.com/s?k=Bluetooth+headphones".to_owned()];
    let mut input = junglee_input(&urls);
    input["maxItemsPerStartUrl"] = json!(2);
    let path = "acts/junglee~Amazon-crawler/run-sync-get-dataset-items";
    let rows: Vec<Value> = world.post(path, &input).send().await?.json().await?;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["categoryPageData"]["productPosition"], 2);
    Ok(())
}

#[tokio::test]
async fn lists_come_in_each_actors_form() -> Result<()> {
    let world = World::start().await?;
    let rows = async |actor: &str, input: Value| -> Result<Vec<Value>> {
        let path = format!("acts/{actor}/run-sync-get-dataset-items");
        Ok(world.post(&path, &input).send().await?.json().await?)
    };
    let search = json!({"input": [{"keyword": "bluetooth headphones", "domainCode": "com"}]});
    let found = rows(market_sim::AXESSO_SEARCH_ACTOR, search).await?;
    assert!(found.len() >= 3);
    assert_eq!(found.last().context("a row")?["searchResultPosition"], 0);
    let nothing = json!({"input": [{"keyword": "no such thing", "domainCode": "de"}]});
    let found = rows(market_sim::AXESSO_SEARCH_ACTOR, nothing).await?;
    assert_eq!(found[0]["statusMessage"], "NOT_FOUND");

    let list = json!({"categoryUrls": ["https://www.amazon.com/gp/bestsellers/kitchen"],
        "maxItemsPerStartUrl": 3});
    let best = rows(market_sim::BESTSELLERS_ACTOR, list.clone()).await?;
    assert_eq!((best.len(), &best[2]["position"]), (3, &json!(3)));
    let other = rows(market_sim::CRAWLERBROS_ACTOR, list).await?;
    assert_eq!(other[0]["asin"], best[0]["asin"]);
    assert!(other[0]["price"].is_number());
    let unknown = json!({"categoryUrls": ["https://www.amazon.com/gp/bestsellers/nowhere"]});
    let none = rows(market_sim::BESTSELLERS_ACTOR, unknown).await?;
    assert_eq!(none[0]["error"], "bestsellers_category_not_found");
    Ok(())
}

#[tokio::test]
async fn runs_can_be_aborted_by_somebody_hang_and_be_capped_by_their_charge() -> Result<()> {
    let world = World::start().await?;
    let order = json!({"source": "amazon", "kind": "run_aborted", "count": 1});
    world.control("fault", order).await?;
    let run = world
        .run_to_end(&[KNOWN.to_owned(), UNKNOWN.to_owned()], "")
        .await?;
    assert_eq!(run["status"], "ABORTED");
    let order = json!({"source": "amazon", "kind": "run_hangs", "count": 1});
    world.control("fault", order).await?;
    let run = world.run_to_end(&[KNOWN.to_owned()], "?timeout=1").await?;
    assert_eq!(run["status"], "TIMED-OUT");
    // A start and one result.
    let run = world
        .run_to_end(
            &[KNOWN.to_owned(), UNKNOWN.to_owned()],
            "?maxTotalChargeUsd=0.0045",
        )
        .await?;
    assert_eq!(run["usageTotalUsd"], 0.004);
    Ok(())
}
