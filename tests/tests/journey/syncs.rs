//! A catalogue is synced in full and in part, by credential, request and command line.

use std::time::Duration;

use anyhow::{Context, ensure};
use journey_tests::api::Api;
use journey_tests::installation::Installation;
use journey_tests::wait::until;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{one_process, told};

const LIMIT: Duration = Duration::from_secs(90);

/// Supplies access to the simulated distributor, whose account is the same for everybody.
async fn supply(api: &Api, seller_password: &str) -> anyhow::Result<()> {
    let fields = json!({
        "seller_password": seller_password,
        "client_id": "sim-haier-client", "client_secret": "sim-haier-secret", "customer_code": "8800400500",
        "send_to_code": "8800400500", "password": "sim-haier-password", "county_code": "370212",
    });
    let put = api
        .request(Method::PUT, "/sources/haier/credential")
        .json(&json!({ "fields": fields }));
    let answer = api.answer(put).await?;
    ensure!(answer.body["status"] == "works", "{answer:?}");
    Ok(())
}

/// Waits for the end of the newest log of haier.
async fn newest(api: &Api) -> anyhow::Result<Value> {
    let id = api.get("/sync-logs?source=haier&limit=1").await?["items"][0]["id"].clone();
    over(api, id.as_str().context("no log")?).await
}

async fn over(api: &Api, id: &str) -> anyhow::Result<Value> {
    until("the sync's end", LIMIT, async || {
        let log = api.get(&format!("/sync-logs/{id}")).await?;
        Ok((!log["completed_at"].is_null()).then_some(log))
    })
    .await
}

async fn in_part(api: &Api, body: Value) -> anyhow::Result<Value> {
    let log = api.post("/sync/haier", body).await?;
    over(api, log["id"].as_str().context("a log without id")?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_is_synced_in_full_then_in_part() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, syncs(&installation)).await
}

async fn syncs(installation: &Installation) -> anyhow::Result<()> {
    let (demo, market) = (installation.demo(), installation.market());
    let slug = format!("sync-{}", &uuid::Uuid::new_v4().simple().to_string()[..8]);
    let api = Api::register(installation.text("url"), &slug).await?;

    // A credential shows the whole catalogue.
    supply(&api, "").await?;
    let twice = api
        .request(Method::POST, "/sync/haier")
        .json(&json!({"mode": "full"}));
    let twice = api.answer(twice).await?;
    ensure!(twice.status == StatusCode::CONFLICT, "{twice:?}");
    let full = newest(&api).await?;
    ensure!(
        full["mode"] == "full" && full["trigger"] == "first_run",
        "{full}"
    );
    ensure!(full["status"] == "success", "{full}");
    let products = api.get("/products?source=haier&limit=200").await?;
    let products = products["items"].as_array().context("no list")?.clone();
    ensure!(
        products.len() as u64 == full["total"].as_u64().unwrap_or(0),
        "{full}"
    );
    let listed = demo.get("/products?source=haier&limit=200").await?;
    let all = listed["items"].as_array().map_or(0, Vec::len);
    // Some goods are off sale at times: the demo knows them from its past, and the catalogue leaves them out.
    ensure!(products.len() * 2 > all, "{} of {all}", products.len());
    let priced: Vec<&Value> = products
        .iter()
        .filter(|product| !product["price"].is_null())
        .collect();
    ensure!(
        priced.len() * 2 > products.len(),
        "most have a price: {products:?}"
    );
    ensure!(
        products
            .iter()
            .all(|product| product["tracking_id"].is_null())
    );

    // Only what is named is looked at again, and shows its new price.
    let code = |product: &Value| {
        product["external_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let (changed, other) = (priced[0], priced[1]);
    market
        .set("haier", "CN", &code(changed), json!({"price": "4321.00"}))
        .await?;
    let log = in_part(&api, json!({"codes": [code(changed)]})).await?;
    ensure!(log["status"] == "success" && log["total"] == 1, "{log}");
    let seen = api.get(&format!("/products/{}", changed["id"])).await?;
    ensure!(seen["price"]["amount"] == "4321.00", "{seen}");
    let same = api.get(&format!("/products/{}", other["id"])).await?;
    ensure!(
        same["last_observed_at"] == other["last_observed_at"],
        "{same}"
    );

    // What fails says why.
    let log = in_part(&api, json!({"codes": [code(changed), "NOSUCHCODE1"]})).await?;
    ensure!(log["status"] == "partial" && log["success"] == 1, "{log}");
    let failure = &log["failures"][0];
    ensure!(
        failure["code"] == "NOSUCHCODE1" && failure["outcome"] == "not_found",
        "{log}"
    );

    // What moved its price is known by then.
    let log = in_part(&api, json!({"prices": true})).await?;
    ensure!(
        log["trigger"] == "changed_price" && log["type"] == "prices",
        "{log}"
    );

    let id = full["id"].as_str().context("no id")?;
    let foreign = demo
        .answer(demo.request(Method::GET, &format!("/sync-logs/{id}")))
        .await?;
    ensure!(foreign.status == StatusCode::NOT_FOUND, "{foreign:?}");

    // Another credential, another look at everything.
    supply(&api, "sim-haier-password").await?;
    let again = newest(&api).await?;
    ensure!(again["trigger"] == "credentials_changed", "{again}");

    // The demo's credential did the same, and its operator reads a product by hand.
    let first = demo
        .get("/sync-logs?source=haier&type=products&limit=200")
        .await?;
    let first = first["items"]
        .as_array()
        .and_then(|logs| logs.last())
        .cloned();
    ensure!(first.is_some_and(|log| log["trigger"] == "first_run"));
    let well = installation.command(&["sync", "haier", "--codes", &code(changed)])?;
    let printed = String::from_utf8_lossy(&well.stdout);
    ensure!(
        well.status.code() == Some(0) && printed.contains("success    1"),
        "{well:?}"
    );
    let badly = installation.command(&["sync", "haier", "--codes", "NOSUCHCODE1", "--stock"])?;
    let printed = String::from_utf8_lossy(&badly.stdout);
    ensure!(
        badly.status.code() == Some(1) && printed.contains("NOSUCHCODE1"),
        "{badly:?}"
    );
    for wrong in [&["sync", "haier", "--codes", "?"][..], &["sync", "nowhere"]] {
        let refused = installation.command(wrong)?;
        ensure!(refused.status.code() == Some(64), "{refused:?}");
    }
    Ok(())
}
