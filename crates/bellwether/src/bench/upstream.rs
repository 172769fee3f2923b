//! The outside world of a benchmark: Apify's dataset pages, in the shape that its Amazon crawler was recorded in, served
//! on loopback as fast as they can be written. Every run has succeeded when it is started.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use config::Config;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The served world.
pub struct Upstream {
    shop: Arc<Shop>,
    address: SocketAddr,
    stop: CancellationToken,
}

/// Ends when dropped.
impl Drop for Upstream {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[derive(Default)]
struct Shop {
    /// Prices and ranks follow from the product and this.
    round: AtomicU32,
    runs: AtomicU64,
    /// The products of each run.
    asked: Mutex<HashMap<u64, Arc<Vec<String>>>>,
}

impl Upstream {
    /// Serves it, and lets Amazon be read there without any pause.
    pub async fn serve(config: &mut Config) -> anyhow::Result<Self> {
        let shop = Arc::new(Shop::default());
        let app = Router::new()
            .route("/v2/acts/{actor}/runs", post(start))
            .route("/v2/actor-runs/{run}", get(run))
            .route("/v2/datasets/{dataset}/items", get(items))
            .with_state(Arc::clone(&shop));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let ended = stop.clone();
        tokio::spawn(async move {
            let served = axum::serve(listener, app)
                .with_graceful_shutdown(ended.cancelled_owned())
                .await;
            if let Err(error) = served {
                eprintln!("the upstream ended: {error}");
            }
        });
        config.egress.allow_private = true;
        let sources = &mut config.sources;
        sources.set("amazon", "base_url", format!("http://{address}"));
        sources.set("amazon", "token", "benchmark");
        sources.set("amazon", "cost_settle_seconds", 0);
        sources.set("amazon", "jitter_min_ms", 0);
        sources.set("amazon", "jitter_max_ms", 0);
        sources.set("amazon", "concurrency", 64);
        Ok(Self {
            shop,
            address,
            stop,
        })
    }

    /// From now on every rank is another one, and a tenth of the prices.
    pub fn move_on(&self) {
        self.shop.round.fetch_add(1, Ordering::Relaxed);
    }

    /// Runs that were started.
    pub fn runs(&self) -> u64 {
        self.shop.runs.load(Ordering::Relaxed)
    }

    /// Products a second that a client gets here when it does nothing with them.
    pub async fn alone(&self, products: &[String]) -> anyhow::Result<f64> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let base = format!("http://{}/v2", self.address);
        let began = std::time::Instant::now();
        for batch in products.chunks(1_000) {
            let urls: Vec<Value> = batch
                .iter()
                .map(|asin| json!({ "url": format!("https://www.amazon.com/dp/{asin}") }))
                .collect();
            let run: Value = client
                .post(format!("{base}/acts/junglee~Amazon-crawler/runs"))
                .json(&json!({ "categoryOrProductUrls": urls }))
                .send()
                .await?
                .json()
                .await?;
            let dataset = run["data"]["defaultDatasetId"].as_str().unwrap_or_default();
            for offset in (0..batch.len()).step_by(250) {
                let page = format!(
                    "{base}/datasets/{dataset}/items?offset={offset}&limit=250&format=json"
                );
                let answer = client.get(page).send().await?.error_for_status()?;
                answer.bytes().await?;
            }
        }
        Ok(products.len() as f64 / began.elapsed().as_secs_f64())
    }
}

/// The id of a product by its number.
pub fn external_id(number: u32) -> String {
    format!("B0{number:08}")
}

async fn start(
    State(shop): State<Arc<Shop>>,
    Json(input): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let mut products = Vec::new();
    collect(&input, &mut products);
    let id = shop.runs.fetch_add(1, Ordering::Relaxed);
    shop.asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(id, Arc::new(products));
    (StatusCode::CREATED, Json(told(id)))
}

async fn run(Path(run): Path<String>) -> Result<Json<Value>, StatusCode> {
    Ok(Json(told(number(&run)?)))
}

fn told(id: u64) -> Value {
    let now = chrono::Utc::now();
    json!({ "data": {
        "id": format!("run{id}"), "status": "SUCCEEDED", "defaultDatasetId": format!("set{id}"),
        "startedAt": now, "finishedAt": now, "usageTotalUsd": 0.001,
    }})
}

fn number(name: &str) -> Result<u64, StatusCode> {
    name.get(3..)
        .and_then(|digits| digits.parse().ok())
        .ok_or(StatusCode::NOT_FOUND)
}

/// The products that an actor's input names.
fn collect(input: &Value, products: &mut Vec<String>) {
    match input {
        Value::String(text) => {
            let after = text.split_once("/dp/").map(|(_, after)| after);
            products.extend(after.map(|asin| asin.chars().take(10).collect::<String>()));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, products)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, products)),
        _ => {}
    }
}

#[derive(Deserialize)]
struct Page {
    offset: usize,
    limit: usize,
}

async fn items(
    State(shop): State<Arc<Shop>>,
    Path(dataset): Path<String>,
    Query(page): Query<Page>,
) -> Result<Response, StatusCode> {
    let id = number(&dataset)?;
    let products = {
        let mut asked = shop.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let products = asked.get(&id).cloned().ok_or(StatusCode::NOT_FOUND)?;
        if page.offset + page.limit >= products.len() {
            // Nobody asks for a whole run twice.
            asked.remove(&id);
        }
        products
    };
    let round = shop.round.load(Ordering::Relaxed);
    let end = (page.offset + page.limit).min(products.len());
    let mut body = String::with_capacity(800 * page.limit);
    body.push('[');
    for asin in products.get(page.offset..end).unwrap_or_default() {
        if body.len() > 1 {
            body.push(',');
        }
        item(asin, round, &mut body);
    }
    body.push(']');
    let total = products.len().to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::HeaderName::from_static("x-apify-pagination-total"),
            total.as_str(),
        ),
    ];
    Ok((headers, body).into_response())
}

/// A product as the crawler's items are, but for parts that nobody reads.
fn item(asin: &str, round: u32, body: &mut String) {
    let number: u32 = asin
        .get(2..)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    let price = if (number.wrapping_add(round)).is_multiple_of(10) {
        16 + number % 8
    } else {
        20
    };
    let rank = 1_000 + (number.wrapping_mul(7).wrapping_add(round.wrapping_mul(13))) % 5_000;
    // Writing into a text cannot fail.
    let _ = write!(
        body,
        r#"{{"title":"Bench lamp {number}","url":"https://www.amazon.com/dp/{asin}","asin":"{asin}","originalAsin":"{asin}","brand":"Bench","stars":4.3,"reviewsCount":1000,"inStock":true,"inStockText":"In Stock","loadedCountryCode":"US","price":{{"value":{price}.99,"currency":"$"}},"listPrice":{{"value":39.99,"currency":"$"}},"breadCrumbs":"Home & Kitchen > Lamps","thumbnailImage":"https://m.media-amazon.com/images/I/{asin}.jpg","bestsellerRanks":[{{"rank":{rank},"category":"Home & Kitchen"}},{{"rank":{small},"category":"Lamps"}}],"seller":{{"name":"Bench Shop","id":"A1BENCH"}},"features":["Warm light","Two metres of cable"],"description":"A lamp of paper that lights a table.","attributes":[{{"key":"Material","value":"Paper"}}]}}"#,
        small = 1 + rank % 100,
    );
}
