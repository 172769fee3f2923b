//! Against real Postgres and RabbitMQ.

mod api;
mod categories;
mod costs;
mod crawls;
mod credentials;
mod dispatch;
mod events;
mod fairness;
mod journey;
mod live;
mod monitors;
mod once;
mod outage;
mod peers;
mod quotas;
mod rounds;
mod scheduler;
mod schedules;
mod sources;
mod spend;
mod standings;
mod steering;
mod sync_logs;
mod syncs;
mod taking_over;
mod trouble;
mod urgent;
mod watching;
mod work;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::{Bus, Topology};
use chrono::{DateTime, TimeDelta, Utc};
use config::{Config, DatabaseRole};
use contracts::crawl::v1::crawl_client::CrawlClient;
use contracts::crawl::v1::work_client::WorkClient;
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{Event, Schedule, TrackingChanged};
use db::{Pools, SystemTx};
use devstack::testing::{ROLE_SECRET, TestEnv};
use futures::stream::{self, BoxStream, StreamExt as _};
use http_kit::auth::{
    ApiKeyRecord, Authenticator, Change, IdentityLookup, Jwks, KeyAnswer, KeyUse, LookupError,
    Scope, SessionRecord, Settings as AuthSettings, api_key_form,
};
use prost::Message;
use sea_orm::sqlx::{self, AssertSqlSafe};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::State;
use crate::dispatch::Dispatcher;
use crate::events::Trackings;
use crate::reaper::Reaper;
use crate::settings::Settings;

/// A request's trace.
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// One crawler on a database and a broker prefix of its own.
struct Stage {
    state: State,
    peers: peers::Peers,
    api_url: String,
    tenant: Uuid,
    other_tenant: Uuid,
    // Last, so that the database goes when nobody uses it any more.
    _env: Option<TestEnv>,
}

/// A target, as tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    interval_seconds: Option<i32>,
    next_due_at: Option<DateTime<Utc>>,
    priority: i16,
    round: i64,
    fence: i64,
    task_id: Option<Uuid>,
    attempts: i16,
    failures: i32,
    last_outcome: Option<String>,
    traceparent: Option<String>,
}

impl Stage {
    async fn new() -> Self {
        let env = TestEnv::new(&migrations::fingerprint(), async |url| {
            let admin = migrations::Admin {
                url,
                role_secret: ROLE_SECRET.to_owned(),
            };
            migrations::prepare(&admin)
                .await
                .map_err(|error| format!("{error:#}"))
        })
        .await
        .expect("engines");
        let (database, amqp) = (env.database_url.clone(), env.amqp_url.clone());
        let prefix = env.amqp_prefix.clone();
        Self::on(&database, &amqp, &prefix, Some(env)).await
    }

    /// On a migrated database and a broker.
    async fn on(database_url: &str, amqp_url: &str, prefix: &str, env: Option<TestEnv>) -> Self {
        let mut config = Config::defaults();
        config.database.url = database_url.into();
        config.database.role_secret = ROLE_SECRET.into();
        let url = |role| {
            config
                .database
                .role_url(role)
                .expect("an address")
                .expose()
                .to_owned()
        };
        let api_url = url(DatabaseRole::CrawlApi);
        let pools = Pools::connect(&api_url, 4, &url(DatabaseRole::CrawlSystem), 8)
            .await
            .expect("the database answers");
        let bus = Bus::connect(amqp_url, prefix, connectors::sources()).expect("an address");
        within("the broker answers", bus.connected()).await;
        let (tenant, other_tenant) = (Uuid::now_v7(), Uuid::now_v7());
        let authenticator = Authenticator::new(
            Arc::new(Keys {
                tenant,
                other_tenant,
            }),
            AuthSettings {
                issuer: "test".to_owned(),
                audience: "test".to_owned(),
                base_domains: Vec::new(),
            },
        );
        let sealer = secrets::SecretBox::new([7; 32].into());
        let peers = peers::Peers::default();
        let ways = peers.serve();
        let mut settings = Settings::of(&config);
        settings.live_timeout = Duration::from_secs(2);
        let limiter = http_kit::limits::Limiter::off();
        let state = State::of(pools, bus, authenticator, sealer, settings, ways, limiter);
        Self {
            state,
            peers,
            api_url,
            tenant,
            other_tenant,
            _env: env,
        }
    }

    /// Tells the crawler of a tracking, as core's event does.
    async fn tell(&self, event: &Tracking) {
        self.trackings()
            .apply(&event.encoded(), Some(TRACE), Utc::now())
            .await
            .expect("applied");
    }

