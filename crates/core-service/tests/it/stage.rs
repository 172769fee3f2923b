//! One core-service on a database and a broker prefix of its own, with a stand-in for crawler.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use bus::{Bus, Outgoing};
use cache::{Cache, Settings as CacheSettings};
use config::{Config, DatabaseRole};
use contracts::catalog::v1::catalog_client::CatalogClient;
use contracts::catalog::v1::ingest_client::IngestClient;
use contracts::catalog::v1::outcome::Status as Outcome;
use contracts::catalog::v1::record_hits_response::Hit;
use contracts::catalog::v1::{
    ForgetMonitorRequest, IngestObservationsRequest, Monitor, Observation, Origin,
    RecordHitsRequest,
};
use contracts::crawl::v1::crawl_server::{Crawl, CrawlServer};
use contracts::crawl::v1::{
    GetTrackingStatesRequest, GetTrackingStatesResponse, StartCrawlRequest, StartCrawlResponse,
    TrackingState,
};
use contracts::identity::v1::identity_server::{Identity, IdentityServer};
use contracts::identity::v1::{
    GetJwksRequest, GetJwksResponse, GetPlanLimitsRequest, GetPlanLimitsResponse,
    VerifyApiKeyRequest, VerifyApiKeyResponse,
};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{Event, TrackingChanged};
use core_service::ingest::Limits;
use core_service::retention::Keeping;
use core_service::{Parts, State};
use db::{Pools, Replica};
use devstack::testing::{ROLE_SECRET, TestEnv};
use futures::stream::{self, BoxStream, StreamExt as _};
use http_kit::auth::{
    ApiKeyRecord, Authenticator, Change, IdentityLookup, Jwks, KeyAnswer, KeyUse, LookupError,
    Scope, SessionRecord, Settings as AuthSettings, api_key_form,
};
use http_kit::limits::Limiter;
use prost::Message;
use rpc::Tokens;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};
use tower::ServiceExt;
use uuid::Uuid;

pub const MINE: &str = "bw_mine";
pub const THEIRS: &str = "bw_theirs";
/// The most connections of the pool for requests.
pub const API_CONNECTIONS: u32 = 4;

pub struct Stage {
    pub state: State,
    pub pools: Pools,
    bus: Bus,
    pub tenant: Uuid,
    pub other_tenant: Uuid,
    /// Products that the plan of either tenant lets it track.
    pub places: Arc<AtomicU32>,
    /// As superuser: sees and does everything.
    pub owner: PgPool,
    /// As the login that requests use.
    pub api: PgPool,
    router: Router,
    // Last, so that the database goes when nobody uses it any more.
    env: TestEnv,
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub etag: Option<String>,
    pub body: Value,
}

impl Answer {
    async fn read(response: axum::response::Response) -> Self {
        let status = response.status();
        let etag = response
            .headers()
            .get(header::ETAG)
            .map(|tag| tag.to_str().expect("text").to_owned());
        let bytes = axum::body::to_bytes(response.into_body(), 16 << 20)
            .await
            .expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status, etag, body }
    }
}

/// One of several processes over a stage's database.
pub struct Process {
    state: State,
    router: Router,
}

impl Process {
    pub const fn state(&self) -> &State {
        &self.state
    }

    pub async fn get(&self, key: &str, path: &str) -> Answer {
        let request = Request::builder()
            .uri(format!("/api/v1{path}"))
            .header("x-api-key", key_text(key))
            .body(Body::empty())
            .expect("a request");
        let response = self.router.clone().oneshot(request).await;
        Answer::read(response.expect("an answer")).await
    }
}

fn served(state: &State) -> Router {
    let (router, _) = core_service::router(state.clone()).split_for_parts();
    http_kit::server::harden(router, Duration::from_secs(30))
}

/// The address of a login at the test's database.
fn login(env: &TestEnv, role: DatabaseRole) -> String {
    let mut config = Config::defaults();
    config.database.url = env.database_url.as_str().into();
    config.database.role_secret = ROLE_SECRET.into();
    let url = config.database.role_url(role).expect("an address");
    url.expose().to_owned()
}

