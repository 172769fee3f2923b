//! How fast one product is answered.
//!
//! Ours: authenticated `GET /api/v1/products/{id}` over HTTP, through everything that surrounds it in production, kept and
//! not kept. References, in turns with ours in the same run: a bare axum handler that sends the very bytes, asked by the
//! same callers over as many connections; and a bare prepared SELECT of the same rows over as many database connections
//! as ours may use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::routing::get;
use config::Config;
use lifecycle::Lifecycle;
use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::sqlx::{self, Connection, PgConnection, PgPool};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::Figures;
use super::installation::Installation;

/// Products of the tenant.
const PRODUCTS: u64 = 20_000;
/// Of them are asked for again and again.
pub(super) const HOT: u64 = 1_000;
/// Connections that ask at the same time.
pub(super) const CALLERS: u64 = 32;
/// How often the two sides take turns, and how long a turn lasts.
const TURNS: u32 = 3;
const TURN: Duration = Duration::from_secs(3);
/// Before a side's first turn.
const WARMING: Duration = Duration::from_secs(1);

pub async fn run() -> anyhow::Result<Figures> {
    let installation = Installation::start().await?;
    let outcome = measure(&installation).await;
    installation.stop().await?;
    outcome
}

async fn measure(installation: &Installation) -> anyhow::Result<Figures> {
    let config = &installation.config;
    let _telemetry = telemetry::init(
        &telemetry::Settings {
            json: true,
            level: "error",
            otlp_endpoint: "",
        },
        "bench",
    )?;
    let life = Lifecycle::new(Duration::from_secs(10));
    let Wired { core, token, .. } = wired(config, &life).await?;

    let (router, _) = core_service::router(core.clone()).split_for_parts();
    let timeout = Duration::from_secs(config.http.timeout_seconds);
    let ours = serve(http_kit::server::harden(router, timeout)).await?;
    let path = |n: u64| format!("/api/v1/products/{}", n % PRODUCTS + 1);
    let request = |n: u64| {
        let path = path(n);
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
    };

    // Nobody listens for changes yet, so nothing is kept.
    let rows = PgPoolOptions::new()
        .max_connections(config.database.api_pool)
        .connect(config.database.url.expose())
        .await?;
    let uncached = in_turns(
        async |time| ask(ours, time, |n| request(n * 7_919)).await,
        async |time| select(&rows, time).await,
    )
    .await?;
    println!(
        "not kept: {:.0} answers a second; bare SELECT: {:.0}",
        uncached.0, uncached.1
    );

    keep(&core, &life).await?;
    let body = one(ours, &request(0)).await?;
    let bytes = body.len();
    let bare = serve(bare(body)).await?;
    let cached = in_turns(
        async |time| ask(ours, time, |n| request(n % HOT)).await,
        async |time| ask(bare, time, |n| request(n % HOT)).await,
    )
    .await?;
    println!(
        "kept: {:.0} answers a second of {bytes} bytes; bare handler: {:.0}",
        cached.0, cached.1
    );
    life.abort();
    let mut figures = Figures::new("read", cached.0, cached.1, "answers/s");
    let more = [
        ("uncached_ours", uncached.0.round().into()),
        ("uncached_reference", uncached.1.round().into()),
        (
            "uncached_ratio",
            ((uncached.0 / uncached.1 * 1000.0).round() / 1000.0).into(),
        ),
        ("bytes", bytes.into()),
        ("connections", CALLERS.into()),
    ];
    figures
        .more
        .extend(more.map(|(name, value): (&str, Value)| (name.to_owned(), value)));
    Ok(figures)
}

/// Services over one tenant's many products.
pub(super) struct Wired {
    pub(super) user: user_service::State,
    pub(super) core: core_service::State,
    /// The tenant's id.
    pub(super) tenant: String,
    /// An access token of its owner.
    pub(super) token: String,
}

