//! An API as services build theirs, with an identity service in memory.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use aws_lc_rs::{encoding::AsDer as _, rsa};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    response::Response,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::Utc;
use futures::{StreamExt as _, stream, stream::BoxStream};
use garde::Validate;
use http::{HeaderMap, Request, StatusCode};
use http_kit::{
    ApiError, ApiResult, Json, Page, PageRequest, Path, Query,
    auth::{
        self, ApiKeyRecord, Authenticator, Change, Claims, IdentityLookup, Jwks, KeyAnswer, KeyUse,
        LookupError, Refusal, Refusals, Role, Scope, SessionRecord, Standing, api_key_form,
    },
    problem::{CONTENT_TYPE, Problem},
};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header, encode,
    jwk::{Jwk, JwkSet},
};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;

pub const ISSUER: &str = "http://localhost:8080";
pub const AUDIENCE: &str = "bellwether";
pub const KEY_ID: &str = "key-1";

pub static SIGNING: LazyLock<EncodingKey> = LazyLock::new(new_key);
/// One that the identity service does not publish.
pub static FOREIGN: LazyLock<EncodingKey> = LazyLock::new(new_key);

fn new_key() -> EncodingKey {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().expect("PKCS#8");
    let text = STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key")
}

/// user-service in memory.
pub struct Identity {
    pub keys: Mutex<HashMap<[u8; 32], KeyAnswer>>,
    /// Whose tokens are good: sessions by id.
    pub sessions: Mutex<HashMap<Uuid, SessionRecord>>,
    /// How the tenant of all of them stands.
    pub standing: Mutex<Standing>,
    pub uses: Mutex<Vec<KeyUse>>,
    pub refused: Mutex<Vec<Refusal>>,
    pub changes: broadcast::Sender<Change>,
    pub listeners: AtomicUsize,
    pub asked_for_jwks: AtomicUsize,
    pub asked_for_keys: AtomicUsize,
    pub asked_for_sessions: AtomicUsize,
    pub away: AtomicBool,
}

impl Default for Identity {
    fn default() -> Self {
        let sessions = Role::ALL.map(|role| (session_of(role), session(role)));
        Self {
            keys: Mutex::default(),
            sessions: Mutex::new(sessions.into()),
            standing: Mutex::new(Standing::Active),
            uses: Mutex::default(),
            refused: Mutex::default(),
            changes: broadcast::channel(100).0,
            listeners: AtomicUsize::default(),
            asked_for_jwks: AtomicUsize::default(),
            asked_for_keys: AtomicUsize::default(),
            asked_for_sessions: AtomicUsize::default(),
            away: AtomicBool::default(),
        }
    }
}

/// One session for each role, so that tokens of any role are good.
pub fn session_of(role: Role) -> Uuid {
    Uuid::from_u128(0x5e55 + role as u128)
}

pub fn session(role: Role) -> SessionRecord {
    SessionRecord {
        tenant_id: tenant(),
        session_id: session_of(role),
        user_id: Uuid::from_u128(1),
        role,
        tenant_slug: "acme".to_owned(),
    }
}

/// The text of a key that nobody has.
pub fn key_text() -> String {
    let body: String = secrets::random_token(48)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(api_key_form::RANDOM)
        .collect();
    api_key_form::complete(&body)
}

impl Identity {
    /// Adds a key of `acme` and tells its text.
    pub fn add_key(&self, scopes: &[Scope], live_seconds: Option<i64>) -> String {
        self.add(scopes, live_seconds, &[]).0
    }

    /// The same, for these networks only; tells its id, too.
    pub fn add(
        &self,
        scopes: &[Scope],
        live_seconds: Option<i64>,
        allowed: &[&str],
    ) -> (String, Uuid) {
        let text = key_text();
        let record = ApiKeyRecord {
            tenant_id: tenant(),
            tenant_slug: "acme".to_owned(),
            key_id: Uuid::now_v7(),
            scopes: scopes.to_vec(),
            expires_at: live_seconds
                .map(|seconds| Utc::now() + chrono::TimeDelta::seconds(seconds)),
            allowed: allowed
                .iter()
                .map(|text| text.parse().expect("a network"))
                .collect(),
        };
        let id = record.key_id;
        self.set_key(&text, KeyAnswer::Known(record));
        (text, id)
    }

    pub fn set_key(&self, text: &str, answer: KeyAnswer) {
        let mut keys = self.keys.lock().expect("not poisoned");
        keys.insert(secrets::sha256(text), answer);
    }

    /// Lets the tenant stand otherwise.
    pub fn set_standing(&self, standing: Standing) {
        *self.standing.lock().expect("not poisoned") = standing;
    }