/// What a process of this installation is made of.
fn parts(
    env: &TestEnv,
    pools: &Pools,
    bus: &Bus,
    crawler_there: bool,
    (tenant, other_tenant): (Uuid, Uuid),
    places: &Arc<AtomicU32>,
) -> Parts {
    let settings = AuthSettings {
        issuer: "test".into(),
        audience: "test".into(),
        base_domains: Vec::new(),
    };
    let cache = CacheSettings {
        memory: 1 << 20,
        redis: Some(env.redis_url.clone()),
        prefix: env.redis_prefix.clone(),
    };
    let keys = Keys {
        tenant,
        other_tenant,
    };
    Parts {
        pools: pools.clone(),
        replica: None,
        cache: Cache::new(&cache).expect("an address"),
        lives: (&Config::defaults().cache).into(),
        bus: bus.clone(),
        crawler: crawler(crawler_there),
        user: user(tenant, Arc::clone(places)),
        authenticator: Authenticator::new(Arc::new(keys), settings),
        limiter: Limiter::off(),
        sealer: secrets::SecretBox::new([7; 32].into()),
        collecting: Limits::default(),
        keeping: Keeping {
            raw_days: 400,
            unwatched_days: 300,
        },
        event_concurrency: 2,
        allow_private: false,
    }
}

impl Stage {
    pub async fn new() -> Self {
        Self::with_crawler(true).await
    }

    /// With crawler there, or gone.
    pub async fn with_crawler(there: bool) -> Self {
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
        let url = |role| login(&env, role);
        let pools = Pools::connect(
            &url(DatabaseRole::CatalogApi),
            API_CONNECTIONS,
            &url(DatabaseRole::CatalogSystem),
            8,
        )
        .await
        .expect("the database answers");
        let (tenant, other_tenant) = (Uuid::now_v7(), Uuid::now_v7());
        let bus = Bus::connect(&env.amqp_url, &env.amqp_prefix, []).expect("an address");
        let places = Arc::new(AtomicU32::new(1_000_000));
        let parts = parts(&env, &pools, &bus, there, (tenant, other_tenant), &places);
        let state = State::new(parts);
        let router = served(&state);
        let api = PgPool::connect(&url(DatabaseRole::CatalogApi))
            .await
            .expect("the database answers");
        let owner = PgPool::connect(&env.database_url)
            .await
            .expect("the database answers");
        Self {
            state,
            pools,
            bus,
            tenant,
            other_tenant,
            places,
            owner,
            api,
            router,
            env,
        }
    }

    /// A stage whose tenants may track so many products.
    pub async fn with_places(places: u32) -> Self {
        let stage = Self::new().await;
        stage.places.store(places, Ordering::Relaxed);
        stage
    }

    /// This stage's process.
    pub fn process(&self) -> Process {
        Process {
            state: self.state.clone(),
            router: self.router.clone(),
        }
    }

    /// Another process of the same installation.
    pub fn second(&self) -> Process {
        self.beside(None)
    }

    /// Another process that reads from a replica.
    pub fn beside(&self, replica: Option<Replica>) -> Process {
        let tenants = (self.tenant, self.other_tenant);
        let mut parts = parts(
            &self.env,
            &self.pools,
            &self.bus,
            true,
            tenants,
            &self.places,
        );
        parts.replica = replica;
        let state = State::new(parts);
        let router = served(&state);
        Process { state, router }
    }

    /// The database as its owner.
    pub fn database_url(&self) -> &str {
        &self.env.database_url
    }

    /// Where requests would read if this stage's database were a replica.
    pub fn api_url(&self) -> String {
        login(&self.env, DatabaseRole::CatalogApi)
    }

    /// Tracks an amazon.com product; says its product id.
    pub async fn track(&self, key: &str, asin: &str) -> i64 {
        let url = format!("https://www.amazon.com/dp/{asin}");
        let answer = self
            .post(key, "/trackings", &serde_json::json!({ "url": url }))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body["product_id"].as_i64().expect("an id")
    }

    pub async fn get(&self, key: &str, path: &str) -> Answer {
        self.call(key, Method::GET, path, None, &[]).await
    }

    pub async fn post(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.call(key, Method::POST, path, Some(body), &[]).await
    }

    pub async fn call(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let response = self.respond(key, method, path, body, headers).await;
        Answer::read(response).await
    }