    /// `count` listings from `first` on, tracked by the stage's tenant and due now.
    async fn track(&self, first: i64, count: i64) {
        for listing in first..first + count {
            self.tell(&Tracking::of(self.tenant, listing)).await;
        }
    }

    fn trackings(&self) -> Trackings {
        Trackings {
            pool: self.state.pools.system.clone(),
            wake: self.state.wake.clone(),
        }
    }

    fn reaper(&self) -> Reaper {
        Reaper {
            pool: self.state.pools.system.clone(),
            wake: self.state.wake.clone(),
        }
    }

    fn dispatcher(&self, topology: Topology) -> Dispatcher {
        self.dispatcher_of(connectors::amazon::SOURCE, topology)
    }

    fn dispatcher_of(&self, source: domain::source::Source, topology: Topology) -> Dispatcher {
        Dispatcher {
            source,
            pool: self.state.pools.system.clone(),
            publisher: self.state.bus.publisher(),
            topology,
            settings: self.state.settings.clone(),
            wake: self.state.wake.clone(),
            plans: self.state.plans.clone(),
        }
    }

    /// Dispatches once; tells the task that was made, of which there must be one.
    async fn dispatch_one(&self) -> Uuid {
        self.dispatch_one_of(connectors::amazon::SOURCE).await
    }

    async fn dispatch_one_of(&self, source: domain::source::Source) -> Uuid {
        let topology = self.state.bus.topology().clone();
        let pass = self.dispatcher_of(source, topology).pass().await;
        assert_eq!(pass.expect("dispatched").published, 1);
        let sql = "select id from crawl.task order by id desc limit 1";
        self.one::<(Uuid,)>(sql).await.0
    }

    async fn target(&self, id: i64) -> Target {
        type Row = (
            Option<i32>,
            Option<DateTime<Utc>>,
            i16,
            i64,
            i64,
            Option<Uuid>,
            i16,
            i32,
            Option<String>,
            Option<String>,
        );
        let row: Row = self
            .one(&format!(
                "select interval_seconds, next_due_at, priority, round, fence, task_id, attempts, failures,
                        last_outcome, traceparent
                 from crawl.target where id = {id}"
            ))
            .await;
        Target {
            interval_seconds: row.0,
            next_due_at: row.1,
            priority: row.2,
            round: row.3,
            fence: row.4,
            task_id: row.5,
            attempts: row.6,
            failures: row.7,
            last_outcome: row.8,
            traceparent: row.9,
        }
    }

    /// One row, across tenants.
    async fn one<R>(&self, sql: &str) -> R
    where
        R: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
    {
        sqlx::query_as(AssertSqlSafe(sql.to_owned()))
            .fetch_one(self.state.pools.system.sqlx())
            .await
            .expect("one row")
    }

    /// A change across tenants.
    async fn execute(&self, sql: &str) {
        let tx = SystemTx::begin(&self.state.pools.system)
            .await
            .expect("begun");
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut *tx.sqlx().await)
            .await
            .expect("executed");
        tx.commit().await.expect("committed");
    }

    /// Clients as worker and as core, over the real gRPC layers.
    fn clients(&self) -> (WorkClient<rpc::Channel>, CrawlClient<rpc::Channel>) {
        let (worker, core) = self.channels();
        (WorkClient::new(worker), CrawlClient::new(core))
    }

    /// A channel as user-service.
    fn channel_of_user(&self) -> rpc::Channel {
        let (connector, incoming) = rpc::local::pair();
        let tokens = peers::tokens();
        let user = connector.channel(&tokens.user).expect("a token");
        let routes = crate::grpc(self.state.clone());
        let stop = CancellationToken::new();
        tokio::spawn(rpc::local::serve(routes, incoming, tokens, stop));
        user
    }

    /// Channels as worker and as core.
    fn channels(&self) -> (rpc::Channel, rpc::Channel) {
        let (connector, incoming) = rpc::local::pair();
        let tokens = peers::tokens();
        let worker = connector.channel(&tokens.worker).expect("a token");
        let core = connector.channel(&tokens.core).expect("a token");
        let routes = crate::grpc(self.state.clone());
        tokio::spawn(rpc::local::serve(
            routes,
            incoming,
            tokens,
            CancellationToken::new(),
        ));
        (worker, core)
    }
}

