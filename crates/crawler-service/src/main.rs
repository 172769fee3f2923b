//! crawler-service as a process of its own.

use std::process::ExitCode;
use std::time::Duration;

use config::{Config, ProcessKind};
use lifecycle::Lifecycle;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::load_for(ProcessKind::Crawler, None) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(config::EXIT_USAGE);
        }
    };
    match run(config).await {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "crawler-service cannot run");
            eprintln!("crawler-service: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let _telemetry = telemetry::init(
        &telemetry::Settings {
            json: config.telemetry.is_json(),
            level: &config.telemetry.level,
            otlp_endpoint: &config.telemetry.otlp_endpoint,
        },
        "crawler-service",
    )?;
    let peers = rpc::Peers::over_tcp(
        &(&config.peers).into(),
        config.internal.crawler_token.expose(),
    )?;
    let state = crawler_service::wire(&config, peers).await?;
    let listen = &config.listen;
    let grpc = TcpListener::bind(listen.address(listen.crawler_grpc)).await?;
    let http = TcpListener::bind(listen.address(listen.crawler_http)).await?;
    tracing::info!(http = %http.local_addr()?, grpc = %grpc.local_addr()?, "crawler-service listens");

    let life = Lifecycle::new(config.process.grace());
    let (api, _) = crawler_service::router(state.clone()).split_for_parts();
    let health = http_kit::health::routes(crawler_service::readiness(&state));
    let app = http_kit::server::harden(
        api.merge(http_kit::openapi::error_help()).merge(health),
        Duration::from_secs(config.http.timeout_seconds),
    );
    let (routes, tokens, stop) = (
        crawler_service::grpc(state.clone()),
        (&config.internal).into(),
        life.soft(),
    );
    life.spawn("grpc", async move {
        Ok(rpc::server::serve_tcp(routes, grpc, tokens, stop).await?)
    });
    let serving = life.clone();
    life.spawn("http", async move {
        http_kit::server::serve(http, app, &serving).await
    });
    crawler_service::consumers(state, &life);
    Ok(life.run_until_signal().await)
}