    /// Changes or ends a session.
    pub fn set_session(&self, id: Uuid, record: Option<SessionRecord>) {
        let mut sessions = self.sessions.lock().expect("not poisoned");
        match record {
            Some(record) => sessions.insert(id, record),
            None => sessions.remove(&id),
        };
    }

    /// Tells whoever listens.
    pub fn tell(&self, change: Change) {
        self.changes.send(change).expect("somebody listens");
    }

    fn answers(&self) -> Result<(), LookupError> {
        if self.away.load(Ordering::SeqCst) {
            Err(LookupError::new("away"))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl IdentityLookup for Identity {
    async fn jwks(&self) -> Result<Jwks, LookupError> {
        self.asked_for_jwks.fetch_add(1, Ordering::SeqCst);
        self.answers()?;
        let mut key =
            Jwk::from_encoding_key(&SIGNING, Algorithm::RS256).map_err(LookupError::new)?;
        key.common.key_id = Some(KEY_ID.to_owned());
        let json = serde_json::to_string(&JwkSet { keys: vec![key] }).map_err(LookupError::new)?;
        Ok(Jwks {
            json,
            max_age: Duration::from_secs(300),
        })
    }

    async fn api_key(&self, sha256: [u8; 32]) -> Result<KeyAnswer, LookupError> {
        self.asked_for_keys.fetch_add(1, Ordering::SeqCst);
        self.answers()?;
        let keys = self.keys.lock().expect("not poisoned");
        Ok(keys.get(&sha256).cloned().unwrap_or(KeyAnswer::Unknown))
    }

    async fn session(
        &self,
        tenant_id: Uuid,
        session_id: Uuid,
    ) -> Result<Option<SessionRecord>, LookupError> {
        self.asked_for_sessions.fetch_add(1, Ordering::SeqCst);
        self.answers()?;
        let sessions = self.sessions.lock().expect("not poisoned");
        let found = sessions.get(&session_id).cloned();
        Ok(found.filter(|session| session.tenant_id == tenant_id))
    }

    async fn standing(&self, _: Uuid) -> Result<Standing, LookupError> {
        self.answers()?;
        Ok(self.standing.lock().expect("not poisoned").clone())
    }

    async fn changes(&self) -> Result<BoxStream<'static, Change>, LookupError> {
        self.answers()?;
        let changes = self.changes.subscribe();
        self.listeners.fetch_add(1, Ordering::SeqCst);
        let changes = stream::unfold(changes, async |mut changes| {
            Some((changes.recv().await.ok()?, changes))
        });
        Ok(changes.boxed())
    }

    async fn note_uses(&self, uses: Vec<KeyUse>) -> Result<(), LookupError> {
        self.answers()?;
        self.uses.lock().expect("not poisoned").extend(uses);
        Ok(())
    }
}

#[async_trait]
impl Refusals for Identity {
    async fn refused(&self, refusals: Vec<Refusal>) {
        self.refused.lock().expect("not poisoned").extend(refusals);
    }
}

pub fn tenant() -> Uuid {
    Uuid::from_u128(0xacce)
}

pub fn claims(role: Role) -> Claims {
    let now = Utc::now().timestamp();
    Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: Uuid::from_u128(1),
        tid: tenant(),
        tsl: "acme".to_owned(),
        role,
        sid: session_of(role),
        iat: now,
        exp: now + 900,
        jti: Uuid::now_v7(),
    }
}

pub fn sign(claims: &impl Serialize, key: &EncodingKey, key_id: Option<&str>) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = key_id.map(str::to_owned);
    encode(&header, claims, key).expect("signed")
}

pub fn token(role: Role) -> String {
    sign(&claims(role), &SIGNING, Some(KEY_ID))
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewTracking {
    #[garde(length(min = 1, max = 200))]
    pub url: String,
    #[garde(inner(range(min = 300)))]
    pub interval: Option<i64>,
    #[garde(dive)]
    #[serde(default)]
    pub rules: Vec<Rule>,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    #[garde(range(min = 1, max = 100))]
    pub percent: u32,
}

#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Points {
    #[garde(inner(range(max = 1000)))]
    pub points: Option<u32>,
}

/// Its one product has this id.
pub const PRODUCT: u64 = 7;

async fn show(Path(id): Path<u64>, auth::Read(_): auth::Read) -> ApiResult<Json<u64>> {
    if id == PRODUCT {
        Ok(Json(id))
    } else {
        Err(ApiError::not_found())
    }
}

/// Goes on until its caller's credential ends.
async fn listen(
    Extension(authenticator): Extension<Authenticator>,
    auth::Read(caller): auth::Read,
) -> Body {
    let ended = authenticator.ended(&caller);
    Body::from_stream(stream::once(async move {
        ended.await;
        Ok::<_, std::convert::Infallible>("ended")
    }))
}

