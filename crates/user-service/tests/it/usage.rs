//! `GET /api/v1/usage`: what this service counts, and what the others do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use contracts::catalog::v1 as catalog;
use contracts::catalog::v1::usage_server::{Usage as CatalogUsage, UsageServer as CatalogServer};
use contracts::crawl::v1 as crawl;
use contracts::crawl::v1::usage_server::{Usage as CrawlUsage, UsageServer as CrawlServer};
use rpc::Caller;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use crate::common::{Client, Service};

/// Stands in for core and crawler.
#[derive(Clone, Default)]
struct Counters(Arc<AtomicBool>);

impl Counters {
    fn away(&self) -> Result<(), Status> {
        match self.0.load(Ordering::SeqCst) {
            true => Err(Status::unavailable("away")),
            false => Ok(()),
        }
    }
}

#[tonic::async_trait]
impl CatalogUsage for Counters {
    async fn get_usage(
        &self,
        request: Request<catalog::GetUsageRequest>,
    ) -> Result<Response<catalog::GetUsageResponse>, Status> {
        Caller::check(&request, &[Caller::User])?;
        Ok(Response::new(catalog::GetUsageResponse {
            tracked_products: 41,
            llm_tokens: 7,
        }))
    }
}

#[tonic::async_trait]
impl CrawlUsage for Counters {
    async fn get_usage(
        &self,
        request: Request<crawl::GetUsageRequest>,
    ) -> Result<Response<crawl::GetUsageResponse>, Status> {
        Caller::check(&request, &[Caller::User])?;
        self.away()?;
        Ok(Response::new(crawl::GetUsageResponse {
            crawls: 500,
            spend_micro_usd: 1_230_000,
        }))
    }
}

#[tokio::test]
async fn usage_shows_what_each_service_has_counted() {
    let mut service = Service::start().await;
    let internal = &mut service.config.internal;
    internal.user_token = "u".repeat(16).into();
    internal.core_token = "c".repeat(16).into();
    internal.crawler_token = "r".repeat(16).into();
    let (network, ends) = rpc::local::Network::new();
    let (counters, stop) = (Counters::default(), CancellationToken::new());
    let core = Routes::new(CatalogServer::new(counters.clone()));
    let crawler = Routes::new(CrawlServer::new(counters.clone()));
    for (routes, end) in [(core, ends.core), (crawler, ends.crawler)] {
        let tokens = (&service.config.internal).into();
        tokio::spawn(rpc::local::serve(routes, end, tokens, stop.clone()));
    }
    let peers = network.peers(&"u".repeat(16)).unwrap();
    let state = user_service::wire(&service.config, peers).await.unwrap();
    let client = Client::of(state);
    let token = client.register("acme").await.text("access_token");

    let refused = client.get("/api/v1/usage", "").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let usage = client.get("/api/v1/usage", &token).await;
    assert_eq!(usage.status, StatusCode::OK, "{}", usage.body);
    assert_eq!(usage.body["plan"], "free");
    let items: Vec<Value> = usage.body["items"].as_array().unwrap().clone();
    let shown: Vec<Value> = items
        .iter()
        .map(|item| json!([item["name"], item["used"], item["allowed"], item["state"]]))
        .collect();
    assert_eq!(
        shown,
        [
            json!(["tracked_products", 41, 50, "warning"]),
            json!(["members", 1, 2, "ok"]),
            json!(["crawls_per_day", 500, 500, "exceeded"]),
            json!(["llm_tokens_per_month", 7, 50_000, "ok"]),
            json!(["source_spend_cents_per_month", 123, 500, "ok"]),
        ]
    );
    assert!(
        items[0]["resets_at"].is_null() && items[2]["resets_at"].is_string(),
        "{items:?}"
    );

    let invited = json!({ "email": "two@example.com", "role": "viewer" });
    client.post("/api/v1/invitations", &token, invited).await;
    let usage = client.get("/api/v1/usage", &token).await;
    let members = &usage.body["items"][1];
    assert_eq!(
        json!([members["used"], members["state"]]),
        json!([2, "exceeded"]),
        "an invitation takes a place"
    );

    counters.0.store(true, Ordering::SeqCst);
    let away = client.get("/api/v1/usage", &token).await;
    assert_eq!(
        away.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "no figure is made up"
    );
}
