//! The three engines as one thing: started, found, stopped, forgotten.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::engine::{self, Site, Started};
use crate::error::FileContext;
use crate::guard::Guard;
use crate::process::{self, Ask, Identity, end};
use crate::state::{Credentials, DirLock, Ledger, Running};
use crate::{Engine, Error, Lifetime, Options, Result, Stage};

/// How long an engine may take to end in order before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// How long the children of a killed engine may take to notice.
const CRASH_LIMIT: Duration = Duration::from_secs(5);

/// Three engines that answer: private ones, given ones, or some of each.
///
/// With [`Lifetime::Foreground`] it ends what it started when stopped or dropped, and also when
/// its process dies in any other way. What it found running it leaves running.
pub struct Stack {
    /// Postgres: a superuser, who owns the database that the URL names.
    pub database_url: String,
    /// Redis.
    pub redis_url: String,
    /// RabbitMQ.
    pub amqp_url: String,
    data_dir: PathBuf,
    /// What this value has to end: empty for detached engines.
    owned: BTreeMap<Engine, Running>,
    children: Vec<Child>,
    guard: Option<Guard>,
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URLs hold passwords.
        f.debug_struct("Stack")
            .field("data_dir", &self.data_dir)
            .field("owned", &self.owned.keys())
            .finish_non_exhaustive()
    }
}