    pub async fn respond(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> axum::response::Response {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("x-api-key", key_text(key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).expect("a request");
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer")
    }

    /// Sends observations as the worker does.
    pub async fn crawled(&self, observations: Vec<Observation>) -> Vec<(Outcome, String)> {
        self.ingest(&"w".repeat(16), Origin::Crawl, observations)
            .await
            .expect("stored")
    }

    /// Sends observations as the operator does.
    pub async fn imported(&self, observations: Vec<Observation>) -> Vec<(Outcome, String)> {
        self.ingest(&"o".repeat(16), Origin::Import, observations)
            .await
            .expect("stored")
    }

    pub async fn ingest(
        &self,
        token: &str,
        origin: Origin,
        observations: Vec<Observation>,
    ) -> Result<Vec<(Outcome, String)>, Status> {
        let (channel, stop) = self.channel(token);
        let request = IngestObservationsRequest {
            origin: origin.into(),
            observations,
        };
        let answer = rpc::sized!(IngestClient::new(channel))
            .ingest_observations(request)
            .await;
        stop.cancel();
        let outcomes = answer?.into_inner().outcomes.into_iter();
        Ok(outcomes
            .map(|outcome| (outcome.status(), outcome.reason))
            .collect())
    }

    /// The internal services, as the holder of this token reaches them, until the stop.
    pub fn channel(&self, token: &str) -> (rpc::Channel, CancellationToken) {
        let (connector, incoming) = rpc::local::pair();
        let channel = connector.channel(token).expect("a token");
        let routes = core_service::grpc(self.state.clone());
        let stop = CancellationToken::new();
        tokio::spawn(rpc::local::serve(routes, incoming, tokens(), stop.clone()));
        (channel, stop)
    }

    /// Records hits as crawler does.
    pub async fn hits(
        &self,
        tenant: Uuid,
        monitor: Option<Monitor>,
        hits: Vec<Observation>,
    ) -> Vec<Hit> {
        self.record(&"r".repeat(16), tenant, monitor, hits)
            .await
            .expect("recorded")
    }

    pub async fn record(
        &self,
        token: &str,
        tenant: Uuid,
        monitor: Option<Monitor>,
        hits: Vec<Observation>,
    ) -> Result<Vec<Hit>, Status> {
        let (channel, stop) = self.channel(token);
        let request = RecordHitsRequest {
            tenant_id: tenant.to_string(),
            monitor,
            hits,
        };
        let answer = rpc::sized!(CatalogClient::new(channel))
            .record_hits(request)
            .await;
        stop.cancel();
        Ok(answer?.into_inner().hits)
    }

    /// Forgets a monitor as crawler does.
    pub async fn forget(&self, tenant: Uuid, monitor: &Monitor) {
        let (channel, stop) = self.channel(&"r".repeat(16));
        let request = ForgetMonitorRequest {
            tenant_id: tenant.to_string(),
            monitor_id: monitor.id.clone(),
        };
        rpc::sized!(CatalogClient::new(channel))
            .forget_monitor(request)
            .await
            .expect("forgotten");
        stop.cancel();
    }

    /// Publishes an event as another service does.
    pub async fn publish(&self, key: &str, body: Vec<u8>) {
        let event = Outgoing::event(self.bus.topology(), key, body);
        self.bus
            .publisher()
            .publish_one(event)
            .await
            .expect("published");
    }

    /// What crawler is told in the newest event of a kind.
    pub async fn tracking_changed(&self, kind: &str) -> TrackingChanged {
        let sql = format!(
            "select message from catalog.outbox where kind = '{kind}' order by id desc limit 1"
        );
        let message: Vec<u8> = self.one(&sql).await;
        match Event::decode(message.as_slice()).expect("an event").payload {
            Some(Payload::TrackingChanged(changed)) => changed,
            other => panic!("{other:?}"),
        }
    }

    /// One value, across tenants.
    pub async fn one<T>(&self, sql: &str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&self.owner)
            .await
            .expect("one value")
    }

    /// A table's content as text, to compare.
    pub async fn dump(&self, table: &str) -> Vec<String> {
        let sql = format!("select t::text from {table} t order by 1");
        sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&self.owner)
            .await
            .expect("rows")
    }

    /// The events of a kind in the outbox, oldest first.
    pub async fn events(&self, kind: &str) -> Vec<Value> {
        let sql = "select data from catalog.outbox where kind = $1 order by id";
        sqlx::query_scalar(sql)
            .bind(kind)
            .fetch_all(&self.owner)
            .await
            .expect("rows")
    }

