//! A running installation, as `./dev` starts one.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use devstack::testing::TestEnv;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};
use serde_json::Value;

use crate::api::Api;
use crate::engines::Addresses;
use crate::market::Market;
use crate::wait::until;

/// How long a start may take, the demo included.
const START: Duration = Duration::from_secs(180);

/// Everything that `./dev up` or `./dev services` starts, on a database of its own; ends when dropped.
pub struct Installation {
    /// What `up.json` says.
    pub up: Value,
    supervisor: Child,
    /// Those added by [`Installation::add_worker`].
    workers: Vec<Child>,
    variables: Vec<(String, String)>,
    home: tempfile::TempDir,
    engines: Addresses,
    // Last, so that the database goes when nobody uses it any more.
    _shared: Option<TestEnv>,
}

impl Installation {
    /// `up`: all services in one process. `services`: four processes and a gateway.
    pub async fn start(command: &str) -> anyhow::Result<Self> {
        Self::start_with(command, &[]).await
    }

    /// The same with these variables in the environment of all its processes.
    pub async fn start_with(command: &str, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let shared = TestEnv::empty()
            .await
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut installation = Self::start_on((&shared).into(), command, variables).await?;
        installation._shared = Some(shared);
        Ok(installation)
    }

    /// The same on these engines.
    pub async fn start_on(
        engines: Addresses,
        command: &str,
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        let port = devstack::free_port(None)?;
        let log = std::fs::File::create(home.path().join("printed.log"))?;
        let mut supervisor = Command::new(program("bellwether")?)
            .arg("dev")
            .arg("--home")
            .arg(home.path())
            .arg(command)
            .arg("--web-dir")
            .arg(root().join("web/dist"))
            .env("BELLWETHER_PORT", port.to_string())
            .env("DATABASE_URL", &engines.database_url)
            .env("REDIS_URL", &engines.redis_url)
            .env("AMQP_URL", &engines.amqp_url)
            .env(
                "BELLWETHER_DATABASE__ROLE_SECRET",
                devstack::testing::ROLE_SECRET,
            )
            .env("BELLWETHER_REDIS__PREFIX", &engines.redis_prefix)
            .env("BELLWETHER_AMQP__PREFIX", &engines.amqp_prefix)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let file = home.path().join("up.json");
        let up = until("up.json", START, async || {
            if let Some(status) = supervisor.try_wait()? {
                let printed = std::fs::read_to_string(home.path().join("printed.log"))?;
                bail!(
                    "the start ended with {status}:\n{printed}\n{}",
                    logs(home.path())
                );
            }
            Ok(std::fs::read_to_string(&file).ok())
        })
        .await?;
        Ok(Self {
            up: serde_json::from_str(&up)?,
            supervisor,
            workers: Vec::new(),
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            home,
            engines,
            _shared: None,
        })
    }

    /// One more worker, as an operator adds one: the same configuration, other ports.
    pub fn add_worker(&mut self) -> anyhow::Result<()> {
        let name = format!("worker-{}", self.workers.len() + 2);
        let log = std::fs::File::create(self.home.path().join("logs").join(format!("{name}.log")))?;
        let engines = &self.engines;
        let worker = Command::new(program("worker")?)
            .env("BELLWETHER_CONFIG", self.home.path().join("config.toml"))
            .env("BELLWETHER_REDIS__PREFIX", &engines.redis_prefix)
            .env("BELLWETHER_AMQP__PREFIX", &engines.amqp_prefix)
            .env("BELLWETHER_LISTEN__WORKER_HTTP", "0")
            .env("BELLWETHER_LISTEN__WORKER_GRPC", "0")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.workers.push(worker);
        Ok(())
    }

    /// Runs an operator's command against it, to its end.
    pub fn command(&self, arguments: &[&str]) -> anyhow::Result<std::process::Output> {
        let engines = &self.engines;
        Ok(Command::new(program("bellwether")?)
            .args(arguments)
            .env("BELLWETHER_CONFIG", self.home.path().join("config.toml"))
            .env("BELLWETHER_REDIS__PREFIX", &engines.redis_prefix)
            .env("BELLWETHER_AMQP__PREFIX", &engines.amqp_prefix)
            .stdin(Stdio::null())
            .output()?)
    }

    /// Runs a statement as the database's owner, for what an operator would do by hand.
    pub async fn sql(&self, statement: &str) -> anyhow::Result<()> {
        let url = &self.engines.database_url;
        let mut owner = <PgConnection as Connection>::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut owner)
            .await?;
        Ok(owner.close().await?)
    }

    /// Every key of this installation in Redis, with what it holds if that is a text.
    pub async fn redis(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let client = redis::Client::open(self.engines.redis_url.as_str())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let keys: Vec<String> = redis::cmd("KEYS")
            .arg(format!("{}*", self.engines.redis_prefix))
            .query_async(&mut connection)
            .await?;
        let mut entries = Vec::new();
        for key in keys {
            let held: redis::RedisResult<Option<Vec<u8>>> = redis::cmd("GET")
                .arg(&key)
                .query_async(&mut connection)
                .await;
            // Lists and the like are no texts.
            entries.push((key, held.ok().flatten().unwrap_or_default()));
        }
        Ok(entries)
    }

    /// A value of `up.json`.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.up[key].as_str().unwrap_or_default()
    }

    /// The demo tenant's API.
    #[must_use]
    pub fn demo(&self) -> Api {
        Api::with_key(self.text("url"), self.text("api_key"))
    }

    /// The outside world.
    #[must_use]
    pub fn market(&self) -> Market {
        Market::new(self.text("market_sim_url"))
    }

    /// The process id of a service; it changes when the service is started again.
    pub fn pid(&self, service: &str) -> anyhow::Result<i32> {
        let text = std::fs::read_to_string(self.home.path().join(format!("{service}.pid")))?;
        text.trim().parse().context("not a process id")
    }

    /// Ends a service without a chance to put anything in order.
    pub fn kill(&self, service: &str) -> anyhow::Result<()> {
        Ok(kill(Pid::from_raw(self.pid(service)?), Signal::SIGKILL)?)
    }

    /// What a process has logged so far.
    pub fn log(&self, process: &str) -> anyhow::Result<String> {
        let path = self.home.path().join("logs").join(format!("{process}.log"));
        std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }

    /// The ends of all logs, for a failure's message.
    #[must_use]
    pub fn logs(&self) -> String {
        logs(self.home.path())
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            if let Ok(pid) = i32::try_from(worker.id()) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
            }
        }
        for worker in &mut self.workers {
            let _ = worker.wait();
        }
        let Ok(pid) = i32::try_from(self.supervisor.id()) else {
            return;
        };
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        let _ = self.supervisor.wait();
    }
}

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// A program of ours, built beside this test.
fn program(name: &str) -> anyhow::Result<PathBuf> {
    // target/debug/deps/<test> -> target/debug/<program>
    let test = std::env::current_exe()?;
    let found = test
        .ancestors()
        .nth(2)
        .context("an odd target folder")?
        .join(name);
    anyhow::ensure!(
        found.exists(),
        "{} is not built; run `cargo build --workspace --bins` first",
        found.display()
    );
    Ok(found)
}

fn logs(home: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(home.join("logs")) else {
        return String::new();
    };
    let mut text = String::new();
    for entry in entries.flatten() {
        let log = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let end: Vec<&str> = log.lines().rev().take(30).collect();
        text.push_str(&format!("--- {}\n", entry.path().display()));
        text.extend(end.into_iter().rev().flat_map(|line| [line, "\n"]));
    }
    text
}
