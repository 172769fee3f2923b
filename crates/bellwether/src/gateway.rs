//! One development URL in front of four separate processes. In production a real gateway stands here.

use anyhow::Context;
use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::routing::any_service;
use axum_reverse_proxy::{HostBehaviour, ProxyPolicy, ReverseProxy, XForwardedFor};
use config::Config;
use http_kit::health::Check;
use lifecycle::Lifecycle;
use utoipa::openapi::OpenApi;

use crate::openapi;

/// Serves every address of the API from the service whose router has it, and the rest from core, which has the page.
pub async fn run(config: Config, life: Lifecycle) -> anyhow::Result<()> {
    let listen = &config.listen;
    let services = [
        ("user-service", listen.user_http, user_service::openapi()),
        (
            "crawler-service",
            listen.crawler_http,
            crawler_service::openapi(),
        ),
        ("core-service", listen.core_http, core_service::openapi()),
    ];
    let mut app = openapi::pages(openapi::document());
    let mut checks = Vec::new();
    for (name, port, document) in services {
        let target = format!("http://{}", listen.address(port));
        app = app.merge(proxied(&document, &target));
        checks.push(ready(name, &target)?);
    }
    checks.push(ready(
        "worker",
        &format!("http://{}", listen.address(listen.worker_http)),
    )?);
    let core = format!("http://{}", listen.address(listen.core_http));
    let app = app
        .fallback_service(proxy(&core))
        .layer(map_request(traced));
    host::http(
        &config,
        &life,
        listen.address(listen.gateway_http),
        app,
        checks,
    )
    .await
}

/// Hands our trace on, so that one id leads from the browser's request through all processes.
async fn traced(mut request: Request) -> Request {
    telemetry::propagation::inject_http(request.headers_mut());
    request
}

/// The document's addresses, each answered by `target`.
fn proxied(document: &OpenApi, target: &str) -> Router {
    let proxy = proxy(target);
    let paths = document.paths.paths.keys();
    paths.fold(Router::new(), |router, path| {
        router.route(path, any_service(proxy.clone()))
    })
}

/// Everything to `target`, the host as the client named it: a subdomain names a tenant.
fn proxy(target: &str) -> Router {
    let policy = ProxyPolicy::new()
        .with_host_behaviour(HostBehaviour::Preserve)
        .with_x_forwarded_for(XForwardedFor::Append);
    ReverseProxy::new("/", target).with_policy(policy).into()
}

/// A service is ready when it says so itself.
fn ready(name: &'static str, target: &str) -> anyhow::Result<Check> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .context("make an HTTP client")?;
    let url = format!("{target}/readyz");
    Ok(Check::new(name, move || {
        let request = client.get(&url);
        async move {
            request.send().await?.error_for_status()?;
            Ok(())
        }
    }))
}