/// A tracking event.
#[derive(Debug, Clone)]
struct Tracking {
    tenant: Uuid,
    id: Uuid,
    listing: i64,
    version: i64,
    interval_seconds: u32,
    live: bool,
    source: &'static str,
    owner: Option<Uuid>,
    strategy: Option<&'static str>,
    schedule: Option<Schedule>,
    adaptive: bool,
    low_stock_seconds: Option<u32>,
}

impl Tracking {
    fn of(tenant: Uuid, listing: i64) -> Self {
        Self {
            tenant,
            id: Uuid::now_v7(),
            listing,
            version: 1,
            interval_seconds: 3600,
            live: true,
            source: "amazon",
            owner: None,
            strategy: None,
            schedule: None,
            adaptive: false,
            low_stock_seconds: None,
        }
    }

    fn encoded(&self) -> Vec<u8> {
        Event {
            id: Uuid::now_v7().to_string(),
            sequence: self.version,
            kind: "tracking.updated".to_owned(),
            subject: self.id.to_string(),
            version: self.version,
            tenant_id: Some(self.tenant.to_string()),
            occurred_at_us: 0,
            payload: Some(Payload::TrackingChanged(TrackingChanged {
                tracking_id: self.id.to_string(),
                listing_id: self.listing,
                source: self.source.to_owned(),
                marketplace: "US".to_owned(),
                external_id: format!("B{:09}", self.listing),
                url: format!("https://www.amazon.com/dp/B{:09}", self.listing),
                interval_seconds: self.interval_seconds,
                live: self.live,
                owner_tenant_id: self.owner.map(|id| id.to_string()),
                strategy: self.strategy.map(ToOwned::to_owned),
                schedule: self.schedule.clone(),
                adaptive: self.adaptive,
                least_seconds: 300,
                low_stock_seconds: self.low_stock_seconds,
            })),
        }
        .encode_to_vec()
    }
}

/// The keys `bw_mine` and `bw_theirs`, which read and crawl, `bw_mine_write` and `bw_theirs_write`, which write, and
/// `bw_mine_admin` and `bw_theirs_admin`, which may all.
struct Keys {
    tenant: Uuid,
    other_tenant: Uuid,
}

#[async_trait]
impl IdentityLookup for Keys {
    async fn jwks(&self) -> Result<Jwks, LookupError> {
        Err(LookupError::new("there are no tokens here"))
    }

    async fn api_key(&self, sha256: [u8; 32]) -> Result<KeyAnswer, LookupError> {
        let names = ["bw_mine", "bw_theirs"];
        let kinds = [
            ("", vec![Scope::Read, Scope::Crawl]),
            ("_write", vec![Scope::Write, Scope::Crawl]),
            ("_admin", vec![Scope::Admin]),
        ];
        let found = names.iter().enumerate().find_map(|(place, name)| {
            let mut kinds = kinds.iter();
            let kind = kinds
                .find(|(kind, _)| secrets::sha256(key_text(&format!("{name}{kind}"))) == sha256)?;
            Some(([self.tenant, self.other_tenant][place], kind.1.clone()))
        });
        let Some((tenant_id, scopes)) = found else {
            return Ok(KeyAnswer::Unknown);
        };
        Ok(KeyAnswer::Known(ApiKeyRecord {
            tenant_id,
            tenant_slug: "acme".to_owned(),
            key_id: Uuid::now_v7(),
            scopes,
            expires_at: None,
            allowed: Vec::new(),
        }))
    }

    async fn session(&self, _: Uuid, _: Uuid) -> Result<Option<SessionRecord>, LookupError> {
        Ok(None)
    }

    async fn changes(&self) -> Result<BoxStream<'static, Change>, LookupError> {
        Ok(stream::pending().boxed())
    }

    async fn note_uses(&self, _: Vec<KeyUse>) -> Result<(), LookupError> {
        Ok(())
    }
}

/// The text of the key that tests call by this name: of the form that every key has.
pub fn key_text(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    api_key_form::complete(&format!("{name:0<32}"))
}

/// Waits for a future, at most ten seconds.
async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(10), future).await {
        Ok(value) => value,
        Err(_) => panic!("not in time: {what}"),
    }
}

/// Waits for a state, at most ten seconds.
async fn eventually<F: Future<Output = bool>>(what: &str, mut state: impl FnMut() -> F) {
    within(what, async {
        while !state().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// Whether `at` is at most a minute away from now.
fn is_now(at: Option<DateTime<Utc>>) -> bool {
    at.is_some_and(|at| (at - Utc::now()).abs() < TimeDelta::minutes(1))
}
