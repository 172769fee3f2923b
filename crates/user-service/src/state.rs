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
use http_kit::limits::Limiter;
use http_kit::plans::Plans;
use std::sync::Arc;

use crate::accounts::{Accounts, Lives};
use crate::api::Seal;
use crate::credentials::Feed;
use crate::identity::Identity;
use crate::lockout::Lockout;
use crate::mail::{Dispatcher, Mailer};
use crate::passwords::Passwords;
use crate::signing_keys::{Lives as KeyLives, SigningKeys};
use crate::team::Team;
use crate::tenants::{Life, Tenants};
use crate::tokens::{TokenSettings, Tokens};

/// Everything handlers and loops work with; cheap to clone.
#[derive(Clone)]
pub struct State {
    pub(crate) pools: Pools,
    pub(crate) bus: Bus,
    pub(crate) accounts: Accounts,
    pub(crate) identity: Identity,
    pub(crate) tenants: Tenants,
    pub(crate) life: Life,
    pub(crate) seal: Seal,
    pub(crate) core: rpc::Channel,
    pub(crate) crawler: rpc::Channel,
    pub(crate) issuer: Issuer,
    pub(crate) authenticator: Authenticator,
    pub(crate) idempotency: Idempotency,
    pub(crate) team: Team,
    /// Whether there is a mail server.
    pub(crate) sends_mail: bool,
    /// How long the audit log is kept.
    pub(crate) audit_kept: TimeDelta,
    /// Events worked on at once.
    pub(crate) event_concurrency: u16,
    pub(crate) limiter: Limiter,
    pub(crate) counting: Counting,
}

impl State {
    /// The loop that has mails sent.
    pub(crate) fn mails(&self) -> Dispatcher {
        Dispatcher::new(
            self.pools.system.clone(),
            self.bus.clone(),
            self.accounts.mailer.clone(),
            self.accounts.lives.reset,
            self.sends_mail,
        )
    }

    /// The keys that sign access tokens.
    #[must_use]
    pub const fn signing_keys(&self) -> &SigningKeys {
        self.identity.signing_keys()
    }

    /// Limits requests, for the services of one process together.
    #[must_use]
    pub const fn limiter(&self) -> &Limiter {
        &self.limiter
    }
}

/// Who counts what a tenant uses: this service its people, the others the rest.
#[derive(Clone)]
pub struct Counting {
    pub(crate) pool: ApiPool,
    pub(crate) core: rpc::Channel,
    pub(crate) crawler: rpc::Channel,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("user_service::State")
    }
}

/// `iss` of access tokens: the URL under which clients reach the API.
#[derive(Debug, Clone)]
pub struct Issuer(pub Arc<str>);

/// Builds the real clients; the only place that does. The peers are asked for what they have of a tenant: what it used,
/// and all of it when it is carried away or erased.
///
/// # Errors
/// When the database cannot be reached or prepared, or a setting does not work.
pub async fn wire(config: &Config, peers: rpc::Peers) -> anyhow::Result<State> {
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
    let auth = &config.auth;
    let access = seconds(auth.access_seconds)?;
    let key_lives = KeyLives {
        key: TimeDelta::days(i64::from(auth.signing_key_days)),
        token: access,
    };
    let keys = SigningKeys::open(pools.system.clone(), seal.clone(), key_lives).await?;
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
            access,
            refresh: seconds(auth.refresh_seconds)?,
        },
    );
    let identity = Identity::new(pools.system.clone(), keys, Feed::default());
    let settings = Settings {
        issuer: auth.issuer.clone(),
        audience: auth.audience.clone(),
        base_domains: config.http.base_domains.clone(),
    };
    let page_url = match config.mail.page_url.as_str() {
        "" => auth.issuer.as_str(),
        page_url => page_url,
    };
    let mailer = Mailer::new(seal.clone(), page_url);
    let life = Life::from(&config.tenants);
    let plans = Plans::new(Arc::new(identity.clone()));
    Ok(State {
        limiter: Limiter::of(config, plans).context("redis.url")?,
        tenants: Tenants::new(pools.system.clone(), life),
        life,
        seal: Seal(seal.clone()),
        core: peers.core.clone(),
        crawler: peers.crawler.clone(),
        team: Team::new(
            pools.api.clone(),
            pools.system.clone(),
            mailer.clone(),
            seconds(auth.invitation_seconds)?,
        ),
        sends_mail: config.mail.smtp_url.is_set(),
        accounts: Accounts {
            system: pools.system.clone(),
            passwords,
            tokens,
            lockout: Lockout::new(&config.redis)?,
            mailer,
            lives: Lives {
                verification: seconds(auth.verification_seconds)?,
                reset: seconds(auth.reset_seconds)?,
            },
        },
        // Not over gRPC: the answers are here.
        authenticator: Authenticator::new(Arc::new(identity.clone()), settings),
        idempotency: Idempotency::new(
            Arc::new(Store::new(pools.api.clone(), Schema::Identity)),
            seal,
        ),
        audit_kept: TimeDelta::days(config.audit.keep_days.into()),
        event_concurrency: config.amqp.event_concurrency,
        issuer: Issuer(auth.issuer.as_str().into()),
        counting: Counting {
            pool: pools.api.clone(),
            core: peers.core,
            crawler: peers.crawler,
        },
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

impl FromRef<State> for Team {
    fn from_ref(state: &State) -> Self {
        state.team.clone()
    }
}

/// Those who show what is used get this and nothing else.
impl FromRef<State> for Counting {
    fn from_ref(state: &State) -> Self {
        state.counting.clone()
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

/// Handlers that refuse a credential themselves tell it through this.
impl FromRef<State> for Authenticator {
    fn from_ref(state: &State) -> Self {
        state.authenticator.clone()
    }
}

impl FromRef<State> for Issuer {
    fn from_ref(state: &State) -> Self {
        state.issuer.clone()
    }
}

impl FromRef<State> for Tenants {
    fn from_ref(state: &State) -> Self {
        state.tenants.clone()
    }
}

impl FromRef<State> for Life {
    fn from_ref(state: &State) -> Self {
        state.life
    }
}

impl FromRef<State> for Seal {
    fn from_ref(state: &State) -> Self {
        state.seal.clone()
    }
}
