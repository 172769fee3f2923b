use anyhow::{Context, ensure};
use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use crate::{one_process, told};

const ASIN: &str = "B0HISTORIA";

/// An operator brings years of a product in before anybody tracks it; whoever tracks it then has them.
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_brings_histories_in_and_out() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        let ago = |days| {
            let at = Utc::now() - TimeDelta::days(days);
            at.to_rfc3339_opts(SecondsFormat::Secs, true)
        };
        let (first, second, third) = (ago(40), ago(20), ago(10));
        let table = format!(
            "external_id,observed_at,currency,price\n\
             {ASIN},{first},USD,10.00\n\
             {ASIN},{second},USD,20.00\n"
        );
        std::fs::write(path("good.csv"), &table)?;
        std::fs::write(path("bad.csv"), format!("{table}{ASIN},{third},USD,0\n"))?;
        let history = |words: &[&str]| {
            let place = ["--source", "amazon", "--marketplace", "US"];
            let output = installation.command(&[&["history"], words, &place[..]].concat())?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            Ok::<_, anyhow::Error>((output.status.code(), text))
        };
        let (code, text) = history(&["import", &path("bad.csv"), "--dry-run"])?;
        ensure!(code == Some(65), "{code:?}: {text}");
        ensure!(text.contains("line 4: price is not positive"), "{text}");
        ensure!(text.contains("new            2"), "{text}");
        let (code, text) = history(&["import", &path("missing.csv")])?;
        ensure!(code == Some(64), "{code:?}: {text}");
        let (code, text) = history(&["import", &path("good.csv")])?;
        ensure!(
            code == Some(0) && text.contains("new            2"),
            "{code:?}: {text}"
        );
        let (code, text) = history(&["export", "--ids", ASIN])?;
        ensure!(code == Some(0), "{code:?}: {text}");
        ensure!(
            text.contains(&format!("{ASIN},{second},USD,20.00,")),
            "{text}"
        );

        let api = installation.demo();
        let url = format!("https://www.amazon.com/dp/{ASIN}");
        let tracking = api.post("/trackings", json!({ "url": url })).await?;
        let product = tracking["product_id"].as_i64().context("no product_id")?;
        let history = api
            .get(&format!(
                "/products/{product}/history?metric=price&to={third}"
            ))
            .await?;
        let values = &history["metrics"]["price"]["v"];
        ensure!(values == &json!(["10.00", "20.00"]), "{history}");
        Ok(())
    })
    .await
}
