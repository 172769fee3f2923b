//! A new tenant with its first person.

use chrono::{DateTime, Utc};
use contracts::messages::v1::{TenantRegistered, event::Payload};
use db::outbox::{self, NewEvent, Schema};
use db::{SystemTx, violated_constraint};
use http_kit::auth::Role;
use sea_orm::DbErr;
use uuid::Uuid;

use super::{AccountError, Accounts, Origin};
use crate::rules::email::Email;
use crate::rules::slug::Slug;
use crate::storage::people::{self, Membership};
use crate::storage::slugs;
use crate::storage::tenants::{self, NewTenant, Tenant};
use crate::tokens::TokenPair;

/// The plan of a tenant that registers by itself.
const FIRST_PLAN: &str = "free";

/// What a registration says, checked.
#[derive(Clone)] // no Debug: it holds a password
pub struct Registration {
    /// The tenant's name.
    pub tenant: String,
    /// The tenant's slug.
    pub slug: Slug,
    /// The owner's address.
    pub email: Email,
    /// The owner's password.
    pub password: String,
    /// IANA name of the tenant's time zone.
    pub time_zone: &'static str,
    /// The tenant's language.
    pub locale: &'static str,
}

impl Accounts {
    /// Makes the tenant, its owner and a first session, tells the other services, and asks the owner by mail whether the
    /// address is theirs.
    ///
    /// # Errors
    /// [`AccountError::SlugTaken`], [`AccountError::EmailTaken`], or a failure.
    pub async fn register(
        &self,
        registration: Registration,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let Registration {
            tenant,
            slug,
            email,
            password,
            time_zone,
            locale,
        } = registration;
        let password_hash = self.passwords.hash(password).await?;
        let (tx, keys) = self.begin().await?;
        let new = NewTenant {
            slug: slug.as_str(),
            name: &tenant,
            plan: FIRST_PLAN,
            time_zone,
            locale,
        };
        let tenant = create_tenant(&tx, new).await?;
        let user_id = create_person(&tx, &email, &password_hash).await?;
        people::set_membership(&tx, tenant.id, user_id, Role::Owner.as_str()).await?;
        let membership = Membership {
            tenant_id: tenant.id,
            tenant_slug: tenant.slug,
            tenant_status: tenant.status,
            role: Role::Owner.as_str().to_owned(),
        };
        self.ask_to_verify(&tx, user_id, email.as_str(), locale, now)
            .await?;
        let pair = self
            .open_session(&tx, &keys, user_id, &membership, origin, now)
            .await?;
        audit::about("tenant", tenant.id);
        tx.commit_audited().await?;
        tracing::info!(tenant.id = %tenant.id, tenant.slug = slug.as_str(), "tenant registered");
        Ok(pair)
    }
}

/// A new tenant and the event about it.
pub(crate) async fn create_tenant(
    tx: &SystemTx,
    new: NewTenant<'_>,
) -> Result<Tenant, AccountError> {
    let inserted = tenants::insert(tx, Uuid::now_v7(), new).await;
    let tenant =
        inserted.map_err(|error| taken(error, tenants::SLUG_KEY, AccountError::SlugTaken))?;
    // After the slug is ours: one that is given up just now is held by whoever had it.
    if slugs::is_held(tx, &tenant.slug, Utc::now()).await? {
        return Err(AccountError::SlugTaken);
    }
    announce(tx, &tenant).await?;
    Ok(tenant)
}

/// A new person.
pub(crate) async fn create_person(
    tx: &SystemTx,
    email: &Email,
    password_hash: &str,
) -> Result<Uuid, AccountError> {
    let id = Uuid::now_v7();
    people::insert(tx, id, email.as_str(), password_hash)
        .await
        .map_err(|error| taken(error, people::EMAIL_KEY, AccountError::EmailTaken))?;
    Ok(id)
}

/// Tells the other services about a tenant and its plan.
pub(crate) async fn announce(tx: &SystemTx, tenant: &Tenant) -> Result<(), AccountError> {
    let event = NewEvent {
        tenant_id: Some(tenant.id),
        kind: "tenant.registered",
        subject: tenant.id.to_string(),
        version: tenant.version,
        message: Some(Payload::TenantRegistered(TenantRegistered {
            slug: tenant.slug.clone(),
            plan: tenant.plan_code.clone(),
        })),
        data: None,
    };
    outbox::append(&mut *tx.sqlx().await, Schema::Identity, vec![event]).await?;
    Ok(())
}

/// `means` when `error` is about the unique key `key`.
pub(super) fn taken(error: DbErr, key: &str, means: AccountError) -> AccountError {
    if violated_constraint(&error).as_deref() == Some(key) {
        means
    } else {
        AccountError::Database(error)
    }
}
