//! What the operator does without signing in: the demo tenant, and keys for it.

use anyhow::{Context, anyhow};
use audit::{Actor, Entry, Subject};
use chrono::Utc;
use db::outbox::Schema;
use db::{SystemTx, audited};
use http_kit::auth::{Role, Scope};
use uuid::Uuid;

use crate::State;
use crate::accounts::{PERSON, announce, create_person, create_tenant};
use crate::rules::api_key::ApiKey;
use crate::rules::email::Email;
use crate::rules::slug::Slug;
use crate::rules::{locale, password, scope, tenant_name, time_zone};
use crate::storage::api_keys::{self, NewApiKey};
use crate::storage::people;
use crate::storage::tenants::{self, NewTenant};

/// A tenant and its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    /// The tenant.
    pub tenant_id: Uuid,
    /// Its owner.
    pub user_id: Uuid,
}

/// Makes sure that the tenant `slug` exists, on this plan, with this person as its owner who signs in with this
/// password. What exists is kept: a second call changes nothing but a different plan or password.
///
/// # Errors
/// When a value breaks its rule or the database fails.
pub async fn ensure_demo(
    state: &State,
    slug: &str,
    tenant_name: &str,
    plan: &str,
    email: &str,
    password: &str,
) -> anyhow::Result<Demo> {
    let slug = Slug::parse(slug).map_err(|why| anyhow!("slug {why}"))?;
    let name = tenant_name::parse(tenant_name).map_err(|why| anyhow!("tenant name {why}"))?;
    let email = Email::parse(email).map_err(|why| anyhow!("e-mail address {why}"))?;
    password::check(password, email.as_str()).map_err(|why| anyhow!("password {why}"))?;

    let tx = SystemTx::begin(&state.pools.system).await?;
    let tenant = match tenants::by_slug_locked(&tx, slug.as_str()).await? {
        None => {
            let new = NewTenant {
                slug: slug.as_str(),
                name: &name,
                plan,
                time_zone: time_zone::DEFAULT,
                locale: locale::DEFAULT,
            };
            let tenant = create_tenant(&tx, new).await?;
            let subject = Subject::new("tenant", tenant.id);
            keep(&tx, "create_tenant", tenant.id, subject).await?;
            tenant
        }
        Some(tenant) if tenant.plan_code == plan => tenant,
        Some(tenant) => {
            let tenant = tenants::set_plan(&tx, tenant.id, plan)
                .await
                .context("set the plan")?;
            let subject = Subject::new("tenant", tenant.id);
            keep(&tx, "set_plan", tenant.id, subject).await?;
            announce(&tx, &tenant).await?;
            tenant
        }
    };
    let passwords = &state.accounts.passwords;
    let user_id = match people::by_email(&tx, email.as_str()).await? {
        None => {
            let hash = passwords.hash(password.to_owned()).await?;
            let id = create_person(&tx, &email, &hash).await?;
            keep(&tx, "create_user", tenant.id, Subject::new(PERSON, id)).await?;
            id
        }
        Some(person) => {
            let same = passwords
                .verify(password.to_owned(), Some(person.password_hash))
                .await;
            // A hash that cannot be read is replaced like a different one.
            if !same.unwrap_or(false) {
                let hash = passwords.hash(password.to_owned()).await?;
                people::set_password_hash(&tx, person.id, &hash).await?;
                let subject = Subject::new(PERSON, person.id);
                keep(&tx, "set_password", tenant.id, subject).await?;
            }
            person.id
        }
    };
    let owner = Role::Owner.as_str();
    let membership = people::membership(&tx, tenant.id, user_id).await?;
    if membership.is_none_or(|membership| membership.role != owner) {
        people::set_membership(&tx, tenant.id, user_id, owner).await?;
        keep(&tx, "make_owner", tenant.id, Subject::new(PERSON, user_id)).await?;
    }
    // The operator vouches for the address.
    people::set_verified(&tx, user_id, email.as_str(), Utc::now()).await?;
    tx.commit().await?;
    Ok(Demo {
        tenant_id: tenant.id,
        user_id,
    })
}

/// A line of the audit log about what the operator does to a tenant, in the same transaction.
async fn keep(
    tx: &SystemTx,
    action: &str,
    tenant_id: Uuid,
    subject: Subject,
) -> anyhow::Result<()> {
    let entry = Entry::by(Actor::OPERATOR, action, Some(tenant_id), subject);
    audited::append(&mut *tx.sqlx().await, Schema::Identity, vec![entry]).await?;
    Ok(())
}

/// A new API key of a tenant. It takes the place of an earlier one of this name that the operator made, since that
/// one cannot be shown again.
///
/// # Errors
/// When a value breaks its rule, the tenant does not exist, or the database fails.
pub async fn issue_api_key(
    state: &State,
    tenant_id: Uuid,
    name: &str,
    scopes: &[Scope],
) -> anyhow::Result<String> {
    let name = tenant_name::parse(name).map_err(|why| anyhow!("key name {why}"))?;
    let scopes = scope::parse(scopes).map_err(|why| anyhow!("scopes {why}"))?;
    let scopes: Vec<String> = scopes
        .iter()
        .map(|scope| scope.as_str().to_owned())
        .collect();
    let key = ApiKey::generate(&mut rand::rng());
    let now = Utc::now();
    let tx = SystemTx::begin(&state.pools.system).await?;
    api_keys::revoke_operators(&tx, tenant_id, &name, now).await?;
    let new = NewApiKey {
        id: Uuid::now_v7(),
        name: &name,
        prefix: key.prefix(),
        key_sha256: key.sha256(),
        scopes: &scopes,
        created_by: None,
        expires_at: None,
        allowed_addresses: &[],
    };
    let id = new.id;
    api_keys::insert(&tx, tenant_id, new, now)
        .await
        .context("store the key")?;
    keep(&tx, "issue_api_key", tenant_id, Subject::new("api_key", id)).await?;
    tx.commit().await?;
    Ok(key.expose().to_owned())
}
