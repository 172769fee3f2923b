//! Listeners over wired services.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use axum::{Extension, Router};
use config::Config;
use http_kit::client_address::TrustedProxies;
use http_kit::health::{self, Check};
use http_kit::{openapi, server};
use lifecycle::Lifecycle;
use rpc::Tls;
use tokio::net::TcpListener;
use tonic::service::Routes;

/// Serves `router` with health, metrics and the error help beside it until the soft stop.
///
/// # Errors
/// When the address cannot be bound.
pub async fn http(
    config: &Config,
    life: &Lifecycle,
    address: SocketAddr,
    router: Router,
    checks: Vec<Check>,
) -> anyhow::Result<()> {
    let listener = bind(address).await?;
    let whole = router
        .merge(openapi::error_help())
        .merge(health::routes(checks));
    let proxies =
        TrustedProxies::parse(&config.http.trusted_proxies).context("http.trusted_proxies")?;
    let app = server::harden(whole, Duration::from_secs(config.http.timeout_seconds))
        .layer(Extension(proxies));
    let served = life.clone();
    life.spawn("http", async move {
        server::serve(listener, app, &served).await
    });
    Ok(())
}

/// Serves gRPC until the soft stop.
///
/// # Errors
/// When the address cannot be bound.
pub async fn grpc(
    config: &Config,
    life: &Lifecycle,
    address: SocketAddr,
    routes: Routes,
) -> anyhow::Result<()> {
    let listener = bind(address).await?;
    let (tokens, stop) = ((&config.internal).into(), life.soft());
    let tls = Tls::of(&config.internal)?;
    life.spawn("grpc", async move {
        rpc::server::serve_with(routes, listener, tokens, tls, stop)
            .await
            .context("serving gRPC")
    });
    Ok(())
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listen on {address}"))
}
