//! user-service and core-service as they run, and a tenant that uses them.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::Utc;
use contracts::catalog::v1::ingest_client::IngestClient;
use contracts::catalog::v1::outcome::Status;
use contracts::catalog::v1::values::Offer;
use contracts::catalog::v1::{
    CategoryRank, IngestObservationsRequest, Observation, Origin, Values,
};
use futures::{StreamExt, TryStreamExt, stream};
use http_kit::openapi::document;
use lifecycle::Lifecycle;
use reqwest::Client;
use sea_orm::sqlx::{self, PgConnection};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;

use super::super::installation::Installation;
use super::seed::external_id;

/// Observations a request, and requests at the same time.
const REQUEST: usize = 500;
const CONCURRENCY: usize = 8;
const SLUG: &str = "bench";
const EMAIL: &str = "owner@bench.example";

/// The services, listening.
pub struct Running {
    life: Lifecycle,
    client: Client,
    base: String,
    password: String,
    ingest: IngestClient<rpc::Channel>,
}

impl Running {
    /// Starts both without their background work, and registers a tenant.
    pub async fn start(installation: &Installation) -> anyhow::Result<Self> {
        let config = &installation.config;
        let internal = &config.internal;
        let life = Lifecycle::new(Duration::from_secs(10));
        let (network, ends) = rpc::local::Network::new();
        let user = user_service::wire(config, network.peers(internal.user_token.expose())?).await?;
        let core = core_service::wire(config, network.peers(internal.core_token.expose())?).await?;
        for (routes, incoming) in [
            (user_service::grpc(user.clone()), ends.user),
            (core_service::grpc(core.clone()), ends.core),
        ] {
            let serving = rpc::local::serve(routes, incoming, internal.into(), life.hard());
            tokio::spawn(serving);
        }
        let ingest = rpc::sized!(IngestClient::new(
            network.peers(internal.worker_token.expose())?.core
        ));
        let (router, _) = OpenApiRouter::with_openapi(document("Bellwether"))
            .merge(user_service::router(user))
            .merge(core_service::router(core))
            .split_for_parts();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let base = format!("http://{}/api/v1", listener.local_addr()?);
        tokio::spawn(axum::serve(listener, router).into_future());
        let running = Self {
            life,
            client: Client::new(),
            base,
            password: secrets::random_token(24),
            ingest,
        };
        let tenant = json!({ "tenant": "Bench", "slug": SLUG, "email": EMAIL, "password": running.password });
        running.post("/auth/register", &tenant).await?;
        Ok(running)
    }

    /// Ends them.
    pub fn stop(&self) {
        self.life.abort();
    }

    /// The tenant's id; its plan becomes one that shows everything.
    pub async fn tenant(&self, owner: &mut PgConnection) -> anyhow::Result<String> {
        let update = "update identity.tenant set plan_code = 'enterprise' where slug = $1 returning id::text";
        let query = sqlx::query_scalar(update).bind(SLUG);
        Ok(query.fetch_one(owner).await?)
    }

    /// A reader with a fresh token.
    pub async fn sign_in(&self) -> anyhow::Result<Reader<'_>> {
        let who = json!({ "email": EMAIL, "password": self.password, "slug": SLUG });
        let answer = self.post("/auth/login", &who).await?;
        let token = answer["access_token"].as_str().context("no token")?;
        Ok(Reader {
            running: self,
            token: token.to_owned(),
        })
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .json(body)
            .send()
            .await?;
        let status = answer.status();
        let body = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status} {body}");
        Ok(serde_json::from_str(&body)?)
    }

    /// One round: an observation of each of so many listings, made now, in which every rank moves and a tenth of the
    /// prices.
    pub async fn ingest(&self, listings: u32, round: u32) -> anyhow::Result<()> {
        let at_us = Utc::now().timestamp_micros();
        let observations: Vec<Observation> = (1..=listings)
            .map(|number| observation(number, at_us, round))
            .collect();
        stream::iter(observations.chunks(REQUEST))
            .map(|observations| {
                let request = IngestObservationsRequest {
                    origin: Origin::Crawl.into(),
                    observations: observations.to_vec(),
                };
                let mut ingest = self.ingest.clone();
                async move {
                    let answer = ingest
                        .ingest_observations(request)
                        .await
                        .context("ingest")?;
                    let outcomes = answer.into_inner().outcomes;
                    let lost = outcomes
                        .iter()
                        .find(|outcome| outcome.status() != Status::Changed);
                    ensure!(lost.is_none(), "not every observation was stored: {lost:?}");
                    Ok(())
                }
            })
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await
    }
}

/// A signed-in person.
pub struct Reader<'a> {
    running: &'a Running,
    token: String,
}

impl Reader<'_> {
    /// Reads, and expects an answer.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = self
            .running
            .client
            .get(format!("{}{path}", self.running.base));
        let answer = request.bearer_auth(&self.token).send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status} {body}");
        Ok(serde_json::from_str(&body)?)
    }
}

fn observation(number: u32, at_us: i64, round: u32) -> Observation {
    let moved = if (number + round).is_multiple_of(10) {
        95
    } else {
        100
    };
    let rank = i32::try_from(1_000 + (number * 7 + round * 13) % 5_000).unwrap_or(i32::MAX);
    Observation {
        source: "amazon".to_owned(),
        marketplace: "US".to_owned(),
        external_id: external_id(number),
        observed_at_us: at_us,
        round: i64::from(round),
        values: Some(Values {
            offer: Offer::Offered.into(),
            currency: Some("USD".to_owned()),
            price_minor: Some(20 * moved),
            availability: "in_stock".to_owned(),
            in_stock: Some(true),
            ranks: vec![CategoryRank {
                category: "Electronics".to_owned(),
                rank,
            }],
            ..Values::default()
        }),
        ..Observation::default()
    }
}
