//! Whatever changes something is in the audit log of the tenant it concerns.

use std::time::Duration;

use anyhow::{Context, ensure};
use journey_tests::installation::Installation;
use journey_tests::wait::until;
use reqwest::Method;
use serde_json::Value;

use super::caller::Caller;
use super::case::{Case, Done, Needs};
use super::cases;
use super::scene::Scene;
use crate::{one_process, told};

/// The newest line of this action and outcome in the log that `reader` sees.
async fn line(reader: &Caller, action: &str, outcome: &str) -> anyhow::Result<Option<Value>> {
    let address = format!("/api/v1/audit-log?action={action}&outcome={outcome}&limit=1");
    let lines = reader.get(&address).await?;
    let line = lines.pointer("/items/0").cloned();
    if let Some(line) = &line {
        // By that its story is found in the logs of the processes.
        ensure!(line["trace_id"].is_string(), "{line}");
    }
    Ok(line)
}

/// Waits until there is one of what was done.
async fn logged(reader: &Caller, action: &str) -> anyhow::Result<()> {
    let what = format!("a line of {action} in the audit log");
    until(&what, Duration::from_secs(60), async || {
        line(reader, action, "done").await
    })
    .await
    .map(drop)
}

/// Waits until the operator sees a line of what was done that concerns no single tenant.
async fn told_of(installation: &Installation, action: &str) -> anyhow::Result<()> {
    let what = format!("a line of {action} in the installation's audit log");
    let only = [
        "audit",
        "--installation",
        "--action",
        action,
        "--outcome",
        "done",
    ];
    until(&what, Duration::from_secs(60), async || {
        let output = installation.command(&only)?;
        ensure!(output.status.success(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.contains(action).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_that_changes_something_leaves_a_line_in_the_audit_log()
-> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let mut scene = Scene::new(&installation, "audited").await?;
        let reader = scene.owner.key("admin").await?;
        let powerless = scene.owner.key("read").await?;
        // What is deleted was used before; signing out, and a new password, which ends all other sessions, come last.
        let mut changes: Vec<Case> = cases().into_iter().filter(Case::is_unsafe).collect();
        changes.sort_by_key(|case| match &case.asks[0].method {
            _ if matches!(case.name, "logout" | "change_profile") => 2,
            &Method::DELETE => 1,
            _ => 0,
        });
        for case in changes {
            let name = case.name;
            match case.done {
                Done::Seldom(why) => {
                    ensure!(case.needs != Needs::Public, "{name} cannot be refused");
                    let (ask, ids) = (&case.asks[0], scene.ids.unknown());
                    // Of one address so many refusals a minute are kept, and other walks are refused, too.
                    until(name, Duration::from_secs(150), async || {
                        let told = powerless.ask(ask, &ids).await?;
                        ensure!(told.status == 403, "{name} ({why}): {told:?}");
                        line(&reader, name, "refused").await
                    })
                    .await?;
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
                    if done == Done::InTheInstallation {
                        told_of(&installation, name).await?;
                    } else {
                        logged(&log, name).await?;
                    }
                }
            }
        }
        Ok(())
    })
    .await
}

/// The operator sees what no tenant does, and of a tenant what it does itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_operators_command_shows_refused_sign_ins_and_a_tenants_lines() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let scene = Scene::new(&installation, "operator").await?;
        let slug = scene.ids.fill("{slug}")?;
        let body =
            serde_json::json!({ "email": format!("nobody@{slug}.example"), "password": "not it" });
        let shown = async |arguments: &[&str], part: &str| {
            until(part, Duration::from_secs(60), async || {
                let output = installation.command(&[&["audit"][..], arguments].concat())?;
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                ensure!(output.status.success(), "{output:?}");
                Ok(text.contains(part).then_some(text))
            })
            .await
        };
        let refused = [
            "--installation",
            "--action",
            "login",
            "--outcome",
            "refused",
        ];
        let login = "/api/v1/auth/login";
        let told = scene.nobody.send(&Method::POST, login, Some(&body)).await?;
        ensure!(told.status == 401, "{told:?}");
        shown(&refused, "refused 401").await?;
        let own = shown(&["--tenant", &slug, "--json"], "\"action\":\"register\"").await?;
        let only = own
            .lines()
            .all(|line| line.contains(&format!("\"tenant\":\"{slug}\"")));
        ensure!(only, "{own}");
        let unknown = installation.command(&["audit", "--tenant", "no-such-tenant"])?;
        ensure!(!unknown.status.success(), "{unknown:?}");
        Ok(())
    })
    .await
}
