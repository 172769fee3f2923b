//! The all-in-one: the four services in one process, calling each other over memory.

use axum::Router;
use config::Config;
use http_kit::health::Check;
use lifecycle::Lifecycle;
use rpc::local::Network;
use tonic::service::Routes;
use utoipa_axum::router::OpenApiRouter;

use crate::openapi;

/// Wires and serves all four.
pub async fn run(config: Config, life: Lifecycle) -> anyhow::Result<()> {
    let internal = &config.internal;
    let (network, ends) = Network::new();
    let user = user_service::wire(&config, network.peers(internal.user_token.expose())?).await?;
    // One for all: a limiter that cannot ask Redis counts by itself.
    let limiter = user.limiter();
    let peers = network.peers(internal.crawler_token.expose())?;
    let crawler = crawler_service::wire_beside(&config, peers, limiter.clone()).await?;
    let peers = network.peers(internal.core_token.expose())?;
    let core = core_service::wire_beside(&config, peers, limiter.clone()).await?;
    let worker = worker::wire(&config, network.peers(internal.worker_token.expose())?).await?;

    let routes = [
        (user_service::grpc(user.clone()), ends.user),
        (crawler_service::grpc(crawler.clone()), ends.crawler),
        (core_service::grpc(core.clone()), ends.core),
        (worker::grpc(worker.clone()), ends.worker),
    ];
    let mut all = Router::new();
    for (routes, incoming) in routes {
        // Each answers unknown paths itself, and only one of a merged router can.
        all = all.merge(routes.clone().into_axum_router().reset_fallback());
        // Not a supervised task: the callers drain, and this must outlast them.
        tokio::spawn(rpc::local::serve(
            routes,
            incoming,
            internal.into(),
            life.hard(),
        ));
    }
    // The same services for the operator's command line.
    let listen = &config.listen;
    host::grpc(
        &config,
        &life,
        listen.address(listen.core_grpc),
        Routes::from(all),
    )
    .await?;

    let checks: Vec<Check> = user_service::readiness(&user)
        .into_iter()
        .chain(crawler_service::readiness(&crawler))
        .chain(core_service::readiness(&core))
        .chain(worker::readiness(&worker))
        .collect();
    user_service::consumers(user.clone(), &life);
    crawler_service::consumers(crawler.clone(), &life);
    core_service::consumers(core.clone(), &life);
    worker::consumers(worker.clone(), &life);

    let page = core_service::pages(&core, &config);
    let (api, document) = OpenApiRouter::with_openapi(http_kit::openapi::document("Bellwether"))
        .merge(user_service::router(user))
        .merge(crawler_service::router(crawler))
        .merge(core_service::router(core))
        .split_for_parts();
    let app = api.merge(openapi::pages(document)).fallback_service(page);
    host::http(
        &config,
        &life,
        listen.address(listen.gateway_http),
        app,
        checks,
    )
    .await
}