    /// What the log says of changed listings, oldest first.
    pub async fn changes(&self) -> Vec<Value> {
        let entries = self.events("listings.changed").await;
        let changes = entries.iter().filter_map(Value::as_array);
        changes.flatten().cloned().collect()
    }
}

fn tokens() -> Tokens {
    Tokens {
        user: "u".repeat(16),
        core: "c".repeat(16),
        crawler: "r".repeat(16),
        worker: "w".repeat(16),
        operator: "o".repeat(16),
    }
}

fn crawler(there: bool) -> rpc::Channel {
    let (connector, incoming) = rpc::local::pair();
    if there {
        let routes = tonic::service::Routes::new(CrawlServer::new(Crawler));
        tokio::spawn(rpc::local::serve(
            routes,
            incoming,
            tokens(),
            CancellationToken::new(),
        ));
    }
    connector.channel(&"c".repeat(16)).expect("a token")
}

fn user(home: Uuid, places: Arc<AtomicU32>) -> rpc::Channel {
    let (connector, incoming) = rpc::local::pair();
    let routes = tonic::service::Routes::new(IdentityServer::new(User { home, places }));
    tokio::spawn(rpc::local::serve(
        routes,
        incoming,
        tokens(),
        CancellationToken::new(),
    ));
    connector.channel(&"c".repeat(16)).expect("a token")
}

/// Stands in for user-service: the stage's tenant may do all and lives in Shanghai, others are on a small plan.
struct User {
    home: Uuid,
    places: Arc<AtomicU32>,
}

#[tonic::async_trait]
impl Identity for User {
    async fn get_jwks(
        &self,
        _: tonic::Request<GetJwksRequest>,
    ) -> Result<Response<GetJwksResponse>, Status> {
        Err(Status::unimplemented("keys are known otherwise"))
    }

    async fn verify_api_key(
        &self,
        _: tonic::Request<VerifyApiKeyRequest>,
    ) -> Result<Response<VerifyApiKeyResponse>, Status> {
        Err(Status::unimplemented("keys are known otherwise"))
    }

    async fn get_plan_limits(
        &self,
        request: tonic::Request<GetPlanLimitsRequest>,
    ) -> Result<Response<GetPlanLimitsResponse>, Status> {
        let home = request.into_inner().tenant_id == self.home.to_string();
        let (plan, min_interval_seconds, time_zone, retention_days) = match home {
            true => ("enterprise", 300, "Asia/Shanghai", 3_650),
            false => ("free", 3_600, "UTC", 90),
        };
        Ok(Response::new(GetPlanLimitsResponse {
            plan: plan.to_owned(),
            tracked_products: self.places.load(Ordering::Relaxed),
            min_interval_seconds,
            retention_days,
            time_zone: time_zone.to_owned(),
        }))
    }
}

/// Stands in for crawler.
struct Crawler;

pub const CRAWL_ID: &str = "0199c3a0-0000-7000-8000-000000000001";

#[tonic::async_trait]
impl Crawl for Crawler {
    async fn start_crawl(
        &self,
        _: tonic::Request<StartCrawlRequest>,
    ) -> Result<Response<StartCrawlResponse>, Status> {
        Ok(Response::new(StartCrawlResponse {
            crawl_id: CRAWL_ID.to_owned(),
            accepted: 1,
        }))
    }

    async fn get_tracking_states(
        &self,
        request: tonic::Request<GetTrackingStatesRequest>,
    ) -> Result<Response<GetTrackingStatesResponse>, Status> {
        let states = request
            .into_inner()
            .tracking_ids
            .into_iter()
            .map(|tracking_id| TrackingState {
                tracking_id,
                next_due_at_unix: Some(1_900_000_000),
                last_crawl_at_unix: Some(1_800_000_000),
                last_outcome: Some("ok".to_owned()),
            });
        Ok(Response::new(GetTrackingStatesResponse {
            states: states.collect(),
        }))
    }
}

/// The keys of both tenants.
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
        let tenant_id = if sha256 == secrets::sha256(key_text(MINE)) {
            self.tenant
        } else if sha256 == secrets::sha256(key_text(THEIRS)) {
            self.other_tenant
        } else {
            return Ok(KeyAnswer::Unknown);
        };
        Ok(KeyAnswer::Known(ApiKeyRecord {
            tenant_id,
            tenant_slug: "acme".to_owned(),
            key_id: Uuid::now_v7(),
            scopes: vec![Scope::Write, Scope::Crawl],
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
