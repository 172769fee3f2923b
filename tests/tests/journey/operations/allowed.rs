//! Who may do what.

use anyhow::ensure;
use reqwest::StatusCode;

use super::case::Needs;
use super::cases;
use super::scene::Scene;
use crate::{one_process, told};

const SCOPES: [&str; 4] = ["read", "write", "crawl", "admin"];
const ROLES: [&str; 4] = ["viewer", "member", "admin", "owner"];

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

/// Signed in with each role: a person may do what no key may, such as what is an owner's alone.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_each_roles_that_its_permission_names() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let mut scene = Scene::new(&installation, "roles").await?;
        scene.furnish().await?;
        let mut ids = scene.ids.unknown();
        // Nor its name, by which an owner could end it.
        ids.set("slug", format!("no-{}", scene.ids.fill("{slug}")?));
        let mut people = Vec::new();
        for role in ROLES {
            people.push((role, scene.somebody(&installation, role).await?));
        }
        for case in cases() {
            if case.needs == Needs::Public {
                continue;
            }
            let name = case.name;
            for (role, person) in &people {
                let told = person.ask(&case.asks[0], &ids).await?;
                let refused = told.status == StatusCode::FORBIDDEN;
                let granted = case.needs.held_by(role);
                ensure!(
                    refused != granted && told.status != StatusCode::UNAUTHORIZED,
                    "{name} for the role {role}: {told:?}"
                );
            }
        }
        Ok(())
    })
    .await
}
