use std::time::Duration;

use anyhow::{Context, ensure};
use journey_tests::api::{Answer, Api};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{one_process, told};

/// What only the first tenant watches does not exist for the second, in the very words of an unknown id.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_tenant_sees_nothing_of_the_first() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let first = installation.demo();
        let slug = format!("second-{}", &uuid::Uuid::new_v4().simple().to_string()[..8]);
        let second = Api::register(installation.text("url"), &slug).await?;

        // A public product that is crawled: other than owned ones and what monitors found.
        let products = first.get("/products?source=amazon&limit=50").await?;
        let crawled = |product: &&Value| !product["tracking_id"].is_null();
        let product = products["items"]
            .as_array()
            .and_then(|items| items.iter().find(crawled))
            .context("the demo tracks nothing of amazon")?
            .clone();
        let product_id = product["id"].clone();
        let tracking = first.get("/trackings?limit=1").await?["items"][0]["id"].clone();
        let alert = first.get("/alerts?limit=1").await?["items"][0]["id"].clone();
        let crawl = first
            .post(&format!("/products/{product_id}/refresh"), json!({}))
            .await?["crawl_id"]
            .clone();
        let key = first.get("/api-keys").await?["items"][0]["id"].clone();
        let unknown = uuid::Uuid::now_v7().to_string();

        let cases = [
            (
                Method::GET,
                "/products/{}",
                plain(&product_id)?,
                "999999999".to_owned(),
            ),
            (
                Method::GET,
                "/products/{}/history",
                plain(&product_id)?,
                "999999999".to_owned(),
            ),
            (
                Method::POST,
                "/products/{}/refresh",
                plain(&product_id)?,
                "999999999".to_owned(),
            ),
            (
                Method::GET,
                "/trackings/{}",
                plain(&tracking)?,
                unknown.clone(),
            ),
            (
                Method::DELETE,
                "/trackings/{}",
                plain(&tracking)?,
                unknown.clone(),
            ),
            (
                Method::POST,
                "/alerts/{}/ack",
                plain(&alert)?,
                unknown.clone(),
            ),
            (Method::GET, "/crawls/{}", plain(&crawl)?, unknown.clone()),
            (
                Method::GET,
                "/crawls/{}/events",
                plain(&crawl)?,
                unknown.clone(),
            ),
            (
                Method::POST,
                "/crawls/{}/cancel",
                plain(&crawl)?,
                unknown.clone(),
            ),
            (
                Method::POST,
                "/crawls/{}/retry",
                plain(&crawl)?,
                unknown.clone(),
            ),
            (
                Method::DELETE,
                "/api-keys/{}",
                plain(&key)?,
                unknown.clone(),
            ),
        ];
        for (method, path, theirs, unknown) in cases {
            let ask =
                |id: &str| second.answer(second.request(method.clone(), &path.replace("{}", id)));
            let foreign = words(ask(&theirs).await?, &theirs);
            let missing = words(ask(&unknown).await?, &unknown);
            ensure!(foreign.status == 404, "{method} {path}: {foreign:?}");
            ensure!(
                foreign == missing,
                "{method} {path}: {foreign:?} but {missing:?}"
            );
        }
        for list in ["/products", "/trackings", "/alerts", "/crawls", "/api-keys"] {
            let items = second.get(list).await?["items"].as_array().map(Vec::len);
            ensure!(items == Some(0), "{list} shows {items:?} items");
        }
        // Tracking the same listing makes it visible, and only it.
        let own = second
            .track(
                plain(&product["source"])?.as_str(),
                plain(&product["marketplace"])?.as_str(),
                plain(&product["external_id"])?.as_str(),
            )
            .await?;
        ensure!(product_id == own, "a public listing is one for all tenants");
        second.observed(own, Duration::from_secs(30)).await?;
        Ok(())
    })
    .await
}

/// The answer without what names the request.
fn words(mut answer: Answer, id: &str) -> Answer {
    if let Some(body) = answer.body.as_object_mut() {
        body.remove("trace_id");
        let instance = body
            .get("instance")
            .and_then(Value::as_str)
            .map(|path| path.replace(id, "ID"));
        body.insert("instance".to_owned(), instance.into());
    }
    answer
}

fn plain(value: &Value) -> anyhow::Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(anyhow::anyhow!("{value} is no id"))
            .context("the demo lacks something this test needs"),
    }
}
