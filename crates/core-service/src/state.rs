//! What the parts of this service share.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bus::Bus;
use cache::{Cache, Settings as CacheSettings};
use config::{Config, DatabaseRole};
use db::outbox::Schema;
use db::{Pools, Replica, idempotency};
use http_kit::auth::{self, Authenticator};
use http_kit::idempotency::Idempotency;
use http_kit::limits::Limiter;
use http_kit::plans::Plans as LimitPlans;
use secrets::SecretBox;

use crate::answers::{Answers, Lives};
use crate::events::Hub;
use crate::ingest::{Coalescer, Ingest, Limits, Months};
use crate::products::together::Together;
use crate::retention::Keeping;
use crate::trackings::timing::Plans;

/// Everything the service works with. One pointer: every request clones it several times.
#[derive(Clone)]
pub struct State {
    shared: Arc<Shared>,
}

struct Shared {
    parts: Parts,
    ingest: Coalescer,
    events: Hub,
    months: Arc<Months>,
    plans: Plans,
    answers: Answers,
    together: Together,
}

/// The clients that [`State`] is made of.
pub struct Parts {
    /// The catalog's logins.
    pub pools: Pools,
    /// A copy that is read from, if there is one.
    pub replica: Option<Replica>,
    /// Answers that are kept.
    pub cache: Cache,
    /// How long.
    pub lives: Lives,
    /// The broker.
    pub bus: Bus,
    /// crawler-service.
    pub crawler: rpc::Channel,
    /// user-service.
    pub user: rpc::Channel,
    /// Tells who is calling.
    pub authenticator: Authenticator,
    /// How often requests are admitted.
    pub limiter: Limiter,
    /// Seals answers that may be replayed.
    pub sealer: SecretBox,
    /// How observations are collected.
    pub collecting: Limits,
    /// How long history is kept.
    pub keeping: Keeping,
    /// Events worked on at once.
    pub event_concurrency: u16,
    /// Whether pages in private networks may be tracked: for demos and tests.
    pub allow_private: bool,
}

/// Builds the state with real clients: the only place that does.
///
/// # Errors
/// When a setting cannot be used or the database does not answer.
pub async fn wire(config: &Config, peers: rpc::Peers) -> anyhow::Result<State> {
    let plans = LimitPlans::over_grpc(peers.user.clone());
    let limiter = Limiter::of(config, plans).context("redis.url")?;
    wire_beside(config, peers, limiter).await
}

/// The same in one process with others, whose limiter it shares.
///
/// # Errors
/// As [`wire`].
pub async fn wire_beside(
    config: &Config,
    peers: rpc::Peers,
    limiter: Limiter,
) -> anyhow::Result<State> {
    let database = &config.database;
    let url = |role| {
        database
            .role_url(role)
            .map_err(|problem| anyhow::anyhow!("{problem}"))
    };
    let pools = Pools::connect(
        url(DatabaseRole::CatalogApi)?.expose(),
        database.api_pool,
        url(DatabaseRole::CatalogSystem)?.expose(),
        database.system_pool,
    )
    .await
    .context("connect to the catalog")?;
    let replica = database
        .replica_url(DatabaseRole::CatalogApi)
        .map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let replica = match replica {
        Some(url) => Some(
            Replica::open(url.expose(), database.api_pool, pools.api.clone())
                .await
                .context("database.read_url")?,
        ),
        None => None,
    };
    let cache = CacheSettings {
        memory: config.cache.memory_mib << 20,
        redis: Some(config.redis.url.expose().to_owned()),
        prefix: config.redis.prefix.clone(),
    };
    let settings = auth::Settings {
        issuer: config.auth.issuer.clone(),
        audience: config.auth.audience.clone(),
        base_domains: config.http.base_domains.clone(),
    };
    Ok(State::new(Parts {
        pools,
        replica,
        cache: Cache::new(&cache).context("redis.url")?,
        lives: (&config.cache).into(),
        bus: Bus::connect(config.amqp.url.expose(), &config.amqp.prefix, []).context("amqp.url")?,
        crawler: peers.crawler,
        authenticator: Authenticator::over_grpc(peers.user.clone(), settings),
        limiter,
        user: peers.user,
        sealer: config.secrets.ring().context("secrets")?,
        collecting: Limits {
            observations: usize::try_from(config.ingest.batch).unwrap_or(usize::MAX),
            wait: Duration::from_millis(config.ingest.wait_ms),
            at_once: usize::try_from(config.ingest.at_once).unwrap_or(1),
            ..Limits::default()
        },
        keeping: Keeping {
            raw_days: config.history.raw_days,
            unwatched_days: config.history.unwatched_days,
        },
        event_concurrency: config.amqp.event_concurrency,
        allow_private: config.egress.allow_private,
    }))
}

impl State {
    /// A state over these clients. Must run inside a runtime: it starts collecting observations.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let months = Arc::new(Months::default());
        let ingest = Ingest::new(parts.pools.system.clone(), Arc::clone(&months))
            .forgetting_in(parts.cache.clone());
        let names = ingest.known();
        let shared = Shared {
            ingest: Coalescer::start(ingest, parts.collecting),
            events: Hub::new(parts.pools.clone()),
            together: Together::start(parts.pools.api.clone()),
            months,
            plans: Plans::new(parts.user.clone()),
            answers: Answers::new(
                parts.cache.clone(),
                parts.lives,
                parts.replica.clone(),
                names,
            ),
            parts: Parts {
                pools: parts.pools.clone().audited(Schema::Catalog),
                ..parts
            },
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Where observations go in.
    #[must_use]
    pub fn ingest(&self) -> &Coalescer {
        &self.shared.ingest
    }

    /// The live event stream.
    #[must_use]
    pub fn events(&self) -> &Hub {
        &self.shared.events
    }

    /// Answers that are kept.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.shared.answers
    }

    pub(crate) fn together(&self) -> &Together {
        &self.shared.together
    }

    pub(crate) fn months(&self) -> &Months {
        &self.shared.months
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.shared.parts.pools
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.shared.parts.bus
    }

    pub(crate) fn crawler(&self) -> rpc::Channel {
        self.shared.parts.crawler.clone()
    }

    pub(crate) fn user(&self) -> rpc::Channel {
        self.shared.parts.user.clone()
    }

    pub(crate) fn plans(&self) -> &Plans {
        &self.shared.plans
    }

    pub(crate) fn authenticator(&self) -> &Authenticator {
        &self.shared.parts.authenticator
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.shared.parts.limiter
    }

    pub(crate) fn keeping(&self) -> Keeping {
        self.shared.parts.keeping
    }

    pub(crate) fn event_concurrency(&self) -> u16 {
        self.shared.parts.event_concurrency
    }

    pub(crate) fn allow_private(&self) -> bool {
        self.shared.parts.allow_private
    }

    pub(crate) fn idempotency(&self) -> Idempotency {
        let store = idempotency::Store::new(self.shared.parts.pools.api.clone(), Schema::Catalog);
        Idempotency::new(Arc::new(store), self.shared.parts.sealer.clone())
    }
}
