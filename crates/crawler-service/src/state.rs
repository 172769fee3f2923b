//! What the service holds, and the only place where it is built.

use std::sync::Arc;

use anyhow::Context;
use bus::Bus;
use config::DatabaseRole;
use db::Pools;
use db::outbox::Schema;
use http_kit::auth::{Authenticator, Settings as AuthSettings};
use http_kit::idempotency::Idempotency;
use http_kit::limits::Limiter;
use http_kit::plans::Plans;
use secrets::SecretBox;

use crate::catalog::Catalog;
use crate::fetching::{Fetching, Patience};
use crate::limits::Limits;
use crate::settings::Settings;
use crate::wake::Wake;

/// Everything the crawler works with; cheap to clone.
#[derive(Clone)]
pub struct State {
    pub(crate) pools: Pools,
    pub(crate) bus: Bus,
    pub(crate) authenticator: Authenticator,
    pub(crate) idempotency: Idempotency,
    pub(crate) settings: Settings,
    pub(crate) wake: Wake,
    /// Seals credentials.
    pub(crate) ring: SecretBox,
    pub(crate) catalog: Catalog,
    pub(crate) fetching: Fetching,
    pub(crate) limits: Limits,
    /// What plans allow.
    pub(crate) plans: Plans,
    /// How often requests are admitted.
    pub(crate) limiter: Limiter,
}

/// To the services that the crawler asks.
pub(crate) struct Ways {
    pub(crate) user: rpc::Channel,
    pub(crate) core: rpc::Channel,
    pub(crate) worker: rpc::Channel,
}

/// Connects to the database and begins to connect to the broker; `peers` answers who is calling.
///
/// # Errors
/// A malformed address or key, or a database that does not answer.
pub async fn wire(config: &config::Config, peers: rpc::Peers) -> anyhow::Result<State> {
    let plans = Plans::over_grpc(peers.user.clone());
    let limiter = Limiter::of(config, plans).context("redis.url")?;
    wire_beside(config, peers, limiter).await
}

/// The same in one process with others, whose limiter it shares.
///
/// # Errors
/// As [`wire`].
pub async fn wire_beside(
    config: &config::Config,
    peers: rpc::Peers,
    limiter: Limiter,
) -> anyhow::Result<State> {
    let database = &config.database;
    let address = |role| {
        database
            .role_url(role)
            .map_err(|problem| anyhow::anyhow!("{problem}"))
    };
    let pools = Pools::connect(
        address(DatabaseRole::CrawlApi)?.expose(),
        database.api_pool,
        address(DatabaseRole::CrawlSystem)?.expose(),
        database.system_pool,
    )
    .await
    .context("connect to the crawl schema")?;
    let bus = Bus::connect(
        config.amqp.url.expose(),
        &config.amqp.prefix,
        connectors::sources(),
    )
    .context("amqp.url")?;
    let ways = Ways {
        user: peers.user.clone(),
        core: peers.core,
        worker: peers.worker,
    };
    let authenticator = Authenticator::over_grpc(
        peers.user,
        AuthSettings {
            issuer: config.auth.issuer.clone(),
            audience: config.auth.audience.clone(),
            base_domains: config.http.base_domains.clone(),
        },
    );
    Ok(State::of(
        pools,
        bus,
        authenticator,
        config.secrets.ring().context("secrets")?,
        Settings::of(config),
        ways,
        limiter,
    ))
}

impl State {
    /// Waits until the broker is connected.
    pub async fn connected(&self) {
        self.bus.connected().await;
    }

    /// From its parts.
    pub(crate) fn of(
        pools: Pools,
        bus: Bus,
        authenticator: Authenticator,
        sealer: SecretBox,
        settings: Settings,
        ways: Ways,
        limiter: Limiter,
    ) -> Self {
        let patience = Patience {
            usual: settings.live_timeout,
            longest: settings.live_longest,
            per_tenant: settings.live_per_tenant,
        };
        let keys = db::idempotency::Store::new(pools.api.clone(), Schema::Crawl);
        Self {
            pools: pools.audited(Schema::Crawl),
            bus,
            authenticator,
            idempotency: Idempotency::new(Arc::new(keys), sealer.clone()),
            ring: sealer,
            catalog: Catalog::new(ways.core),
            fetching: Fetching::new(ways.worker, patience),
            settings,
            limits: Limits::new(ways.user.clone()),
            plans: Plans::over_grpc(ways.user),
            limiter,
            wake: Wake::new(),
        }
    }
}
