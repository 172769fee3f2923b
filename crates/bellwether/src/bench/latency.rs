//! How soon a change is on the page: from `POST /products/{id}/refresh` to the event on an open stream, over HTTP, with all
//! four services wired as always and the outside world on loopback; idle, and while bulk observations come in as fast as
//! core takes them.
//!
//! Reference: a bare round trip over the same engines (see [`bare_path`]). Smaller is better here.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use config::Config;
use contracts::catalog::v1::ingest_client::IngestClient;
use contracts::catalog::v1::values::Offer;
use contracts::catalog::v1::{
    CategoryRank, IngestObservationsRequest, Observation, Origin, Values,
};
use futures::StreamExt;
use futures::stream::BoxStream;
use http_kit::auth::Scope;
use lifecycle::Lifecycle;
use reqwest::{Client, RequestBuilder, StatusCode};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};
use serde_json::{Value, json};
use tonic::Request;

use super::installation::Installation;
use super::upstream::{Upstream, external_id};
use super::{Args, Figures, bare_path};

/// Products that are refreshed in turn.
const PRODUCTS: u32 = 50;
/// Refreshes measured each way.
const SAMPLES: usize = 300;
/// Further products that the bulk is of.
const BULK: u32 = 20_000;
/// Observations of one bulk request, and requests under way at the same time.
const REQUEST: u32 = 500;
const CALLERS: u32 = 4;
/// The longest one event may take.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn run(args: &Args) -> anyhow::Result<Figures> {
    let mut installation = Installation::start().await?;
    let upstream = Upstream::serve(&mut installation.config).await?;
    let listen = &mut installation.config.listen;
    listen.gateway_http = devstack::free_port(None)?;
    listen.core_grpc = devstack::free_port(None)?;
    installation.config.web.dir = String::new();
    let samples = if args.quick { 10 } else { SAMPLES };
    let outcome = measure(&installation.config, &upstream, samples).await;
    installation.stop().await?;
    outcome
}

async fn measure(config: &Config, upstream: &Upstream, samples: usize) -> anyhow::Result<Figures> {
    let mut bare = bare_path::times(config, samples).await?;
    let life = Lifecycle::new(Duration::from_secs(10));
    // All four services' wiring is a large future.
    Box::pin(crate::serve::run(config.clone(), life.clone())).await?;
    let page = Page::open(config).await?;
    let products = page.track().await?;

    println!("{samples} refreshes while nothing else is done");
    let mut idle = page.refreshes(upstream, &products, samples).await?;
    println!("{samples} refreshes while {CALLERS} callers bring observations");
    let bulk = Bulk::begin(config).await?;
    let began = Instant::now();
    let mut loaded = page.refreshes(upstream, &products, samples).await?;
    let bulk = bulk.end().await? as f64 / began.elapsed().as_secs_f64();
    life.abort();

    let (ours, reference) = (share(&mut idle, 99), share(&mut bare, 99));
    let mut figures = Figures::new("latency", ours, reference, "ms (p99, idle)");
    for (name, value) in [
        ("samples", json!(samples)),
        ("idle_p50_ms", json!(share(&mut idle, 50))),
        ("idle_p99_ms", json!(ours)),
        ("loaded_p50_ms", json!(share(&mut loaded, 50))),
        ("loaded_p99_ms", json!(share(&mut loaded, 99))),
        ("bulk_observations_per_second", json!(bulk.round())),
        ("reference_p50_ms", json!(share(&mut bare, 50))),
    ] {
        figures.more.insert(name.to_owned(), value);
    }
    Ok(figures)
}

