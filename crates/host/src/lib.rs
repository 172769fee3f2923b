//! What every process of ours does around the services in it: configuration, telemetry, listeners, life cycle.
//!
//! A service's own `main` hands [`service`] its name and a function that wires it; the all-in-one wires all four and uses
//! the same pieces. So there is one code path from arguments to exit code.

mod serve;
mod service;
mod stdin;

use std::process::ExitCode;

use config::{Config, ConfigError, ProcessKind};
use lifecycle::Lifecycle;

pub use serve::{grpc, http};
pub use service::{Parts, Service, service};
pub use stdin::STOP_WITH_STDIN;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs a process from arguments to exit code: 64 for a wrong configuration, failure when a part of it died.
///
/// `body` wires everything and spawns it on the life cycle; then the process lives until a signal.
pub fn run(
    kind: ProcessKind,
    name: &'static str,
    body: impl AsyncFnOnce(Config, Lifecycle) -> anyhow::Result<()>,
) -> ExitCode {
    choose_cryptography();
    let loaded = Config::load_for(kind, None).and_then(|config| {
        connectors::registry::check(&config.sources)?;
        Ok(config)
    });
    let config = match loaded {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{name}: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        // Dropped last, on the failing path too, so that the last spans leave.
        let _telemetry = match start_telemetry(&config, name) {
            Ok(guard) => guard,
            Err(error) => {
                eprintln!("{name}: {error:#}");
                return ExitCode::from(config::EXIT_USAGE);
            }
        };
        let life = Lifecycle::new(config.process.grace());
        stdin::stop_when_it_ends(&life);
        if let Err(error) = body(config, life.clone()).await {
            tracing::error!(error = format!("{error:#}"), "cannot start");
            eprintln!("{name}: cannot start: {error:#}");
            life.stop();
            life.drained().await;
            return ExitCode::FAILURE;
        }
        tracing::info!("started");
        life.run_until_signal().await
    })
}

/// Says which implementation of TLS all of this process uses: libraries bring two, and where nobody chooses some of them
/// refuse to work. A second call changes nothing.
pub fn choose_cryptography() {
    // It fails when it is chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Says what is wrong with the configuration, on the terminal and by the exit code.
fn refuse(error: &ConfigError) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(config::EXIT_USAGE)
}

fn start_telemetry(config: &Config, name: &'static str) -> anyhow::Result<telemetry::Guard> {
    let settings = telemetry::Settings {
        json: config.telemetry.is_json(),
        level: &config.telemetry.level,
        otlp_endpoint: &config.telemetry.otlp_endpoint,
    };
    telemetry::init(&settings, name)
}
