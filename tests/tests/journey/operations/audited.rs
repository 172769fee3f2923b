//! Whatever changes something is in the audit log of the tenant it concerns.

use std::time::Duration;

use anyhow::{Context, ensure};
use journey_tests::wait::until;
use reqwest::Method;

use super::caller::Caller;
use super::case::{Case, Done, Needs};
use super::cases;
use super::scene::Scene;
use crate::{one_process, told};

/// Waits until the log that `reader` sees has a line of this action and outcome.
async fn logged(reader: &Caller, action: &str, outcome: &str) -> anyhow::Result<()> {
    let address = format!("/api/v1/audit-log?action={action}&outcome={outcome}&limit=1");
    let what = format!("a line of {action} ({outcome}) in the audit log");
    until(&what, Duration::from_secs(60), async || {
        let lines = reader.get(&address).await?;
        Ok(lines.pointer("/items/0").cloned())
    })
    .await
    .map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_that_changes_something_leaves_a_line_in_the_audit_log()
-> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let mut scene = Scene::new(&installation, "audited").await?;
        let reader = scene.owner.key("admin").await?;
        let powerless = scene.owner.key("read").await?;
        // What is deleted was used before, and whoever signs out does so last.
        let mut changes: Vec<Case> = cases().into_iter().filter(Case::is_unsafe).collect();
        changes.sort_by_key(|case| match &case.asks[0].method {
            _ if case.name == "logout" => 2,
            &Method::DELETE => 1,
            _ => 0,
        });
        for case in changes {
            let name = case.name;
            match case.done {
                Done::Seldom(why) => {
                    ensure!(case.needs != Needs::Public, "{name} cannot be refused");
                    let told = powerless.ask(&case.asks[0], &scene.ids.unknown()).await?;
                    ensure!(told.status == 403, "{name} ({why}): {told:?}");
                    logged(&reader, name, "refused").await?;
                }
                done => {
                    let told = scene.act(&case).await?;
                    ensure!(told.status.is_success(), "{name}: {told:?}");
                    let log = match done {
                        Done::InTheDemo => scene.demo.clone(),
                        Done::WhereItSignsIn => {
                            let answer = told.json();
                            let token = answer["access_token"].as_str().context("no token")?;
                            scene.nobody.with_token(token)
                        }
                        _ => reader.clone(),
                    };
                    logged(&log, name, "done").await?;
                }
            }
        }
        Ok(())
    })
    .await
}
