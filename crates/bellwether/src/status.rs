//! `bellwether status`: whether the running installation can serve, and what it says of each dependency.

use config::{Config, ProcessKind};
use serde_json::Value;

/// Asks the page's process.
pub async fn run() -> anyhow::Result<()> {
    let config = Config::load_for(ProcessKind::Operator, None)?;
    let url = format!(
        "http://{}/readyz",
        config.listen.address(config.listen.gateway_http)
    );
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .get(&url)
        .send()
        .await;
    let Ok(answer) = answer else {
        anyhow::bail!("nothing answers at {url}; start it with `./dev up`");
    };
    let status = answer.status();
    let body: Value = answer.json().await?;
    println!("{url}: {}", body["status"].as_str().unwrap_or("?"));
    for (name, check) in body["checks"].as_object().into_iter().flatten() {
        println!(
            "  {:<24} {:>6} ms  {}",
            name,
            check["duration_ms"],
            check["status"].as_str().unwrap_or("?")
        );
    }
    anyhow::ensure!(status.is_success(), "not ready");
    Ok(())
}
