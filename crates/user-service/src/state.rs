//! What a running user-service is made of.

use anyhow::Context;
use axum::extract::FromRef;
use bus::Bus;
use chrono::TimeDelta;
use config::{Config, ConfigError, DatabaseRole};
use db::idempotency::Store;
use db::outbox::Schema;
use db::{ApiPool, Pools};
use http_kit::auth::{Authenticator, Settings};
use http_kit::health::Check;
use http_kit::idempotency::Idempotency;
use std::sync::Arc;

use crate::accounts::Accounts;
use crate::identity::Identity;
use crate::passwords::Passwords;
use crate::signing_keys::SigningKeys;
use crate::tokens::{TokenSettings, Tokens};

/// Everything handlers and loops work with; cheap to clone.
#[derive(Clone)]
pub struct State {
    pub(crate) pools: Pools,
    pub(crate) bus: Bus,
    pub(crate) accounts: Accounts,
    pub(crate) identity: Identity,
    pub(crate) issuer: Issuer,
    pub(crate) authenticator: Authenticator,
    pub(crate) idempotency: Idempotency,
    /// How long the audit log is kept.
    pub(crate) audit_kept: TimeDelta,
    /// Events worked on at once.
    pub(crate) event_concurrency: u16,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("user_service::State")
    }
}

/// `iss` of access tokens: the URL under which clients reach the API.
#[derive(Debug, Clone)]
pub struct Issuer(pub Arc<str>);

/// Builds the real clients; the only place that does. user-service asks no other service, so `_peers` is here because
/// all four services are wired alike.
///
/// # Errors
/// When the database cannot be reached or prepared, or a setting does not work.
pub async fn wire(config: &Config, _peers: rpc::Peers) -> anyhow::Result<State> {
    let api_url = config
        .database
        .role_url(DatabaseRole::IdentityApi)
        .map_err(ConfigError::from)?;
    let system_url = config
        .database
        .role_url(DatabaseRole::IdentitySystem)
        .map_err(ConfigError::from)?;
    let pools = Pools::connect(
        api_url.expose(),
        config.database.api_pool,
        system_url.expose(),
        config.database.system_pool,
    )
    .await
    .context("connect to schema identity")?
    .audited(Schema::Identity);
    let bus = Bus::connect(config.amqp.url.expose(), &config.amqp.prefix, [])?;
    let seal = config.secrets.ring().context("secrets")?;
    let keys = SigningKeys::open(pools.system.clone(), seal.clone()).await?;
    let auth = &config.auth;
    let passwords = Passwords::new(
        auth.argon2_memory_kib,
        auth.argon2_iterations,
        auth.argon2_parallelism,
        // A hash takes a core for tens of milliseconds: more at once would only take turns, and memory.
        std::thread::available_parallelism().map_or(2, usize::from),
    )
    .await?;
    let tokens = Tokens::new(
        keys.clone(),
        TokenSettings {
            issuer: auth.issuer.clone(),
            audience: auth.audience.clone(),
            access: seconds(auth.access_seconds)?,
            refresh: seconds(auth.refresh_seconds)?,
        },
    );
    let identity = Identity::new(pools.system.clone(), keys);
    let settings = Settings {
        issuer: auth.issuer.clone(),
        audience: auth.audience.clone(),
        base_domains: config.http.base_domains.clone(),
    };
    Ok(State {
        accounts: Accounts::new(pools.system.clone(), passwords, tokens),
        // Not over gRPC: the answers are here.
        authenticator: Authenticator::new(Arc::new(identity.clone()), settings),
        idempotency: Idempotency::new(
            Arc::new(Store::new(pools.api.clone(), Schema::Identity)),
            seal,
        ),
        audit_kept: TimeDelta::days(config.audit.keep_days.into()),
        event_concurrency: config.amqp.event_concurrency,
        issuer: Issuer(auth.issuer.as_str().into()),
        identity,
        pools,
        bus,
    })
}

/// What this service cannot serve without, by name.
#[must_use]
pub fn readiness(state: &State) -> Vec<Check> {
    let (pools, bus) = (state.pools.clone(), state.bus.clone());
    vec![
        Check::new("postgres:identity", move || {
            let pools = pools.clone();
            async move {
                pools.api.ping().await?;
                pools.system.ping().await?;
                Ok(())
            }
        }),
        Check::new("rabbitmq", move || {
            let connected = bus.is_connected();
            async move {
                anyhow::ensure!(connected, "not connected");
                Ok(())
            }
        }),
    ]
}

fn seconds(number: u64) -> anyhow::Result<TimeDelta> {
    let seconds = i64::try_from(number).ok().and_then(TimeDelta::try_seconds);
    seconds.context("a life of a token is out of range")
}

/// Handlers of sign-in get this and nothing else.
impl FromRef<State> for Accounts {
    fn from_ref(state: &State) -> Self {
        state.accounts.clone()
    }
}

/// Handlers of a tenant's own things get this and nothing else.
impl FromRef<State> for ApiPool {
    fn from_ref(state: &State) -> Self {
        state.pools.api.clone()
    }
}

impl FromRef<State> for Identity {
    fn from_ref(state: &State) -> Self {
        state.identity.clone()
    }
}

impl FromRef<State> for Issuer {
    fn from_ref(state: &State) -> Self {
        state.issuer.clone()
    }
}
