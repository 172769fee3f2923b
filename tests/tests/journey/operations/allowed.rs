//! Who may do what.

use anyhow::ensure;
use reqwest::StatusCode;

use super::case::Needs;
use super::cases;
use super::scene::Scene;
use crate::{one_process, told};

const SCOPES: [&str; 4] = ["read", "write", "crawl", "admin"];

/// Without a credential, with one that is nonsense, and with a key of each scope.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_asks_for_a_credential_and_its_permission() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let mut scene = Scene::new(&installation, "allowed").await?;
        scene.furnish().await?;
        // Nothing of the tenant's own, so that what is allowed changes little.
        let ids = scene.ids.unknown();
        let strangers = [
            scene.nobody.clone(),
            scene.nobody.with_token("nonsense"),
            scene.nobody.with_key("bw_live_nonsense"),
        ];
        let mut keys = Vec::new();
        for scope in SCOPES {
            keys.push((scope, scene.owner.key(scope).await?));
        }
        for case in cases() {
            if case.needs == Needs::Public {
                continue;
            }
            let name = case.name;
            let ask = &case.asks[0];
            for stranger in &strangers {
                let told = stranger.ask(ask, &ids).await?;
                ensure!(
                    told.status == StatusCode::UNAUTHORIZED,
                    "{name} for a stranger: {told:?}"
                );
            }
            for (scope, key) in &keys {
                let told = key.ask(ask, &ids).await?;
                let refused = told.status == StatusCode::FORBIDDEN;
                let granted = case.needs.granted_by(scope);
                ensure!(
                    refused != granted && told.status != StatusCode::UNAUTHORIZED,
                    "{name} with the scope {scope}: {told:?}"
                );
            }
        }
        Ok(())
    })
    .await
}
