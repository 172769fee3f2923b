//! Tenants that walks register, and what they make in them.

use anyhow::Context;
use journey_tests::installation::Installation;
use journey_tests::wait::until;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

use super::caller::{Caller, PASSWORD, Told};
use super::case::{Case, Done};
use super::cases;
use super::ids::Ids;

/// A tenant of a walk.
pub struct Scene {
    /// Nobody.
    pub nobody: Caller,
    /// Its owner, signed in.
    pub owner: Caller,
    /// The demo tenant.
    pub demo: Caller,
    /// What it has.
    pub ids: Ids,
}

impl Scene {
    /// A new tenant, on the largest plan so that nothing but the walk decides how it ends.
    pub async fn new(installation: &Installation, name: &str) -> anyhow::Result<Self> {
        let nobody = Caller::nobody(installation.text("url"));
        let letters = uuid::Uuid::new_v4().simple().to_string();
        let slug = format!("{name}-{}", &letters[..8]);
        let body = json!({
            "tenant": format!("Walk {slug}"), "slug": slug, "email": format!("owner@{slug}.example"),
            "password": PASSWORD,
        });
        let pair = nobody.post("/api/v1/auth/register", body).await?;
        let token = pair["access_token"].as_str().context("no access token")?;
        installation
            .sql(&format!(
                "update identity.tenant set plan_code = 'enterprise' where slug = '{slug}'"
            ))
            .await?;
        let demo = nobody.with_key(installation.text("api_key"));
        let owner = nobody.with_token(token);
        let mut ids = Ids::default();
        let tenant = owner.get("/api/v1/tenant").await?["id"].clone();
        ids.set("tenant", tenant);
        ids.set("refresh_token", pair["refresh_token"].clone());
        ids.set("asin", format!("B0{}", letters[..8].to_uppercase()));
        let web = demo.get("/api/v1/products?source=web&limit=1").await?;
        ids.set("web_url", web["items"][0]["url"].clone());
        let alert = demo.get("/api/v1/alerts?limit=1").await?;
        ids.set("alert", alert["items"][0]["id"].clone());
        // A second session, and somebody else in the tenant.
        let login = json!({ "email": format!("owner@{slug}.example"), "password": PASSWORD });
        nobody.post("/api/v1/auth/login", login).await?;
        let sessions = owner.get("/api/v1/auth/sessions").await?;
        let sessions = sessions["items"].as_array().context("no sessions")?;
        let other = sessions.iter().find(|session| session["current"] == false);
        ids.set("session", other.context("no second session")?["id"].clone());
        let member = uuid::Uuid::now_v7();
        ids.set("member", member.to_string());
        installation.sql(&people(&slug, member)).await?;
        for mailed in ["verification", "reset", "invited", "handoff"] {
            ids.set(mailed, format!("{mailed} {slug}"));
        }
        ids.set("slug", slug);
        Ok(Self {
            nobody,
            owner,
            demo,
            ids,
        })
    }

    /// Somebody else of the tenant with this role, signed in.
    pub async fn somebody(
        &self,
        installation: &Installation,
        role: &str,
    ) -> anyhow::Result<Caller> {
        let slug = self.ids.fill("{slug}")?;
        let email = format!("{role}-by-role@{slug}.example");
        installation.sql(&joined(&slug, role, &email)).await?;
        let login = json!({ "email": email, "password": PASSWORD });
        let pair = self.nobody.post("/api/v1/auth/login", login).await?;
        let token = pair["access_token"].as_str().context("no access token")?;
        Ok(self.nobody.with_token(token))
    }

    /// Tracks a page of a shop as the tenant's own, which none but it may ever see.
    async fn track_a_private_page(&mut self) -> anyhow::Result<()> {
        let mark = format!("private-{}", uuid::Uuid::new_v4().simple());
        let url = self.ids.fill("{web_url}")?;
        let joint = if url.contains('?') { '&' } else { '?' };
        let body = json!({
            "url": format!("{url}{joint}walk={mark}"), "strategy": "json_ld", "interval_seconds": 604_800,
        });
        let tracking = self.owner.post("/api/v1/trackings", body).await?;
        let listed = self.owner.get("/api/v1/products").await?.to_string();
        anyhow::ensure!(listed.contains(&mark), "no {mark} in {listed}");
        self.ids.set("private_page", mark);
        self.ids.set("private_tracking", tracking["id"].clone());
        Ok(())
    }

