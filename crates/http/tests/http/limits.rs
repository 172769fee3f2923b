//! Rates, over real Redis, which may go away.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use devstack::testing::TestEnv;
use http::{Request, Response, StatusCode};
use http_kit::{
    auth::{self, LookupError, Role, Scope, SessionRecord},
    limits::{Limiter, Settings, admit},
    plans::{Plan, PlanLookup, Plans},
};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

use crate::support::{
    Identity, KEY_ID, SIGNING, claims, init_telemetry, problem, request, send, session, sign,
    tenant, token, with_identity,
};

const LIMIT: Duration = Duration::from_secs(30);

/// More than any test asks for.
const PLENTY: u32 = 1_000_000;

/// user-service's plans, in memory: requests a minute by tenant.
#[derive(Default)]
struct Rates(Mutex<HashMap<Uuid, u32>>);

impl Rates {
    fn set(&self, tenant: Uuid, per_minute: u32) {
        self.0
            .lock()
            .expect("not poisoned")
            .insert(tenant, per_minute);
    }
}

#[async_trait]
impl PlanLookup for Rates {
    async fn plan_of(&self, tenant: Uuid) -> Result<Option<String>, LookupError> {
        let known = self.0.lock().expect("not poisoned").contains_key(&tenant);
        Ok(known.then(|| tenant.to_string()))
    }

    async fn plans(&self) -> Result<Vec<Plan>, LookupError> {
        let rates = self.0.lock().expect("not poisoned");
        let plan = |(tenant, per_minute): (&Uuid, &u32)| Plan {
            code: tenant.to_string(),
            tracked_products: 1,
            requests_per_minute: *per_minute,
            crawls_per_day: 1,
            llm_tokens_per_month: 0,
            source_spend_cents_per_month: 0,
            members: 1,
        };
        Ok(rates.iter().map(plan).collect())
    }
}

fn settings() -> Settings {
    Settings {
        address_per_minute: PLENTY,
        anonymous_per_minute: PLENTY,
        sign_in_per_minute: PLENTY,
        key_percent: 100,
        write_percent: 100,
        crawl_percent: 100,
        export_percent: 100,
    }
}

/// A process: its routes, and the keys of its tenants.
struct Process {
    router: Router,
    identity: Arc<Identity>,
    rates: Arc<Rates>,
}

impl Process {
    fn new(redis: &str, prefix: &str, settings: Settings) -> Self {
        let rates = Arc::new(Rates::default());
        Self::beside(
            redis,
            prefix,
            settings,
            Arc::new(Identity::default()),
            rates,
        )
    }

    /// Of an installation that has these people and plans.
    fn beside(
        redis: &str,
        prefix: &str,
        settings: Settings,
        identity: Arc<Identity>,
        rates: Arc<Rates>,
    ) -> Self {
        rates.set(tenant(), PLENTY);
        let plans = Plans::new(rates.clone());
        let limiter = Limiter::new(settings, redis, prefix, plans).expect("an address");
        let handler = async |auth::Read(_): auth::Read| "read";
        let router = Router::new()
            .route("/api/v1/products", get(handler))
            .route("/api/v1/products/{id}/history.csv", get(handler))
            .route(
                "/api/v1/products/{id}/refresh",
                post(async |auth::CrawlScope(_): auth::CrawlScope| "crawl"),
            )
            .route(
                "/api/v1/trackings",
                post(async |auth::Write(_): auth::Write| "written"),
            )
            .route("/api/v1/auth/login", post(async || "in"))
            .route("/api/v1/auth/refresh", post(async || "on"))
            .route("/api/v1/plans", get(async || "public"))
            .layer(from_fn_with_state(limiter, admit));
        Self {
            router: with_identity(router, &identity),
            identity,
            rates,
        }
    }

    async fn ask(&self, request: Request<Body>) -> Response<Body> {
        send(&self.router, request).await
    }

    /// How many of so many such requests are admitted; the others are refused for this limit.
    async fn admitted(&self, count: usize, make: impl Fn() -> Request<Body>, limit: &str) -> usize {
        let mut admitted = 0;
        for _ in 0..count {
            let response = self.ask(make()).await;
            if response.status() == StatusCode::OK {
                admitted += 1;
                continue;
            }
            let problem = problem(response, StatusCode::TOO_MANY_REQUESTS).await;
            assert_eq!(problem.members["limit"], json!(limit), "{problem:?}");
        }
        admitted
    }
}

