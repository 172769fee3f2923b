//! One supervisor an installation, findable by others.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};

use anyhow::{Context, bail};

use super::settings::Home;

/// Held as long as the supervisor runs; the kernel lets go of it however the process ends.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock and writes our process id into it.
    pub fn take(home: &Home) -> anyhow::Result<Self> {
        let mut file = open(home)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "this installation is running already; see {}, or `./dev down` first",
                    home.up_json().display()
                )
            }
            Err(TryLockError::Error(error)) => return Err(error).context("lock the installation"),
        }
        file.set_len(0)?;
        write!(file, "{}", std::process::id())?;
        file.flush()?;
        Ok(Self { _file: file })
    }

    /// The process id of the running supervisor, if one runs.
    pub fn holder(home: &Home) -> anyhow::Result<Option<i32>> {
        let mut file = open(home)?;
        if file.try_lock().is_ok() {
            return Ok(None);
        }
        let mut text = String::new();
        file.rewind()?;
        file.read_to_string(&mut text)?;
        text.trim()
            .parse()
            .map(Some)
            .context("the lock names no process")
    }
}

fn open(home: &Home) -> anyhow::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(home.lock())
        .with_context(|| format!("open {}", home.lock().display()))
}