/// The time that so many of a hundred stay under, in milliseconds to a tenth.
fn share(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
    let time = times.get(place).copied().unwrap_or_default();
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// A person's page: an API key and where to use it.
struct Page {
    client: Client,
    api: String,
    key: String,
}

impl Page {
    async fn open(config: &Config) -> anyhow::Result<Self> {
        let state = user_service::wire(config, crate::operator::peers(config)?).await?;
        let password = secrets::random_token(24);
        let demo = user_service::operator::ensure_demo(
            &state,
            "bench",
            "Bench",
            "enterprise",
            "bench@bellwether.example",
            &password,
        )
        .await?;
        let scopes = [Scope::Read, Scope::Write, Scope::Crawl];
        let key =
            user_service::operator::issue_api_key(&state, demo.tenant_id, "bench", &scopes).await?;
        let address = config.listen.address(config.listen.gateway_http);
        Ok(Self {
            client: Client::builder().no_proxy().build()?,
            api: format!("http://{address}/api/v1"),
            key,
        })
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("x-api-key", &self.key)
    }

    /// Tracks the products and waits until each was seen once; their ids here.
    async fn track(&self) -> anyhow::Result<Vec<i64>> {
        let mut events = self.events().await?;
        let mut ids = Vec::new();
        for number in 0..PRODUCTS {
            let url = format!("https://www.amazon.com/dp/{}", external_id(number));
            let request = self.client.post(format!("{}/trackings", self.api));
            let answer = self
                .signed(request)
                .json(&json!({ "url": url, "interval_seconds": 604_800 }))
                .send()
                .await?;
            ensure!(
                answer.status() == StatusCode::CREATED,
                "not tracked: {}",
                answer.text().await?
            );
            let tracking: Value = answer.json().await?;
            ids.push(tracking["product_id"].as_i64().context("no product_id")?);
        }
        // They come in any order.
        let mut awaited: BTreeSet<i64> = ids.iter().copied().collect();
        while !awaited.is_empty() {
            awaited.remove(&changed(&mut events, &awaited).await?);
        }
        Ok(ids)
    }

    /// Refreshes one product after the other; how long each change took to come out on the stream.
    async fn refreshes(
        &self,
        upstream: &Upstream,
        products: &[i64],
        samples: usize,
    ) -> anyhow::Result<Vec<Duration>> {
        let mut events = self.events().await?;
        let mut times = Vec::with_capacity(samples);
        for product in products.iter().cycle().take(samples) {
            upstream.move_on();
            let request = self
                .client
                .post(format!("{}/products/{product}/refresh", self.api));
            let began = Instant::now();
            let answer = self.signed(request).send().await?;
            ensure!(
                answer.status() == StatusCode::ACCEPTED,
                "not refreshed: {}",
                answer.text().await?
            );
            changed(&mut events, &BTreeSet::from([*product])).await?;
            times.push(began.elapsed());
        }
        Ok(times)
    }

    /// The events that come from now on, each as its kind and its data.
    async fn events(&self) -> anyhow::Result<BoxStream<'static, (String, Value)>> {
        let request = self.client.get(format!("{}/events", self.api));
        let answer = self.signed(request).send().await?.error_for_status()?;
        let parts = answer.bytes_stream().boxed();
        let lines =
            futures::stream::unfold((parts, String::new()), async |(mut parts, mut text)| {
                loop {
                    if let Some((event, rest)) = text.split_once("\n\n") {
                        let event = event_of(event);
                        return Some((event, (parts, rest.to_owned())));
                    }
                    // An end or a failure of the stream is the end of events; whoever waits for one says so.
                    let part = parts.next().await?.ok()?;
                    text.push_str(&String::from_utf8_lossy(&part));
                }
            });
        Ok(lines.boxed())
    }
}

fn event_of(text: &str) -> (String, Value) {
    let field = |name: &str| {
        let mut lines = text.lines();
        lines
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_default()
            .trim()
    };
    let data = serde_json::from_str(field("data:")).unwrap_or(Value::Null);
    (field("event:").to_owned(), data)
}