async fn env() -> TestEnv {
    init_telemetry();
    TestEnv::empty().await.expect("engines")
}

fn with(credential: &str, method: &str, path: &str) -> Request<Body> {
    let request = request(method, path);
    let request = match credential {
        "" => request,
        key if key.starts_with("bw_") => request.header("x-api-key", key),
        token => request.header("authorization", format!("Bearer {token}")),
    };
    request.body(Body::empty()).expect("a request")
}

fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: SocketAddr = format!("{address}:1234").parse().expect("an address");
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

fn header(response: &Response<Body>, name: &str) -> u64 {
    let value = response
        .headers()
        .get(name)
        .unwrap_or_else(|| panic!("{name} in {response:?}"));
    value.to_str().expect("text").parse().expect("a number")
}

/// What comes back while a test asks as fast as it can, however slow the machine.
const MEANWHILE: usize = 40;

#[tokio::test]
async fn a_tenant_is_admitted_as_often_as_its_plan_says_over_all_processes() {
    let env = env().await;
    let first = Process::new(&env.redis_url, &env.redis_prefix, settings());
    let second = Process::beside(
        &env.redis_url,
        &env.redis_prefix,
        settings(),
        first.identity.clone(),
        first.rates.clone(),
    );
    first.rates.set(tenant(), 60);
    let token = token(Role::Viewer);
    let mut admitted = 0;
    for _ in 0..100 {
        for process in [&first, &second] {
            let response = process.ask(with(&token, "GET", "/api/v1/products")).await;
            admitted += usize::from(response.status() == StatusCode::OK);
        }
    }
    assert!((60..60 + MEANWHILE).contains(&admitted), "{admitted}");

    // Another tenant is another matter.
    let mut other = claims(Role::Viewer);
    other.tid = Uuid::from_u128(7);
    other.sid = Uuid::from_u128(8);
    let theirs = SessionRecord {
        tenant_id: other.tid,
        session_id: other.sid,
        ..session(Role::Viewer)
    };
    first.identity.set_session(other.sid, Some(theirs));
    let other = sign(&other, &SIGNING, Some(KEY_ID));
    first.rates.set(Uuid::from_u128(7), 60);
    assert_eq!(
        first
            .ask(with(&other, "GET", "/api/v1/products"))
            .await
            .status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn every_answer_tells_what_is_left_and_a_refusal_when_to_come_back() {
    let env = env().await;
    let process = Process::new(&env.redis_url, &env.redis_prefix, settings());
    process.rates.set(tenant(), 10);
    let token = token(Role::Viewer);
    let ask = async || process.ask(with(&token, "GET", "/api/v1/products")).await;
    let first = ask().await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(
        [
            header(&first, "ratelimit-limit"),
            header(&first, "ratelimit-remaining")
        ],
        [10, 9]
    );
    assert_eq!(
        header(&first, "ratelimit-reset"),
        6,
        "one permit comes back in a tenth of a minute"
    );
    let refused = loop {
        let response = ask().await;
        if response.status() != StatusCode::OK {
            break response;
        }
    };
    assert_eq!(
        [
            header(&refused, "ratelimit-limit"),
            header(&refused, "ratelimit-remaining")
        ],
        [10, 0]
    );
    let wait = header(&refused, "retry-after");
    assert!((1..=6).contains(&wait), "{wait}");
    assert!((50..=60).contains(&header(&refused, "ratelimit-reset")));
    let problem = problem(refused, StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(problem.type_uri, "/api/docs/errors#rate-limited");
    assert!(
        problem
            .detail
            .contains("10 requests a minute of your tenant"),
        "{problem:?}"
    );
    // What is not there, or not allowed, tells it as well.
    let unknown = process.ask(with("", "GET", "/api/v1/plans")).await;
    assert_eq!(header(&unknown, "ratelimit-limit"), u64::from(PLENTY));
}

#[tokio::test]
async fn kinds_of_routes_leave_room_for_each_other() {
    let env = env().await;
    let settings = Settings {
        write_percent: 20,
        crawl_percent: 10,
        export_percent: 5,
        ..settings()
    };
    let process = Process::new(&env.redis_url, &env.redis_prefix, settings);
    process.rates.set(tenant(), 200);
    let token = token(Role::Member);
    let ask = async |method: &str, path: &str, count, limit| {
        process
            .admitted(count, || with(&token, method, path), limit)
            .await
    };
    let writes = ask("POST", "/api/v1/trackings", 60, "write").await;
    assert!((40..50).contains(&writes), "{writes}");
    let crawls = ask("POST", "/api/v1/products/7/refresh", 40, "crawl").await;
    assert!((20..30).contains(&crawls), "{crawls}");
    let files = ask("GET", "/api/v1/products/7/history.csv", 30, "export").await;
    assert!((10..20).contains(&files), "{files}");
    // What was refused was not counted, and the rest of the tenant's limit is there for reads.
    let reads = ask("GET", "/api/v1/products", 300, "tenant").await;
    let all = writes + crawls + files + reads;
    assert!(
        (200..200 + 2 * MEANWHILE).contains(&all),
        "{writes} {crawls} {files} {reads}"
    );
}

#[tokio::test]
async fn a_key_may_be_held_below_its_tenant() {
    let env = env().await;
    let settings = Settings {
        key_percent: 50,
        ..settings()
    };
    let process = Process::new(&env.redis_url, &env.redis_prefix, settings);
    process.rates.set(tenant(), 60);
    let (first, second) = (
        process.identity.add_key(&[Scope::Read], None),
        process.identity.add_key(&[Scope::Read], None),
    );
    let ask = async |key: &str, count, limit| {
        process
            .admitted(count, || with(key, "GET", "/api/v1/products"), limit)
            .await
    };
    let greedy = ask(&first, 50, "key").await;
    assert!((30..45).contains(&greedy), "{greedy}");
    assert!(
        ask(&second, 10, "key").await == 10,
        "the other one has its share"
    );
}

#[tokio::test]
async fn a_place_is_held_back_whoever_asks_from_there_and_strangers_more() {
    let env = env().await;
    let settings = Settings {
        address_per_minute: 60,
        anonymous_per_minute: 20,
        sign_in_per_minute: 5,
        ..settings()
    };
    let process = Process::new(&env.redis_url, &env.redis_prefix, settings);
    let token = token(Role::Viewer);
    let sign_in = || from("203.0.113.9", with("", "POST", "/api/v1/auth/login"));
    let signed_in = process.admitted(12, sign_in, "sign_in").await;
    assert!((5..9).contains(&signed_in), "{signed_in}");
    let public = || from("203.0.113.9", with("", "GET", "/api/v1/plans"));
    let strange = process.admitted(30, public, "anonymous").await;
    assert!((20..28).contains(&strange), "{strange}");
    // A credential that is none is a stranger's, and is answered once it is admitted.
    let forged = from(
        "203.0.113.10",
        with("not.a.token", "GET", "/api/v1/products"),
    );
    assert_eq!(process.ask(forged).await.status(), StatusCode::UNAUTHORIZED);
    // Who shows one is admitted, until the place as a whole asks too much.
    let known = || from("203.0.113.9", with(&token, "GET", "/api/v1/products"));
    let admitted = process.admitted(80, known, "address").await;
    assert!((60 - 9 - 28..60).contains(&admitted), "{admitted}");
    let elsewhere = from("203.0.113.11", with(&token, "GET", "/api/v1/products"));
    assert_eq!(process.ask(elsewhere).await.status(), StatusCode::OK);
    // A household in IPv6 is one place.
    let mut many = 0;
    for n in 0..12 {
        let address = format!("[2001:db8:1:2::{n:x}]");
        let response = process
            .ask(from(&address, with("", "POST", "/api/v1/auth/login")))
            .await;
        many += usize::from(response.status() == StatusCode::OK);
    }
    assert!((5..9).contains(&many), "{many}");
}

#[tokio::test]
async fn who_guesses_passwords_does_not_end_the_sessions_of_the_office() {
    let env = env().await;
    let settings = Settings {
        address_per_minute: 400,
        sign_in_per_minute: 5,
        ..settings()
    };
    let process = Process::new(&env.redis_url, &env.redis_prefix, settings);
    let ask = async |path: &str, count, limit| {
        let make = || from("203.0.113.9", with("", "POST", path));
        process.admitted(count, make, limit).await
    };
    let guesses = ask("/api/v1/auth/login", 20, "sign_in").await;
    assert!(guesses < 20, "{guesses}");
    assert_eq!(ask("/api/v1/auth/refresh", 50, "renew").await, 50);
    let renewed = 50 + ask("/api/v1/auth/refresh", 150, "renew").await;
    assert!((100..100 + MEANWHILE).contains(&renewed), "{renewed}");
}

#[tokio::test]
async fn a_larger_plan_counts_within_seconds() {
    let env = env().await;
    let process = Process::new(&env.redis_url, &env.redis_prefix, settings());
    process.rates.set(tenant(), 5);
    let token = token(Role::Viewer);
    let admitted = process
        .admitted(10, || with(&token, "GET", "/api/v1/products"), "tenant")
        .await;
    assert!(admitted < 10, "{admitted}");
    process.rates.set(tenant(), 10_000);
    let counts = async {
        loop {
            let response = process.ask(with(&token, "GET", "/api/v1/products")).await;
            if response.status() == StatusCode::OK && header(&response, "ratelimit-limit") == 10_000
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(LIMIT, counts)
        .await
        .expect("the larger plan counts");
    let admitted = process
        .admitted(200, || with(&token, "GET", "/api/v1/products"), "tenant")
        .await;
    assert_eq!(admitted, 200);
}

#[tokio::test]
async fn without_redis_each_process_counts_by_itself_from_what_was_left_and_owes_it_afterwards() {
    let env = env().await;
    let (address, up) = cuttable(&env.redis_url).await;
    let mut through = url::Url::parse(&env.redis_url).expect("a URL");
    through.set_port(Some(address.port())).expect("has a port");
    let first = Process::new(through.as_str(), &env.redis_prefix, settings());
    let second = Process::beside(
        &env.redis_url,
        &env.redis_prefix,
        settings(),
        first.identity.clone(),
        first.rates.clone(),
    );
    first.rates.set(tenant(), 60);
    let token = token(Role::Viewer);
    let read = || with(&token, "GET", "/api/v1/products");
    assert_eq!(first.admitted(20, read, "tenant").await, 20);

    cut(&up).await;
    // No new minute's worth, and nobody fails for it.
    let admitted = first.admitted(100, read, "tenant").await;
    assert!((40..40 + MEANWHILE).contains(&admitted), "{admitted}");
    let refused = first.ask(read()).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&refused, "ratelimit-limit"), 60);

    // Another process does not know of that until Redis is told.
    up.send_replace(true);
    let told = async {
        loop {
            first.ask(read()).await;
            let response = second.ask(read()).await;
            if response.status() == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(LIMIT, told)
        .await
        .expect("what was used meanwhile is owed");
}

#[tokio::test]
async fn many_at_once_get_no_more_than_there_is() {
    let env = env().await;
    let process = Process::new(&env.redis_url, &env.redis_prefix, settings());
    process.rates.set(tenant(), 60);
    let token = token(Role::Viewer);
    let asks = (0..300).map(|_| process.ask(with(&token, "GET", "/api/v1/products")));
    let answers = futures::future::join_all(asks).await;
    let admitted = answers
        .iter()
        .filter(|answer| answer.status() == StatusCode::OK)
        .count();
    assert!((60..60 + MEANWHILE).contains(&admitted), "{admitted}");
}

/// Closes the way of [`cuttable`] and waits until nothing is on it.
async fn cut(up: &watch::Sender<bool>) {
    up.send_replace(false);
    let cut = async {
        while up.receiver_count() > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LIMIT, cut)
        .await
        .expect("no tunnel is left");
}

/// A way to Redis that is open while the switch is on. Each tunnel keeps a receiver of the switch.
async fn cuttable(redis: &str) -> (SocketAddr, watch::Sender<bool>) {
    let redis = url::Url::parse(redis).expect("a URL");
    let port = redis.port().expect("has a port");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (switch, up) = watch::channel(true);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut up = up.clone();
            if !*up.borrow_and_update() {
                continue;
            }
            tokio::spawn(async move {
                let mut far = TcpStream::connect(("127.0.0.1", port)).await?;
                tokio::select! {
                    ended = tokio::io::copy_bidirectional(&mut near, &mut far) => ended.map(drop),
                    _ = up.wait_for(|up| !up) => Ok(()),
                }
            });
        }
    });
    (address, switch)
}
