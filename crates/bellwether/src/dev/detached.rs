//! A supervisor in the background, and stopping whichever runs.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;

use super::Shape;
use super::child::append;
use super::lock::Lock;
use super::settings::Home;

/// How long a first start may take, data directories and demo included.
const START: Duration = Duration::from_secs(240);
/// How long a stop may take: draining, then the engines.
const STOP: Duration = Duration::from_secs(90);
/// How often the state is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Starts a supervisor that outlives us, shows what it prints, and returns once it is ready.
pub async fn start(home: &Home, shape: Shape, web_dir: &Path) -> anyhow::Result<()> {
    if let Some(pid) = Lock::holder(home)? {
        bail!(
            "this installation is running already (process {pid}); see {}",
            home.up_json().display()
        );
    }
    let _ = std::fs::remove_file(home.up_json());
    let mut printed = append(&home.supervisor_log())?;
    let mut shown = std::fs::File::open(home.supervisor_log())?;
    shown.seek(SeekFrom::End(0))?;
    writeln!(printed)?;
    let subcommand = match shape {
        Shape::OneProcess => "up",
        Shape::FourServices => "services",
    };
    let mut supervisor = Command::new(std::env::current_exe()?)
        .arg("dev")
        .arg("--home")
        .arg(home.folder())
        .arg(subcommand)
        .arg("--web-dir")
        .arg(web_dir)
        .stdin(Stdio::null())
        .stdout(printed.try_clone()?)
        .stderr(printed)
        // Out of our process group, so that neither Ctrl-C nor the end of the terminal reaches it.
        .process_group(0)
        .spawn()
        .context("start the supervisor")?;
    let ready = async {
        loop {
            show(&mut shown)?;
            if home.up_json().exists() {
                return show(&mut shown);
            }
            if let Some(status) = supervisor.try_wait()? {
                show(&mut shown)?;
                bail!(
                    "the start failed ({status}); see above, {} and {}",
                    home.supervisor_log().display(),
                    home.folder().join("logs").display()
                );
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(START, ready).await.map_err(|_| {
        anyhow::anyhow!(
            "not ready within {} s; see {}",
            START.as_secs(),
            home.supervisor_log().display()
        )
    })?
}

/// Stops the running supervisor, which stops all it started; says so when none runs.
pub async fn stop(home: &Home) -> anyhow::Result<()> {
    let Some(pid) = Lock::holder(home)? else {
        // A supervisor that was killed may have left engines behind.
        let stopped = devstack::stop(&home.engines()).await?;
        println!(
            "{}",
            if stopped.is_empty() {
                "Nothing was running."
            } else {
                "Left-over engines stopped."
            }
        );
        return Ok(());
    };
    kill(Pid::from_raw(pid), Signal::SIGTERM).with_context(|| format!("stop process {pid}"))?;
    println!("Stopping");
    let gone = async {
        while Lock::holder(home)?.is_some() {
            tokio::time::sleep(LOOK).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(STOP, gone)
        .await
        .map_err(|_| anyhow::anyhow!("process {pid} did not end within {} s", STOP.as_secs()))??;
    println!("Stopped.");
    Ok(())
}

fn show(log: &mut std::fs::File) -> anyhow::Result<()> {
    let mut text = String::new();
    log.read_to_string(&mut text)?;
    print!("{text}");
    std::io::stdout().flush()?;
    Ok(())
}
