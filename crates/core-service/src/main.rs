//! core-service as a process of its own.

use std::process::ExitCode;
use std::time::Duration;

use config::{Config, ProcessKind};
use lifecycle::Lifecycle;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::load_for(ProcessKind::Core, None) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(config::EXIT_USAGE);
        }
    };
    match run(config).await {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "core-service cannot run");
            eprintln!("core-service: {error:#}");
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
        "core-service",
    )?;
    let peers = rpc::Peers::over_tcp(&(&config.peers).into(), config.internal.core_token.expose())?;
    let state = core_service::wire(&config, peers).await?;
    let listen = &config.listen;
    let grpc = TcpListener::bind(listen.address(listen.core_grpc)).await?;
    let http = TcpListener::bind(listen.address(listen.core_http)).await?;
    tracing::info!(http = %http.local_addr()?, grpc = %grpc.local_addr()?, "core-service listens");

    let life = Lifecycle::new(config.process.grace());
    let (api, _) = core_service::router(state.clone()).split_for_parts();
    let app = api
        .merge(http_kit::openapi::error_help())
        .merge(http_kit::health::routes(core_service::readiness(&state)))
        .merge(core_service::page::router(&config.web.dir));
    let app = http_kit::server::harden(app, Duration::from_secs(config.http.timeout_seconds));
    let (routes, tokens, stop) = (
        core_service::grpc(state.clone()),
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
    core_service::consumers(state, &life);
    Ok(life.run_until_signal().await)
}