    /// Does what this case says, and keeps the ids it gives.
    pub async fn act(&mut self, case: &Case) -> anyhow::Result<Told> {
        let caller = match case.done {
            Done::InTheDemo => &self.demo,
            _ => &self.owner,
        };
        let told = caller.ask(&case.asks[0], &self.ids).await;
        let told = told.with_context(|| format!("the walk of {}", case.name))?;
        let answer = told.json();
        for (name, pointer) in &case.gives {
            if let Some(id) = answer.pointer(pointer) {
                self.ids.set(name, id.clone());
            }
        }
        Ok(told)
    }

    /// Makes one of everything that can be made.
    pub async fn furnish(&mut self) -> anyhow::Result<()> {
        for case in cases() {
            if !case.gives.is_empty() {
                let told = self.act(&case).await?;
                anyhow::ensure!(told.status.is_success(), "{}: {told:?}", case.name);
            }
        }
        self.track_a_private_page().await?;
        // A credential that works starts a sync, which leaves a log.
        let credential = cases()
            .into_iter()
            .find(|case| case.name == "put_credential");
        self.act(&credential.context("no such case")?).await?;
        let owner = self.owner.clone();
        let log = until("a sync log", Duration::from_secs(60), async || {
            let logs = owner
                .send(&Method::GET, "/api/v1/sync-logs?limit=1", None)
                .await?;
            Ok(logs.json().pointer("/items/0/id").cloned())
        })
        .await?;
        self.ids.set("sync_log", log);
        Ok(())
    }
}

/// Somebody with a role in the tenant, and with the owner's password.
fn joined(slug: &str, role: &str, email: &str) -> String {
    format!(
        "with joined as (
             insert into identity.user_account (id, email, password_hash)
             select gen_random_uuid(), '{email}', password_hash
             from identity.user_account where email = 'owner@{slug}.example' returning id
         )
         insert into identity.membership (tenant_id, user_id, role)
         select t.id, joined.id, '{role}' from joined, identity.tenant t where t.slug = '{slug}'"
    )
}

/// Another member, and what mails would bring to people, whose tokens nobody knows otherwise.
fn people(slug: &str, member: uuid::Uuid) -> String {
    let token = |kind: &str| format!("sha256('{kind} {slug}'::bytea)");
    let (verification, reset) = (token("verification"), token("reset"));
    let (invited, handoff) = (token("invited"), token("handoff"));
    let tenant = format!("(select id from identity.tenant where slug = '{slug}')");
    let owner =
        format!("(select id from identity.user_account where email = 'owner@{slug}.example')");
    format!(
        "insert into identity.user_account (id, email, password_hash)
             select '{member}', 'member@{slug}.example', password_hash from identity.user_account where id = {owner};
         insert into identity.membership (tenant_id, user_id, role) values ({tenant}, '{member}', 'viewer');
         insert into identity.mail_token (token_sha256, purpose, user_id, email, created_at, expires_at) values
             ({verification}, 'verify_email', {owner}, 'owner@{slug}.example', now(), now() + interval '1 day'),
             ({reset}, 'reset_password', '{member}', 'member@{slug}.example', now(), now() + interval '1 day');
         insert into identity.invitation
             (tenant_id, id, email, role, token_sha256, invited_by, created_at, expires_at) values
             ({tenant}, gen_random_uuid(), 'guest@{slug}.example', 'admin', {invited}, {owner}, now(),
              now() + interval '1 day');
         insert into identity.handoff (code_sha256, tenant_id, user_id, expires_at) values
             ({handoff}, {tenant}, {owner}, now() + interval '1 day')"
    )
}