/// Waits for the change of one of these products; says of which.
async fn changed(
    events: &mut BoxStream<'static, (String, Value)>,
    products: &BTreeSet<i64>,
) -> anyhow::Result<i64> {
    let waiting = async {
        while let Some((kind, data)) = events.next().await {
            let product = data["product_id"].as_i64();
            if let Some(product) =
                product.filter(|id| kind == "listing.changed" && products.contains(id))
            {
                return Ok(product);
            }
        }
        bail!("the event stream ended")
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .with_context(|| format!("none of the products {products:?} changed"))?
}

/// Observations of other products, brought as fast as they are taken.
struct Bulk {
    over: Arc<AtomicBool>,
    stored: Arc<AtomicU64>,
    callers: Vec<tokio::task::JoinHandle<anyhow::Result<()>>>,
}

impl Bulk {
    async fn begin(config: &Config) -> anyhow::Result<Self> {
        let mut owner = PgConnection::connect(config.database.url.expose()).await?;
        sqlx::raw_sql(AssertSqlSafe(seed()))
            .execute(&mut owner)
            .await?;
        let address = config.listen.address(config.listen.core_grpc);
        let mut peers: rpc::PeerUrls = (&config.peers).into();
        peers.core = format!("http://{address}");
        let peers = rpc::Peers::over_tcp(&peers, config.internal.worker_token.expose())?;
        let (over, stored) = (Arc::default(), Arc::default());
        let callers = (0..CALLERS).map(|caller| {
            let ingest = rpc::sized!(IngestClient::new(peers.core.clone()));
            tokio::spawn(bring(
                ingest,
                caller,
                Arc::clone(&over),
                Arc::clone(&stored),
            ))
        });
        Ok(Self {
            callers: callers.collect(),
            over,
            stored,
        })
    }

    /// Ends it; how many were stored.
    async fn end(self) -> anyhow::Result<u64> {
        self.over.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await??;
        }
        Ok(self.stored.load(Ordering::Relaxed))
    }
}

/// Each caller has products of its own, and goes round and round.
async fn bring(
    mut ingest: IngestClient<rpc::Channel>,
    caller: u32,
    over: Arc<AtomicBool>,
    stored: Arc<AtomicU64>,
) -> anyhow::Result<()> {
    let own = BULK / CALLERS;
    let mut turn = 0;
    while !over.load(Ordering::Relaxed) {
        let first = PRODUCTS + caller * own + turn * REQUEST % own;
        let round = i64::from(turn * REQUEST / own) + 1;
        let now = Utc::now().timestamp_micros();
        let observations = (first..first + REQUEST).map(|number| observation(number, now, round));
        let mut request = Request::new(IngestObservationsRequest {
            origin: Origin::Crawl.into(),
            observations: observations.collect(),
        });
        request.set_timeout(PATIENCE);
        let answer = ingest
            .ingest_observations(request)
            .await
            .context("ingest")?;
        stored.fetch_add(answer.into_inner().outcomes.len() as u64, Ordering::Relaxed);
        turn += 1;
    }
    Ok(())
}

fn observation(number: u32, at_us: i64, round: i64) -> Observation {
    Observation {
        source: "amazon".to_owned(),
        marketplace: "US".to_owned(),
        external_id: external_id(number),
        observed_at_us: at_us,
        round,
        values: Some(Values {
            offer: Offer::Offered.into(),
            currency: Some("USD".to_owned()),
            price_minor: Some(1_999),
            availability: "in_stock".to_owned(),
            in_stock: Some(true),
            ranks: vec![CategoryRank {
                category: "Home & Kitchen".to_owned(),
                rank: i32::try_from(1_000 + round % 1_000).unwrap_or(1),
            }],
            ..Values::default()
        }),
        ..Observation::default()
    }
}

/// As the owner: products that nobody is told about.
fn seed() -> String {
    format!(
        "insert into catalog.listing (source, marketplace, external_id, url)
         select 'amazon', 'US', 'B0' || lpad(n::text, 8, '0'), 'https://www.amazon.com/dp/B0' || lpad(n::text, 8, '0')
         from generate_series({PRODUCTS}, {PRODUCTS} + {BULK} - 1) n;
         insert into catalog.listing_state (listing_id)
         select id from catalog.listing l
         where not exists (select from catalog.listing_state s where s.listing_id = l.id);
         analyze catalog.listing, catalog.listing_state"
    )
}
