//! What a data directory remembers: who may enter, and what runs.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::FileContext;
use crate::process::{Ask, Identity};
use crate::{Engine, Error, Result};

/// A process of an engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Process {
    pub identity: Identity,
    pub ask: Ask,
}

/// A private engine that was started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Running {
    pub url: String,
    pub port: u16,
    pub log: PathBuf,
    /// The engine itself; none while only its helpers were started.
    pub main: Option<Process>,
    /// What it needs beside itself; ended after it.
    pub helpers: Vec<Process>,
}

impl Running {
    /// The engine's process, if it and all that it needs run.
    pub(crate) fn alive(&self) -> Option<&Identity> {
        let main = &self.main.as_ref()?.identity;
        let helpers = self.helpers.iter().map(|helper| &helper.identity);
        std::iter::once(main)
            .chain(helpers)
            .all(Identity::alive)
            .then_some(main)
    }
}

/// The state file's content.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub engines: BTreeMap<Engine, Running>,
    /// Ports of the last start, so that URLs stay the same over restarts where possible.
    #[serde(default)]
    pub ports: BTreeMap<Engine, u16>,
}

/// The state file, written on every change: what runs is on disk before it is waited for, so
/// that a crash in between leaves nothing unknown.
pub(crate) struct Ledger {
    path: PathBuf,
    state: Mutex<State>,
}

impl Ledger {
    pub(crate) fn open(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("engines.json");
        Ok(Self {
            state: Mutex::new(read_json(&path)?.unwrap_or_default()),
            path,
        })
    }

    pub(crate) fn snapshot(&self) -> State {
        self.lock().clone()
    }

    pub(crate) fn record(&self, engine: Engine, running: Running) -> Result<()> {
        let mut state = self.lock();
        state.ports.insert(engine, running.port);
        state.engines.insert(engine, running);
        write_json(&self.path, &*state)
    }

    pub(crate) fn forget(&self, engine: Engine) -> Result<()> {
        let mut state = self.lock();
        state.engines.remove(&engine);
        write_json(&self.path, &*state)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held while engines of a data directory are started or stopped; released when dropped, and by
/// the system when the process dies.
pub(crate) struct DirLock(#[expect(dead_code, reason = "held for its lock")] File);

impl DirLock {
    /// Waits for whoever holds it now.
    pub(crate) async fn acquire(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("engines.lock");
        let waiting = move || {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .file("open", &path)?;
            file.lock().file("lock", &path)?;
            Ok(Self(file))
        };
        tokio::task::spawn_blocking(waiting)
            .await
            .map_err(|error| Error::Other(error.to_string()))?
    }
}

/// Passwords and names of one data directory's engines, made once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// Tells data of this directory from data of an earlier one at the same path.
    pub id: String,
    /// Whether the data is meant to last.
    pub durable: bool,
    pub postgres: String,
    pub redis: String,
    pub rabbitmq: String,
    pub cookie: String,
}

impl Credentials {
    pub(crate) fn load(data_dir: &Path) -> Result<Option<Self>> {
        read_json(&data_dir.join("credentials.json"))
    }

    pub(crate) fn load_or_make(data_dir: &Path, durable: bool) -> Result<Self> {
        if let Some(found) = Self::load(data_dir)? {
            if found.durable != durable {
                return Err(Error::Other(format!(
                    "{} holds engines that were started {} durable: use another directory",
                    data_dir.display(),
                    if found.durable { "as" } else { "as not" }
                )));
            }
            return Ok(found);
        }
        let secret = || hex::encode(rand::random::<[u8; 16]>());
        let made = Self {
            id: secret(),
            durable,
            postgres: secret(),
            redis: secret(),
            rabbitmq: secret(),
            cookie: secret(),
        };
        write_json(&data_dir.join("credentials.json"), &made)?;
        Ok(made)
    }
}

/// Writes a file that only we can read, at once or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&part)
        .file("write", &part)?;
    file.write_all(content).file("write", &part)?;
    std::fs::rename(&part, path).file("write", path)
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::Other(format!("{}: {error}", path.display())))?;
    text.push(b'\n');
    write_private(path, &text)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match std::fs::read(path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| Error::Other(format!("{}: {error}", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).file("read", path),
    }
}
