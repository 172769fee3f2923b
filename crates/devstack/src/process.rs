//! Starting, recognising and ending processes by id, never by name.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::binaries::on_path;
use crate::error::FileContext;
use crate::{Error, Result};

/// How often a state that is waited for is looked at again.
const POLL: Duration = Duration::from_millis(25);

/// One process on one boot of the machine. A process id alone may be another's by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub pid: i32,
    /// Clock ticks between boot and the start of the process.
    pub started: u64,
    /// The kernel's name for this boot.
    pub boot: String,
}

impl Identity {
    /// The identity of a process that runs now.
    pub(crate) fn of(pid: i32) -> Option<Self> {
        let (_, started) = stat(pid)?;
        Some(Self {
            pid,
            started,
            boot: boot_id(),
        })
    }

    /// Whether this very process still runs. A zombie does not.
    pub(crate) fn alive(&self) -> bool {
        self.boot == boot_id()
            && stat(self.pid)
                .is_some_and(|(state, started)| started == self.started && !"ZX".contains(state))
    }
}

/// The processes that `pid` has started and those that they have, of those that run now.
pub(crate) fn descendants(pid: i32) -> Vec<Identity> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let parents: Vec<(i32, i32)> = entries
        .filter_map(|entry| {
            let child = entry.file_name().to_str()?.parse().ok()?;
            Some((child, parent(child)?))
        })
        .collect();
    let mut found = vec![pid];
    let mut place = 0;
    while let Some(of) = found.get(place).copied() {
        found.extend(
            parents
                .iter()
                .filter(|(_, parent)| *parent == of)
                .map(|(child, _)| *child),
        );
        place += 1;
    }
    found.drain(1..).filter_map(Identity::of).collect()
}

fn parent(pid: i32) -> Option<i32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(')')?
        .1
        .split_ascii_whitespace()
        .nth(1)?
        .parse()
        .ok()
}

/// State letter and start time of a process.
fn stat(pid: i32) -> Option<(char, u64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in parentheses, may hold anything: the fields are counted after it.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let started = fields.nth(18)?.parse().ok()?;
    Some((state, started))
}

/// The kernel's name for this boot of the machine.
pub(crate) fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

/// A process to be started, with nothing of our environment but PATH.
pub(crate) struct Launch<'a> {
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub env: Vec<(&'static str, OsString)>,
    pub dir: &'a Path,
    pub log: &'a Path,
    pub account: Option<&'a Account>,
}

impl Launch<'_> {
    /// Starts the process in a session of its own, so that neither Ctrl-C nor a closing terminal
    /// reaches it, with its output appended to the log.
    pub(crate) fn spawn(self) -> Result<(Child, Identity)> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log)
            .file("open", self.log)?;
        let errors = log.try_clone().file("open", self.log)?;
        let mut command = match on_path("setsid") {
            // It executes the program in place: the process id stays the one that we see.
            Some(setsid) => {
                let mut command = Command::new(setsid);
                command.arg(&self.program);
                command
            }
            None => {
                let mut command = Command::new(&self.program);
                command.process_group(0);
                command
            }
        };
        command
            .args(&self.args)
            .current_dir(self.dir)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        clean_environment(&mut command, self.env);
        if let Some(account) = self.account {
            account.apply(&mut command);
        }
        let child = command.spawn().map_err(|error| Error::Tool {
            program: self.program.display().to_string(),
            output: error.to_string(),
        })?;
        let pid = pid_of(&child);
        // The child is not reaped before this, so even one that ended at once has an entry.
        let identity = Identity::of(pid)
            .ok_or_else(|| Error::Other(format!("process {pid} cannot be seen in /proc")))?;
        Ok((child, identity))
    }
}

/// Gives `command` only PATH, a UTF-8 locale and `env`: an engine must not pick up what the
/// caller's shell says about another one (PGPORT, RABBITMQ_NODENAME and their like).
pub(crate) fn clean_environment(
    command: &mut Command,
    env: impl IntoIterator<Item = (&'static str, OsString)>,
) {
    command
        .env_clear()
        .env(
            "PATH",
            std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()),
        )
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .envs(env);
}

pub(crate) fn pid_of(child: &Child) -> i32 {
    i32::try_from(child.id()).expect("Linux process ids fit in an i32")
}

/// How a process is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ask {
    Term,
    /// Postgres ends at once without waiting for its clients.
    Int,
}

impl Ask {
    pub(crate) const fn signal(self) -> Signal {
        match self {
            Self::Term => Signal::SIGTERM,
            Self::Int => Signal::SIGINT,
        }
    }
}

/// Asks all to end, waits for them up to `limit`, then kills the rest. Blocks.
pub(crate) fn end(processes: &[(Identity, Ask)], limit: Duration) {
    for (process, ask) in processes {
        send(process, ask.signal());
    }
    if wait_all(processes, limit) {
        return;
    }
    for (process, _) in processes {
        send(process, Signal::SIGKILL);
    }
    wait_all(processes, Duration::from_secs(5));
}

/// Kills a process without warning, waits up to `limit` for what it had started to end by itself, and kills the rest.
/// Blocks.
pub(crate) fn crash(process: &Identity, limit: Duration) {
    let family: Vec<(Identity, Ask)> = descendants(process.pid)
        .into_iter()
        .map(|child| (child, Ask::Term))
        .collect();
    send(process, Signal::SIGKILL);
    wait_all(&[(process.clone(), Ask::Term)], limit);
    // If it was our child it stays a zombie otherwise, which Postgres takes for a postmaster that still runs.
    let _ = waitpid(Pid::from_raw(process.pid), Some(WaitPidFlag::WNOHANG));
    if wait_all(&family, limit) {
        return;
    }
    for (child, _) in &family {
        send(child, Signal::SIGKILL);
    }
    wait_all(&family, limit);
}

fn send(process: &Identity, signal: Signal) {
    if process.alive() {
        // It may have ended by itself meanwhile, which is what we want.
        let _ = kill(Pid::from_raw(process.pid), signal);
    }
}

fn wait_all(processes: &[(Identity, Ask)], limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if processes.iter().all(|(process, _)| !process.alive()) {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_takes_the_whole_family() {
        let mut parent = Command::new("sh")
            .args(["-c", "sleep 61 & sleep 62 & wait"])
            .spawn()
            .expect("sh runs");
        let process = Identity::of(pid_of(&parent)).expect("it is in /proc");
        let deadline = Instant::now() + Duration::from_secs(10);
        let family = loop {
            let family = descendants(process.pid);
            if family.len() == 2 {
                break family;
            }
            assert!(Instant::now() < deadline, "{family:?}");
            std::thread::sleep(POLL);
        };
        crash(&process, Duration::from_millis(200));
        assert!(!process.alive());
        assert!(family.iter().all(|child| !child.alive()));
        assert!(Identity::of(process.pid).is_none(), "not even a zombie");
        // Only the handle is left.
        let _ = parent.wait();
    }

    #[test]
    fn a_process_is_recognised_until_it_ends() {
        let mut child = Command::new("sleep").arg("60").spawn().expect("sleep runs");
        let process = Identity::of(pid_of(&child)).expect("it is in /proc");
        assert!(process.alive());
        let earlier = Identity {
            started: process.started - 1,
            ..process.clone()
        };
        assert!(!earlier.alive(), "same id, other start time: not ours");
        end(&[(process.clone(), Ask::Term)], Duration::from_secs(5));
        assert!(!process.alive());
        child.wait().expect("it ended");
    }
}
