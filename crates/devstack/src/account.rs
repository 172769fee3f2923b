//! The user that Postgres runs as, since it refuses to run as root.

use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User};

use crate::error::FileContext;
use crate::{Error, Result};

/// An unprivileged user of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account for an engine that refuses root: none when we are not root ourselves.
    pub(crate) fn unprivileged() -> Result<Option<Self>> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| {
                Some(Self {
                    uid: user.uid.as_raw(),
                    gid: user.gid.as_raw(),
                })
            })
            .ok_or_else(|| {
                Error::Other("root needs a user postgres or nobody to run Postgres as".to_owned())
            })
    }

    /// Makes `command` run as this user, without our supplementary groups.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    pub(crate) const fn uid(&self) -> u32 {
        self.uid
    }

    pub(crate) const fn gid(&self) -> u32 {
        self.gid
    }

    fn can_use(&self, dir: &Path) -> bool {
        let mut probe = Command::new("/bin/sh");
        probe
            .args(["-c", r#"cd "$1" && test -w ."#, "sh"])
            .arg(dir)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.apply(&mut probe);
        probe.status().is_ok_and(|status| status.success())
    }
}

/// A private directory for `account` at `wanted`, or, where that user cannot reach it (under a
/// closed home directory, say), at `fallback` in a place that everyone reaches.
pub(crate) fn directory_for(
    account: Option<&Account>,
    wanted: &Path,
    fallback: &Path,
) -> Result<PathBuf> {
    make_private(wanted, account)?;
    let Some(account) = account else {
        return Ok(wanted.to_owned());
    };
    if account.can_use(wanted) {
        return Ok(wanted.to_owned());
    }
    make_private(fallback, Some(account))?;
    if account.can_use(fallback) {
        return Ok(fallback.to_owned());
    }
    Err(Error::Other(format!(
        "neither {} nor {} can be used by the unprivileged user that Postgres runs as",
        wanted.display(),
        fallback.display()
    )))
}

fn make_private(dir: &Path, account: Option<&Account>) -> Result<()> {
    if let Some(parent) = dir.parent() {
        std::fs::create_dir_all(parent).file("create", parent)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(error).file("create", dir);
        }
        _ => {}
    }
    // In a directory that everyone may write to, someone else may have been first.
    let found = std::fs::symlink_metadata(dir).file("look at", dir)?;
    let ours = Uid::effective().as_raw();
    let owner = account.map_or(ours, |account| account.uid);
    if !found.is_dir() || (found.uid() != ours && found.uid() != owner) {
        return Err(Error::Other(format!(
            "{} is in the way and is not ours",
            dir.display()
        )));
    }
    if let Some(account) = account {
        chown(dir, Some(account.uid), Some(account.gid)).file("change the owner of", dir)?;
    }
    Ok(())
}
