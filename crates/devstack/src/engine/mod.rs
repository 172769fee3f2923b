//! One file an engine: how it is configured, started and asked whether it is ready.

pub(crate) mod postgres;
pub(crate) mod rabbitmq;
pub(crate) mod redis;

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use crate::error::FileContext;
use crate::guard::Guard;
use crate::options::Progress;
use crate::process::{Ask, Identity, Launch};
use crate::state::{Credentials, Ledger, Process, Running};
use crate::{Engine, Error, Result, Stage};

/// How often an engine is asked whether it is ready.
const POLL: Duration = Duration::from_millis(50);
/// How long one such question may take.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// What every engine is started with.
pub(crate) struct Site<'a> {
    /// Absolute, and exists.
    pub data_dir: &'a Path,
    pub credentials: &'a Credentials,
    pub ledger: &'a Ledger,
    /// Present for foreground engines.
    pub guard: Option<&'a Guard>,
    pub progress: &'a Progress,
    pub began: Instant,
    pub limit: Duration,
}

impl Site<'_> {
    pub(crate) fn report(&self, engine: Engine, stage: Stage) {
        (self.progress)(engine, stage);
    }

    /// A directory below the data directory, for engines that run as ourselves.
    fn make_dir(&self, name: &str) -> Result<PathBuf> {
        let dir = self.data_dir.join(name);
        std::fs::create_dir_all(&dir).file("create", &dir)?;
        Ok(dir)
    }

    /// The engine's log file, empty: what an earlier start wrote is kept beside it.
    fn fresh_log(&self, name: &str) -> Result<PathBuf> {
        let log = self.data_dir.join(format!("{name}.log"));
        if log.exists() {
            let old = self.data_dir.join(format!("{name}.old.log"));
            std::fs::rename(&log, &old).file("rename", &log)?;
        }
        Ok(log)
    }

    /// Starts a process and puts it under the guard's care.
    fn launch(&self, launch: Launch<'_>, ask: Ask) -> Result<(Child, Process)> {
        let (child, identity) = launch.spawn()?;
        self.watch(&identity, ask)?;
        Ok((child, Process { identity, ask }))
    }

    fn watch(&self, identity: &Identity, ask: Ask) -> Result<()> {
        self.guard
            .map_or(Ok(()), |guard| guard.watch(identity, ask))
    }
}

/// An engine that answers, started by us just now.
pub(crate) struct Started {
    pub running: Running,
    /// Kept so that they can be reaped.
    pub children: Vec<Child>,
}

/// Starts `engine`, on another port when the chosen one was taken meanwhile.
pub(crate) async fn start(
    engine: Engine,
    site: &Site<'_>,
    last_port: Option<u16>,
) -> Result<Started> {
    let mut preferred = last_port;
    for _ in 0..2 {
        match start_once(engine, site, preferred).await {
            Err(Error::Ended { tail, .. }) if port_taken(&tail) => preferred = None,
            other => return other,
        }
    }
    start_once(engine, site, None).await
}

async fn start_once(engine: Engine, site: &Site<'_>, preferred: Option<u16>) -> Result<Started> {
    let port = crate::ports::free_port(preferred)?;
    match engine {
        Engine::Postgres => postgres::start(site, port).await,
        Engine::Redis => redis::start(site, port).await,
        Engine::Rabbitmq => rabbitmq::start(site, port).await,
    }
}

/// Whether the engine at `url` answers.
pub(crate) async fn probe(engine: Engine, url: &str) -> Result<(), String> {
    let answer = async {
        match engine {
            Engine::Postgres => postgres::probe(url).await,
            Engine::Redis => redis::probe(url).await,
            Engine::Rabbitmq => rabbitmq::probe(url).await,
        }
    };
    tokio::time::timeout(PROBE_LIMIT, answer)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", PROBE_LIMIT.as_secs())))
}

/// Waits until the engine at `url` answers, its process ends, or the limit is over.
pub(crate) async fn until_ready(
    engine: Engine,
    url: &str,
    mut child: Option<&mut Child>,
    log: &Path,
    limit: Duration,
) -> Result<()> {
    let deadline = Instant::now() + limit;
    loop {
        let last = match probe(engine, url).await {
            Ok(()) => return Ok(()),
            Err(last) => last,
        };
        if let Some(child) = child.as_deref_mut()
            && let Ok(Some(status)) = child.try_wait()
        {
            return Err(Error::Ended {
                engine,
                status: status.to_string(),
                log: log.to_owned(),
                tail: tail(log),
            });
        }
        if Instant::now() >= deadline {
            return Err(Error::NotReady {
                engine,
                seconds: limit.as_secs(),
                last,
                log: log.to_owned(),
                tail: tail(log),
            });
        }
        tokio::time::sleep(POLL).await;
    }
}

fn port_taken(tail: &str) -> bool {
    let tail = tail.to_ascii_lowercase();
    tail.contains("already in use") || tail.contains("eaddrinuse")
}

/// The last lines of a log file, indented.
fn tail(log: &Path) -> String {
    const LINES: usize = 20;
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(LINES)..]
        .iter()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
