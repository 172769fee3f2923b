//! A development installation from engines to demo, in the foreground.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use devstack::{Engine, Options, Stack, Stage};
use lifecycle::Lifecycle;
use market_sim::{Sim, SimOptions};

use super::config_file::{self, Addresses};
use super::lock::Lock;
use super::reporter::Reporter;
use super::settings::{Home, Secrets};
use super::up_json::UpJson;
use super::{Shape, ports};
use crate::demo;

/// How long the processes may take to be ready.
const READY: Duration = Duration::from_secs(60);

/// Starts everything, prints how to sign in, and stays until a signal.
pub async fn run(home: Home, shape: Shape, web_dir: &Path) -> anyhow::Result<()> {
    let _lock = Lock::take(&home)?;
    let _ = std::fs::remove_file(home.up_json()); // of a start that was cut short
    let reporter = Arc::new(Reporter::new());
    println!("Starting Bellwether");
    let stack = start_engines(&home, &reporter).await?;
    let life = Lifecycle::new(Duration::from_secs(40));
    let outcome = tokio::select! {
        outcome = start_rest(&home, shape, web_dir, &stack, &life, &reporter) => outcome,
        () = interrupted() => Err(anyhow::anyhow!("interrupted")),
    };
    let outcome = match outcome {
        Ok((up, sim)) => {
            up.write(&home)?;
            up.print(&home);
            life.run_until_signal().await;
            println!("\nStopping");
            drop(sim);
            Ok(())
        }
        Err(error) => {
            life.stop();
            life.drained().await;
            Err(error)
        }
    };
    let _ = std::fs::remove_file(home.up_json());
    stack.stop().await;
    outcome
}

async fn start_engines(home: &Home, reporter: &Arc<Reporter>) -> anyhow::Result<Stack> {
    let told = Arc::clone(reporter);
    let options =
        Options::from_env(home.engines()).progress(move |engine: Engine, stage| match stage {
            Stage::Given => told.done(&format!("{engine}: yours, from {}", engine.variable())),
            Stage::Ready { .. } => told.done(&format!("{engine} answers")),
            Stage::Preparing => told.note(&format!("{engine}: first start, making its data")),
            _ => {}
        });
    Ok(Stack::start(options).await?)
}

async fn start_rest(
    home: &Home,
    shape: Shape,
    web_dir: &Path,
    stack: &Stack,
    life: &Lifecycle,
    reporter: &Reporter,
) -> anyhow::Result<(UpJson, Sim)> {
    let mut secrets = Secrets::load(home)?;
    let http_port = ports::http()?;
    let sim = start_markets()
        .await
        .context("start the simulated markets")?;
    reporter.done(&format!("simulated markets at {}", sim.base_url()));
    let addresses = Addresses {
        database_url: stack.database_url.clone(),
        redis_url: stack.redis_url.clone(),
        amqp_url: stack.amqp_url.clone(),
        market_sim_url: sim.base_url().to_owned(),
        smtp_url: sim.smtp_url().to_owned(),
        http_port,
        grpc: match shape {
            Shape::OneProcess => ports::grpc_of_one_process()?,
            Shape::FourServices => ports::of_four_processes()?,
        },
        web_dir: web_dir.to_path_buf(),
    };
    config_file::write(home, &secrets, &addresses)?;
    let config = config::Config::load(Some(&home.config()))?;
    migrations::prepare(&crate::migrate::admin(&config))
        .await
        .context("prepare the database")?;
    reporter.done("database at its newest version");

    for program in shape.programs()? {
        life.spawn(program.name, program.supervise(home.clone(), life.soft()));
    }
    let url = format!("http://localhost:{http_port}");
    tokio::select! {
        ready = wait_until_ready(&url) => ready,
        // A process that does not start ends the life cycle and has said why.
        () = life.soft().cancelled_owned() => Err(anyhow::anyhow!("a process does not start")),
    }
    .with_context(|| format!("see the logs in {}", home.folder().join("logs").display()))?;
    reporter.done(&format!("{} ready", shape.name()));

    let access = demo::load(
        &config,
        &url,
        &addresses.market_sim_url,
        &mut secrets,
        reporter,
    )
    .await
    .context("load the demo")?;
    secrets.save(home)?;
    Ok((UpJson::new(url, access, &addresses), sim))
}

/// On the usual port if it is free: pictures are remembered by address.
async fn start_markets() -> anyhow::Result<Sim> {
    let on = |port| {
        Sim::start(SimOptions {
            port,
            ..SimOptions::default()
        })
    };
    match on(ports::MARKET_SIM).await {
        Ok(sim) => Ok(sim),
        Err(_) => Ok(on(0).await?),
    }
}

/// Waits until the page's process says that it and everything it needs can serve.
async fn wait_until_ready(url: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .build()?;
    let ready = async {
        loop {
            let answer = client.get(format!("{url}/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(READY, ready)
        .await
        .map_err(|_| anyhow::anyhow!("not ready within {} s", READY.as_secs()))
}

/// Ends at the first signal that asks the installation to stop.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
