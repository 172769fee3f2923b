//! user-service as a process of its own.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use config::{Config, EXIT_USAGE, ProcessKind};
use http_kit::{health, openapi, server};
use lifecycle::Lifecycle;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::load_for(ProcessKind::User, None) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match run(&config).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("user-service: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let settings = telemetry::Settings {
        json: config.telemetry.is_json(),
        level: &config.telemetry.level,
        otlp_endpoint: &config.telemetry.otlp_endpoint,
    };
    let _guard = telemetry::init(&settings, "user-service")?;
    let life = Lifecycle::new(config.process.grace());
    let listen = &config.listen;
    let http = bind(config, listen.user_http).await?;
    let grpc = bind(config, listen.user_grpc).await?;
    let state = user_service::wire(config, peers(config)?).await?;

    let (api, _) = user_service::router(state.clone()).split_for_parts();
    let checks = user_service::readiness(&state);
    let app = api
        .merge(openapi::error_help())
        .merge(health::routes(checks));
    let app = server::harden(app, Duration::from_secs(config.http.timeout_seconds));
    let (routes, tokens, stop) = (
        user_service::grpc(state.clone()),
        tokens(config),
        life.soft(),
    );
    user_service::consumers(state, &life);
    life.spawn("grpc", async move {
        Ok(rpc::server::serve_tcp(routes, grpc, tokens, stop).await?)
    });
    life.spawn("http", {
        let life = life.clone();
        async move { server::serve(http, app, &life).await }
    });
    Ok(life.run_until_signal().await)
}

async fn bind(config: &Config, port: u16) -> anyhow::Result<TcpListener> {
    let address = config.listen.address(port);
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listen on {address}"))
}

fn peers(config: &Config) -> anyhow::Result<rpc::Peers> {
    let config::Peers {
        user,
        core,
        crawler,
        worker,
    } = config.peers.clone();
    let urls = rpc::PeerUrls {
        user,
        core,
        crawler,
        worker,
    };
    Ok(rpc::Peers::over_tcp(
        &urls,
        config.internal.user_token.expose(),
    )?)
}

fn tokens(config: &Config) -> rpc::Tokens {
    let internal = &config.internal;
    rpc::Tokens {
        user: internal.user_token.expose().to_owned(),
        core: internal.core_token.expose().to_owned(),
        crawler: internal.crawler_token.expose().to_owned(),
        worker: internal.worker_token.expose().to_owned(),
        operator: internal.operator_token.expose().to_owned(),
    }
}