/// Wires them and makes the products.
pub(super) async fn wired(config: &Config, life: &Lifecycle) -> anyhow::Result<Wired> {
    let internal = &config.internal;
    let (network, ends) = rpc::local::Network::new();
    let user = user_service::wire(config, network.peers(internal.user_token.expose())?).await?;
    let core = core_service::wire(config, network.peers(internal.core_token.expose())?).await?;
    let routes = user_service::grpc(user.clone());
    tokio::spawn(rpc::local::serve(
        routes,
        ends.user,
        internal.into(),
        life.hard(),
    ));
    let (tenant, token) = register(&user).await?;
    let mut owner = PgConnection::connect(config.database.url.expose()).await?;
    println!("making {PRODUCTS} watched listings");
    sqlx::raw_sql(sqlx::AssertSqlSafe(seed(&tenant)))
        .execute(&mut owner)
        .await?;
    Ok(Wired {
        user,
        core,
        tenant,
        token,
    })
}

/// From now on answers are kept: somebody listens for changes.
pub(super) async fn keep(core: &core_service::State, life: &Lifecycle) -> anyhow::Result<()> {
    let answers = core.answers();
    let system = core_service::system_pool(core);
    life.spawn(
        "changes",
        core_service::answers::feed::run(answers.clone(), system, life.soft()),
    );
    for _ in 0..500 {
        if answers.cache().is_trusted() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ensure!(answers.cache().is_trusted(), "changes are not heard");
    Ok(())
}

/// Both sides' rates, measured in turns.
async fn in_turns(
    ours: impl AsyncFn(Duration) -> anyhow::Result<f64>,
    reference: impl AsyncFn(Duration) -> anyhow::Result<f64>,
) -> anyhow::Result<(f64, f64)> {
    ours(WARMING).await?;
    reference(WARMING).await?;
    let mut sums = (0.0, 0.0);
    for _ in 0..TURNS {
        sums.0 += ours(TURN).await?;
        sums.1 += reference(TURN).await?;
    }
    Ok((sums.0 / f64::from(TURNS), sums.1 / f64::from(TURNS)))
}

/// A tenant and an access token of its owner.
async fn register(user: &user_service::State) -> anyhow::Result<(String, String)> {
    let (router, _) = user_service::router(user.clone()).split_for_parts();
    let body = serde_json::json!({
        "tenant": "Bench", "slug": "bench", "email": "owner@bench.example",
        "password": secrets::random_token(18),
    });
    let request = Request::post("/api/v1/auth/register")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))?;
    let answer = router.oneshot(request).await?;
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await?;
    ensure!(
        status.is_success(),
        "registering: {status} {}",
        String::from_utf8_lossy(&bytes)
    );
    let answer: Value = serde_json::from_slice(&bytes)?;
    let token = answer["access_token"]
        .as_str()
        .context("an access token")?
        .to_owned();
    let claims = token.split('.').nth(1).context("claims")?;
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims)?;
    let claims: Value = serde_json::from_slice(&claims)?;
    let tenant = claims["tid"].as_str().context("a tenant")?.to_owned();
    Ok((tenant, token))
}

/// A handler that sends these bytes and does nothing else.
fn bare(body: bytes::Bytes) -> Router {
    let json = [(header::CONTENT_TYPE, "application/json")];
    Router::new().route(
        "/api/v1/products/{id}",
        get(move || {
            let body = body.clone();
            async move { (json, body) }
        }),
    )
}