/// The router, and the identity service behind it.
pub fn api() -> (Router, Arc<Identity>) {
    let identity = Arc::new(Identity::default());
    (with_identity(routes(), &identity), identity)
}

/// `router` hardened, with callers.
pub fn with_identity(router: Router, identity: &Arc<Identity>) -> Router {
    let lookup: Arc<dyn IdentityLookup> = identity.clone();
    with_authenticator(router, Authenticator::new(lookup, settings()))
}

fn settings() -> auth::Settings {
    auth::Settings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        base_domains: vec!["localhost".to_owned()],
    }
}

fn with_authenticator(router: Router, authenticator: Authenticator) -> Router {
    let router = router.layer(Extension(authenticator));
    http_kit::server::harden(router, Duration::from_millis(300))
}

/// An API that keeps up with its identity service until it is dropped.
pub struct Following {
    pub router: Router,
    pub identity: Arc<Identity>,
    stop: CancellationToken,
}

impl Following {
    pub async fn start() -> Self {
        let identity = Arc::new(Identity::default());
        let lookup: Arc<dyn IdentityLookup> = identity.clone();
        let authenticator = Authenticator::new(lookup, settings());
        authenticator.tell_refusals(identity.clone());
        let stop = CancellationToken::new();
        tokio::spawn(authenticator.clone().follow(stop.clone()));
        until("it listens", || identity.changes.receiver_count() > 0).await;
        Self {
            router: with_authenticator(routes(), authenticator),
            identity,
            stop,
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Waits until something holds, at most twenty seconds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not in time: {what}");
}

fn routes() -> Router {
    Router::new()
        .route("/api/v1/products/{id}", get(show))
        .route(
            "/api/v1/products",
            get(async |page: PageRequest| {
                Json(Page {
                    items: vec![page.limit],
                    next_cursor: page.cursor,
                })
            }),
        )
        .route(
            "/api/v1/history",
            get(async |Query(query): Query<Points>| Json(query)),
        )
        .route(
            "/api/v1/bodies",
            post(async |Json(body): Json<NewTracking>| Json(body)),
        )
        .route(
            "/api/v1/write",
            post(async |auth::Write(caller): auth::Write| caller.tenant_slug.to_string()),
        )
        .route(
            "/api/v1/crawl",
            post(async |auth::CrawlScope(_): auth::CrawlScope| "crawling"),
        )
        .route(
            "/api/v1/admin",
            post(async |auth::Admin(_): auth::Admin| "administered"),
        )
        .route(
            "/api/v1/who",
            get(async |who: auth::Principal| format!("{:?}", who.actor)),
        )
        .route("/api/v1/listen", get(listen))
        .route(
            "/panic",
            get(async || -> &'static str { panic!("boom with a secret") }),
        )
        .route(
            "/slow",
            get(async || std::future::pending::<&'static str>().await),
        )
        .route(
            "/broken",
            get(async || -> ApiResult<&'static str> {
                let cause = anyhow::anyhow!("password is hunter2").context("querying");
                Err(cause.into())
            }),
        )
        .route(
            "/etag",
            get(async |headers: HeaderMap| http_kit::etag::respond(&headers, &[1, 2])),
        )
}

pub fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path)
}

pub async fn send(router: &Router, request: Request<Body>) -> Response {
    router
        .clone()
        .oneshot(request)
        .await
        .expect("routers do not fail")
}

pub async fn text(response: Response) -> String {
    let body = to_bytes(response.into_body(), usize::MAX)
        .await
        .expect("a body");
    String::from_utf8(body.to_vec()).expect("UTF-8")
}

/// The problem in `response`, whose shape every problem must have.
pub async fn problem(response: Response, status: StatusCode) -> Problem {
    assert_eq!(response.headers()["content-type"], CONTENT_TYPE);
    assert_eq!(response.status(), status);
    assert!(response.headers().contains_key("x-trace-id"));
    let text = text(response).await;
    let problem: Problem = serde_json::from_str(&text).expect("a problem");
    assert_eq!(problem.status, status.as_u16(), "{text}");
    assert!(problem.type_uri.starts_with("/api/docs/errors#"), "{text}");
    assert!(
        problem
            .instance
            .as_deref()
            .is_some_and(|path| path.starts_with('/')),
        "{text}"
    );
    assert_eq!(
        problem.trace_id.as_deref().map(str::len),
        Some(32),
        "{text}"
    );
    assert!(
        problem.detail.len() > 20,
        "the detail says what to do: {text}"
    );
    problem
}

pub fn init_telemetry() {
    let settings = telemetry::Settings {
        json: true,
        level: "off",
        otlp_endpoint: "",
    };
    drop(telemetry::init(&settings, "test").expect("telemetry"));
}