impl Stack {
    /// Finds or starts what `options` asks for; all three engines answer when it returns.
    ///
    /// # Errors
    /// When a program is missing, or an engine does not come up: then the end of its log is in the
    /// error, and the engines started by this call are ended again.
    pub async fn start(options: Options) -> Result<Self> {
        let data_dir = prepare_dir(&options.data_dir)?;
        let _lock = DirLock::acquire(&data_dir).await?;
        let credentials = Credentials::load_or_make(&data_dir, options.durable)?;
        let ledger = Ledger::open(&data_dir)?;
        let guard = match options.lifetime {
            Lifetime::Foreground => Some(Guard::start()?),
            Lifetime::Detached => None,
        };
        let site = Site {
            data_dir: &data_dir,
            credentials: &credentials,
            ledger: &ledger,
            guard: guard.as_ref(),
            progress: &options.progress,
            began: Instant::now(),
            limit: options.start_limit,
        };
        let (postgres, redis, rabbitmq) = tokio::join!(
            Box::pin(bring_up(Engine::Postgres, &options, &site)),
            Box::pin(bring_up(Engine::Redis, &options, &site)),
            Box::pin(bring_up(Engine::Rabbitmq, &options, &site)),
        );

        let mut stack = Self {
            database_url: String::new(),
            redis_url: String::new(),
            amqp_url: String::new(),
            data_dir: data_dir.clone(),
            owned: BTreeMap::new(),
            children: Vec::new(),
            guard,
        };
        let mut failure = None;
        for (engine, outcome) in Engine::ALL.into_iter().zip([postgres, redis, rabbitmq]) {
            match outcome {
                Ok(Up::Elsewhere(url)) => *stack.url_mut(engine) = url,
                Ok(Up::Started(started)) => {
                    *stack.url_mut(engine) = started.running.url.clone();
                    stack.owned.insert(engine, started.running);
                    stack.children.extend(started.children);
                }
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if let Some(error) = failure {
            // Dropping it ends what did start, whatever its lifetime was to be.
            let ended = tokio::task::spawn_blocking(move || drop(stack)).await;
            return ended.map_or_else(
                |panic| Err(Error::Other(panic.to_string())),
                |()| Err(error),
            );
        }
        if options.lifetime == Lifetime::Detached {
            stack.owned.clear();
        }
        Ok(stack)
    }

    /// Ends the engines that this value started and waits until their processes are gone.
    pub async fn stop(self) {
        // A panic in there has been reported already; there is nothing left to end.
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }

    fn url_mut(&mut self, engine: Engine) -> &mut String {
        match engine {
            Engine::Postgres => &mut self.database_url,
            Engine::Redis => &mut self.redis_url,
            Engine::Rabbitmq => &mut self.amqp_url,
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        end_engines(self.owned.values());
        if let Some(guard) = self.guard.take() {
            guard.dismiss();
        }
        if self.owned.is_empty() {
            return;
        }
        for child in &mut self.children {
            // Ended above; this only collects the exit status.
            let _ = child.try_wait();
        }
        if let Ok(ledger) = Ledger::open(&self.data_dir) {
            for engine in self.owned.keys() {
                // Entries of dead processes are harmless: the next start sees that they are dead.
                let _ = ledger.forget(*engine);
            }
        }
    }
}

enum Up {
    /// Given, or found running.
    Elsewhere(String),
    Started(Started),
}

async fn bring_up(engine: Engine, options: &Options, site: &Site<'_>) -> Result<Up> {
    if let Some(url) = options.given(engine) {
        site.report(engine, Stage::Given);
        // It may be coming up itself (a container beside us), so it gets a moment.
        let none = Path::new(engine.variable());
        let limit = Duration::from_secs(15).min(site.limit);
        engine::until_ready(engine, url, None, none, limit).await?;
        report_ready(engine, site);
        return Ok(Up::Elsewhere(url.to_owned()));
    }
    let state = site.ledger.snapshot();
    if let Some(found) = state.engines.get(&engine) {
        if found.alive().is_some() {
            site.report(engine, Stage::Reused);
            engine::until_ready(engine, &found.url, None, &found.log, site.limit).await?;
            report_ready(engine, site);
            return Ok(Up::Elsewhere(found.url.clone()));
        }
        // Half of it may be left.
        let found = found.clone();
        let ended = tokio::task::spawn_blocking(move || end_engines([&found])).await;
        ended.map_err(|panic| Error::Other(panic.to_string()))?;
    }
    match engine::start(engine, site, state.ports.get(&engine).copied()).await {
        Ok(started) => {
            report_ready(engine, site);
            Ok(Up::Started(started))
        }
        Err(error) => {
            // What was recorded before the failure must not stay behind.
            if let Some(failed) = site.ledger.snapshot().engines.remove(&engine) {
                let ended = tokio::task::spawn_blocking(move || end_engines([&failed])).await;
                ended.map_err(|panic| Error::Other(panic.to_string()))?;
                site.ledger.forget(engine)?;
            }
            Err(error)
        }
    }
}

fn report_ready(engine: Engine, site: &Site<'_>) {
    let after = site.began.elapsed();
    site.report(engine, Stage::Ready { after });
}

/// Ends engines together, and what they need beside themselves after them. Blocks.
fn end_engines<'a>(engines: impl IntoIterator<Item = &'a Running>) {
    let engines: Vec<_> = engines.into_iter().collect();
    let mains: Vec<(Identity, Ask)> = engines
        .iter()
        .filter_map(|running| running.main.as_ref())
        .map(|main| (main.identity.clone(), main.ask))
        .collect();
    let helpers: Vec<(Identity, Ask)> = engines
        .iter()
        .flat_map(|running| &running.helpers)
        .map(|helper| (helper.identity.clone(), helper.ask))
        .collect();
    end(&mains, STOP_LIMIT);
    end(&helpers, STOP_LIMIT);
}

/// An engine of a data directory that runs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which one.
    pub engine: Engine,
    /// Its process.
    pub pid: i32,
    /// The loopback port that it listens on.
    pub port: u16,
    /// Where it is reached, with user and password.
    pub url: String,
    /// Its log file.
    pub log: PathBuf,
}

/// The private engines of `data_dir` that run now, whoever started them.
///
/// # Errors
/// When the state file is there but cannot be read.
pub fn running(data_dir: &Path) -> Result<Vec<Found>> {
    let state = Ledger::open(&absolute(data_dir)?)?.snapshot();
    Ok(state
        .engines
        .into_iter()
        .filter_map(|(engine, running)| {
            Some(Found {
                engine,
                pid: running.alive()?.pid,
                port: running.port,
                url: running.url,
                log: running.log,
            })
        })
        .collect())
}

/// Ends every private engine of `data_dir`, whoever started it, and says which ones ran.
///
/// # Errors
/// When the directory's files cannot be read or written.
pub async fn stop(data_dir: &Path) -> Result<Vec<Engine>> {
    let data_dir = absolute(data_dir)?;
    if !data_dir.is_dir() {
        return Ok(Vec::new());
    }
    let _lock = DirLock::acquire(&data_dir).await?;
    stop_locked(&data_dir).await
}

/// Ends one private engine of `data_dir` as a crash does, without a chance to put anything in order: for tests. Says
/// whether it ran. [`Stack::start`] with the same options starts it again where it was.
///
/// # Errors
/// When the directory's files cannot be read.
pub async fn crash(data_dir: &Path, engine: Engine) -> Result<bool> {
    let data_dir = absolute(data_dir)?;
    let _lock = DirLock::acquire(&data_dir).await?;
    let found = Ledger::open(&data_dir)?.snapshot().engines.remove(&engine);
    let Some(process) = found.and_then(|running| running.alive().cloned()) else {
        return Ok(false);
    };
    tokio::task::spawn_blocking(move || process::crash(&process, CRASH_LIMIT))
        .await
        .map_err(|panic| Error::Other(panic.to_string()))?;
    Ok(true)
}

async fn stop_locked(data_dir: &Path) -> Result<Vec<Engine>> {
    let ledger = Ledger::open(data_dir)?;
    let engines = ledger.snapshot().engines;
    let ran = engines
        .iter()
        .filter(|(_, running)| running.alive().is_some())
        .map(|(engine, _)| *engine)
        .collect();
    let names: Vec<_> = engines.keys().copied().collect();
    tokio::task::spawn_blocking(move || end_engines(engines.values()))
        .await
        .map_err(|panic| Error::Other(panic.to_string()))?;
    for engine in names {
        ledger.forget(engine)?;
    }
    Ok(ran)
}

/// Ends every private engine of `data_dir` and deletes all that they stored. Only what this crate
/// put there is deleted, and the directory itself only when nothing else is in it.
///
/// # Errors
/// When something cannot be deleted.
pub async fn reset(data_dir: &Path) -> Result<()> {
    let data_dir = absolute(data_dir)?;
    if !data_dir.is_dir() {
        return Ok(());
    }
    let lock = DirLock::acquire(&data_dir).await?;
    stop_locked(&data_dir).await?;
    for name in ["postgres", "redis", "rabbitmq"] {
        remove(&data_dir.join(name))?;
        remove(&data_dir.join(format!("{name}.log")))?;
        remove(&data_dir.join(format!("{name}.old.log")))?;
    }
    if Account::unprivileged()?.is_some() {
        remove(&engine::postgres::fallback_dir(&data_dir))?;
    }
    for name in ["engines.json", "credentials.json"] {
        remove(&data_dir.join(name))?;
    }
    drop(lock);
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
    };
    removed.file("remove", path)
}

fn prepare_dir(dir: &Path) -> Result<PathBuf> {
    if !Path::new("/proc/self/stat").exists() {
        return Err(Error::Other(
            "private engines need Linux: set DATABASE_URL, REDIS_URL and AMQP_URL to running ones"
                .to_owned(),
        ));
    }
    std::fs::create_dir_all(dir).file("create", dir)?;
    absolute(dir)
}

/// The path as the state file and the names derived from it know it.
fn absolute(dir: &Path) -> Result<PathBuf> {
    match dir.canonicalize() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::path::absolute(dir).file("resolve", dir)
        }
        other => other.file("resolve", dir),
    }
}
