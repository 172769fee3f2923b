//! What it adds to an answer to know who asks.
//!
//! `GET /api/v1/products/{id}`, kept, by one router: with an access token and with an API key, and beside each the same
//! request to a router that was given the caller beforehand, which neither checks the token nor looks up the key. In
//! turns, in one run: over HTTP by the same callers, and without sockets, where nothing else covers the difference.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::body::Body;
use axum::http::Request;
use axum::{Extension, Router};
use http_kit::auth::{Actor, Principal, Role, Scope};
use lifecycle::Lifecycle;
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

use super::Figures;
use super::installation::Installation;
use super::read::{self, CALLERS, HOT, Wired};

/// How often the sides take turns, and how long a turn lasts: short ones, next to each other, because what a machine does
/// in a second wavers by more than what is looked for. The middle one of all turns counts.
const TURNS: usize = 30;
const TURN: Duration = Duration::from_millis(400);
/// Before a side's first turn.
const WARMING: Duration = Duration::from_secs(1);
/// Answers between two looks at the clock.
const AT_ONCE: u32 = 100;

pub async fn run() -> anyhow::Result<Figures> {
    let installation = Installation::start().await?;
    let outcome = Box::pin(measure(&installation)).await;
    installation.stop().await?;
    outcome
}

/// One kind of credential: asked who sends it, and told beforehand.
struct Pair {
    name: &'static str,
    asked: Side,
    told: Side,
}

/// One way to answer.
struct Side {
    /// The header line that says who asks.
    credential: String,
    router: Router,
    address: std::net::SocketAddr,
    /// Answers a second in each turn.
    over_http: Vec<f64>,
    in_process: Vec<f64>,
}

impl Side {
    async fn new(credential: &str, router: Router, timeout: Duration) -> anyhow::Result<Self> {
        let router = http_kit::server::harden(router, timeout);
        Ok(Self {
            credential: credential.to_owned(),
            address: read::serve(router.clone()).await?,
            router,
            over_http: Vec::new(),
            in_process: Vec::new(),
        })
    }

    async fn turn(&mut self, time: Duration) -> anyhow::Result<()> {
        let credential = &self.credential;
        let request = |n: u64| {
            let id = n % HOT + 1;
            format!("GET /api/v1/products/{id} HTTP/1.1\r\nhost: localhost\r\n{credential}\r\n\r\n")
        };
        self.over_http
            .push(read::ask(self.address, time, request).await?);
        self.in_process.push(self.answers(time).await?);
        Ok(())
    }

    /// Answers a second, one after the other, without sockets.
    async fn answers(&self, time: Duration) -> anyhow::Result<f64> {
        let began = Instant::now();
        let mut answered = 0_u32;
        while began.elapsed() < time {
            for n in 0..AT_ONCE {
                let id = u64::from(n) % HOT + 1;
                let mut request = Request::get(format!("/api/v1/products/{id}"));
                if let Some((name, value)) = self.credential.split_once(": ") {
                    request = request.header(name, value);
                }
                let answer = self.router.clone().oneshot(request.body(Body::empty())?);
                let status = answer.await?.status();
                ensure!(status.is_success(), "{status}");
            }
            answered += AT_ONCE;
        }
        Ok(f64::from(answered) / began.elapsed().as_secs_f64())
    }
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
    let Wired {
        user,
        core,
        tenant,
        token,
    } = read::wired(config, &life).await?;
    read::keep(&core, &life).await?;
    let tenant_id: Uuid = tenant.parse()?;
    let key = user_service::operator::issue_api_key(&user, tenant_id, "bench", &[Scope::Read]);
    let key = key.await?;

    let timeout = Duration::from_secs(config.http.timeout_seconds);
    let (router, _) = core_service::router(core).split_for_parts();
    let known = Principal {
        tenant_id,
        tenant_slug: "bench".into(),
        actor: Actor::User {
            id: Uuid::now_v7(),
            role: Role::Owner,
            session_id: Uuid::now_v7(),
        },
    };
    let given = router.clone().layer(Extension(known));
    let mut pairs = Vec::new();
    for (name, credential) in [
        ("access_token", format!("authorization: Bearer {token}")),
        ("api_key", format!("x-api-key: {key}")),
    ] {
        pairs.push(Pair {
            name,
            asked: Side::new(&credential, router.clone(), timeout).await?,
            told: Side::new(&credential, given.clone(), timeout).await?,
        });
    }
    for Pair { asked, told, .. } in &mut pairs {
        for side in [asked, told] {
            side.turn(WARMING).await?;
            side.over_http.clear();
            side.in_process.clear();
        }
    }
    for turn in 0..TURNS {
        for Pair { asked, told, .. } in &mut pairs {
            // Neither is always first.
            let [one, other] = if turn % 2 == 0 {
                [asked, told]
            } else {
                [told, asked]
            };
            one.turn(TURN).await?;
            other.turn(TURN).await?;
        }
    }
    life.abort();
    let token = pairs.first().context("a pair")?;
    let mut figures = Figures::new(
        "auth",
        median(&token.asked.over_http),
        median(&token.told.over_http),
        "answers/s",
    );
    for Pair { name, asked, told } in &pairs {
        let over_http = median_of(&told.over_http, &asked.over_http, |without, with| {
            (without / with - 1.0) * 100.0
        });
        let microseconds = median_of(&told.in_process, &asked.in_process, |without, with| {
            1e6 / with - 1e6 / without
        });
        let (answers, alone) = (median(&asked.over_http), median(&told.over_http));
        println!(
            "{name}: {answers:.0} answers a second, {alone:.0} told who asks; adds {over_http:.1} %, {microseconds:.2} µs of \
             {:.2} without sockets",
            1e6 / median(&told.in_process)
        );
        let round = |value: f64| Value::from((value * 100.0).round() / 100.0);
        let more = [
            ("answers", round(answers.round())),
            ("added_percent", round(over_http)),
            ("added_microseconds", round(microseconds)),
        ];
        for (what, value) in more {
            figures.more.insert(format!("{name}_{what}"), value);
        }
    }
    figures
        .more
        .insert("connections".to_owned(), CALLERS.into());
    Ok(figures)
}

/// What comes of each two turns next to each other, and the middle of that.
fn median_of(one: &[f64], other: &[f64], compared: impl Fn(f64, f64) -> f64) -> f64 {
    let all: Vec<f64> = one
        .iter()
        .zip(other)
        .map(|(one, other)| compared(*one, *other))
        .collect();
    median(&all)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