/// Serves on a port of its own.
pub(super) async fn serve(router: Router) -> anyhow::Result<std::net::SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Answers a second, with every caller asking again as soon as it was answered.
pub(super) async fn ask(
    address: std::net::SocketAddr,
    time: Duration,
    request: impl Fn(u64) -> String,
) -> anyhow::Result<f64> {
    let answered = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut callers = Vec::new();
    for caller in 0..CALLERS {
        // Written beforehand: making requests is not what is measured.
        let requests: Vec<String> = (0..HOT).map(|n| request(n * CALLERS + caller)).collect();
        let answered = Arc::clone(&answered);
        callers.push(tokio::spawn(async move {
            let mut connection = Caller::connect(address).await?;
            for request in requests.iter().cycle() {
                if began.elapsed() >= time {
                    break;
                }
                connection.ask(request).await?;
                answered.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        }));
    }
    for caller in callers {
        caller.await??;
    }
    Ok(answered.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

/// The body of one answer.
async fn one(address: std::net::SocketAddr, request: &str) -> anyhow::Result<bytes::Bytes> {
    let mut connection = Caller::connect(address).await?;
    let (head, whole) = connection.ask(request).await?;
    Ok(bytes::Bytes::copy_from_slice(&connection.read[head..whole]))
}

/// A connection that asks one thing after the other.
struct Caller {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Caller {
    async fn connect(address: std::net::SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: vec![0; 64 << 10],
        })
    }

    /// Asks and reads the whole answer; says where its body begins and ends.
    async fn ask(&mut self, request: &str) -> anyhow::Result<(usize, usize)> {
        self.stream.write_all(request.as_bytes()).await?;
        let mut filled = 0;
        loop {
            ensure!(filled < self.read.len(), "the answer is too long");
            let more = self.stream.read(&mut self.read[filled..]).await?;
            ensure!(more > 0, "the connection was closed");
            filled += more;
            if let Some((head, whole)) = ends(&self.read[..filled])?
                && filled >= whole
            {
                return Ok((head, whole));
            }
        }
    }
}

/// Where the head and the whole of an answer end, once its head is there.
fn ends(read: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(head) = read.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    ensure!(
        read.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&read[..read.len().min(2_000)])
    );
    let text = std::str::from_utf8(&read[..head])?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.context("an answer without content-length")?;
    Ok(Some((head + 4, head + 4 + length)))
}

/// Rows a second by a prepared statement.
async fn select(pool: &PgPool, time: Duration) -> anyhow::Result<f64> {
    let selected = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut callers = Vec::new();
    for caller in 0..CALLERS {
        let (pool, selected) = (pool.clone(), Arc::clone(&selected));
        callers.push(tokio::spawn(async move {
            let mut n = caller;
            while began.elapsed() < time {
                n = (n + CALLERS) * 7_919 % PRODUCTS;
                sqlx::query(
                    "select * from catalog.listing l join catalog.listing_state s on s.listing_id = l.id where l.id = $1",
                )
                .bind(i64::try_from(n)? + 1)
                .fetch_one(&pool)
                .await?;
                selected.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        }));
    }
    for caller in callers {
        caller.await??;
    }
    Ok(selected.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

/// As the owner: products that the tenant tracks, with all that a product has.
fn seed(tenant: &str) -> String {
    format!(
        "insert into catalog.listing (source, marketplace, external_id, url, title, brand, series, category, images, features)
         select 'amazon', 'US', 'B0' || lpad(n::text, 8, '0'), 'https://www.amazon.com/dp/B0' || lpad(n::text, 8, '0'),
                'Blue lamp number ' || n || ' with a shade of glass and a long cable', 'Brand ' || n % 500, 'Series ' || n % 2000,
                'Home > Lamps', '[\"https://images.example/1.jpg\", \"https://images.example/2.jpg\"]',
                '[\"Shines for ten thousand hours\", \"Dims to a hundredth\", \"Cable of two metres\"]'
         from generate_series(1, {PRODUCTS}) n;
         insert into catalog.listing_state (listing_id, version, observed_at, changed_at, offer, currency, price, availability,
                in_stock, stock_quantity, rank, ranks, known_price, known_currency, compared_price, known_rank,
                rating_hundredths, review_count)
         select id, 1, now(), now(), 1, 'USD', 1999, 'in_stock', true, 12, id,
                '[{{\"category\": \"Home\", \"rank\": 17}}]', 1999, 'USD', 199900, id, 430, 1234 from catalog.listing;
         insert into catalog.watch (tenant_id, listing_id) select '{tenant}', id from catalog.listing;
         insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds)
         select '{tenant}', gen_random_uuid(), id, 3600 from catalog.listing;
         analyze catalog.listing, catalog.listing_state, catalog.watch, catalog.tracking"
    )
}
