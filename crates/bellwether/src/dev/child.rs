//! One process of the installation, started again when it dies.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::settings::Home;

/// Pause before a process that died is started again.
const PAUSE: Duration = Duration::from_secs(1);

/// A process that lived shorter than this failed to start; after so many in a row there is no point in another.
const STARTED: Duration = Duration::from_secs(10);
const FAILED_STARTS: u32 = 3;

/// How to start one process.
#[derive(Debug, Clone)]
pub struct Program {
    /// What it is called in messages and its log's name.
    pub name: &'static str,
    path: PathBuf,
    arguments: Vec<String>,
}

impl Program {
    /// The process `name`, running a program that was built beside this one.
    pub fn sibling(name: &'static str, program: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let me = std::env::current_exe().context("find this program's own file")?;
        let path = me.with_file_name(program);
        anyhow::ensure!(
            path.exists(),
            "{} is not built; run `cargo build --workspace --bins`",
            path.display()
        );
        Ok(Self {
            name,
            path,
            arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
        })
    }

    fn start(&self, home: &Home) -> anyhow::Result<Child> {
        let log = append(&home.log(self.name))?;
        let child = Command::new(&self.path)
            .args(&self.arguments)
            .env(config::FILE_VARIABLE, home.config())
            // It stops when this pipe ends, so it never outlives its supervisor.
            .env(host::STOP_WITH_STDIN, "1")
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C is for the supervisor, which then stops its children in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("start {}", self.path.display()))?;
        let pid = child.id().map(|id| id.to_string()).unwrap_or_default();
        let file = home.pid(self.name);
        fs::write(&file, pid).with_context(|| format!("write {}", file.display()))?;
        Ok(child)
    }

    /// Runs it until `stop`, again and again should it die; a process that refuses its configuration ends all.
    pub async fn supervise(self, home: Home, stop: CancellationToken) -> anyhow::Result<()> {
        let outcome = self.keep_running(&home, &stop).await;
        if let Err(error) = &outcome {
            println!("  ! {error:#}");
        }
        outcome
    }

    async fn keep_running(&self, home: &Home, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut failed_starts = 0;
        loop {
            let began = Instant::now();
            let mut child = self.start(home)?;
            // Taken out, since waiting would close it.
            let stdin = child.stdin.take();
            let status = tokio::select! {
                status = child.wait() => status?,
                () = stop.cancelled() => {
                    drop(stdin);
                    child.wait().await?;
                    fs::remove_file(home.pid(self.name))?;
                    return Ok(());
                }
            };
            anyhow::ensure!(
                status.code() != Some(i32::from(config::EXIT_USAGE)),
                "{} refused its configuration; see {}",
                self.name,
                home.log(self.name).display()
            );
            failed_starts = if began.elapsed() < STARTED {
                failed_starts + 1
            } else {
                0
            };
            anyhow::ensure!(
                failed_starts < FAILED_STARTS,
                "{} does not start ({status}); see {}",
                self.name,
                home.log(self.name).display()
            );
            println!("  ! {} ended ({status}); starting a new one", self.name);
            if tokio::time::timeout(PAUSE, stop.cancelled()).await.is_ok() {
                return Ok(());
            }
        }
    }
}

/// Opens a log at its end, with a bound on what earlier starts left.
pub fn append(path: &Path) -> anyhow::Result<File> {
    const KEPT: u64 = 64 * 1024 * 1024;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::metadata(path).is_ok_and(|found| found.len() > KEPT) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("open {}", path.display()))
}
