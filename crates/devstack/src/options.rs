//! What the caller wants of the stack.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One of the three engines that Bellwether stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The database.
    Postgres,
    /// Cache, rate limits and politeness counters.
    Redis,
    /// The message broker.
    Rabbitmq,
}

impl Engine {
    /// All engines, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Redis, Self::Rabbitmq];

    /// The environment variable that names a running engine to use instead of a private one.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "DATABASE_URL",
            Self::Redis => "REDIS_URL",
            Self::Rabbitmq => "AMQP_URL",
        }
    }

    /// The engine's name as people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
            Self::Rabbitmq => "RabbitMQ",
        }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How long private engines live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the [`Stack`](crate::Stack) is stopped or dropped, or its process dies in any way.
    Foreground,
    /// Until [`stop`](crate::stop) is called for the data directory, by whichever process.
    Detached,
}

/// What is happening to one engine while the stack starts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// A `*_URL` variable names a running one; nothing is started.
    Given,
    /// A private one of an earlier start is still running and is used.
    Reused,
    /// Its data directory is being made.
    Preparing,
    /// Its process runs; it does not answer yet.
    Starting,
    /// It answers.
    Ready {
        /// Time since the start of the stack.
        after: Duration,
    },
}

/// Receives every [`Stage`] of every engine, from any thread.
pub type Progress = Arc<dyn Fn(Engine, Stage) + Send + Sync>;

/// How to start a [`Stack`](crate::Stack).
#[derive(Clone)]
pub struct Options {
    /// Where private engines keep data, logs and the state file.
    pub data_dir: PathBuf,
    /// A running Postgres to use instead of a private one.
    pub database_url: Option<String>,
    /// A running Redis to use instead of a private one.
    pub redis_url: Option<String>,
    /// A running RabbitMQ to use instead of a private one.
    pub amqp_url: Option<String>,
    /// Whether data must survive a crash of the machine. Tests say no and get faster engines.
    pub durable: bool,
    /// How long the engines live.
    pub lifetime: Lifetime,
    /// How long each engine may take from process start to first answer.
    pub start_limit: Duration,
    /// Receives every stage.
    pub progress: Progress,
}

impl Options {
    /// Durable engines in the foreground, with `DATABASE_URL`, `REDIS_URL` and `AMQP_URL` from the
    /// environment where they are set and not empty.
    #[must_use]
    pub fn from_env(data_dir: impl Into<PathBuf>) -> Self {
        let given = |engine: Engine| {
            std::env::var(engine.variable())
                .ok()
                .filter(|url| !url.is_empty())
        };
        Self {
            database_url: given(Engine::Postgres),
            redis_url: given(Engine::Redis),
            amqp_url: given(Engine::Rabbitmq),
            ..Self::private(data_dir)
        }
    }

    /// As [`from_env`](Self::from_env), but all three engines are private whatever the environment says.
    #[must_use]
    pub fn private(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            database_url: None,
            redis_url: None,
            amqp_url: None,
            durable: true,
            lifetime: Lifetime::Foreground,
            start_limit: Duration::from_secs(60),
            progress: Arc::new(|_, _| {}),
        }
    }

    /// Leaves the engines running when this process ends.
    #[must_use]
    pub fn detached(mut self) -> Self {
        self.lifetime = Lifetime::Detached;
        self
    }

    /// Trades safety against a crash of the machine for speed: for tests and benchmarks.
    #[must_use]
    pub fn throwaway(mut self) -> Self {
        self.durable = false;
        self
    }

    /// Reports every stage to `progress`.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(Engine, Stage) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    pub(crate) fn given(&self, engine: Engine) -> Option<&str> {
        match engine {
            Engine::Postgres => self.database_url.as_deref(),
            Engine::Redis => self.redis_url.as_deref(),
            Engine::Rabbitmq => self.amqp_url.as_deref(),
        }
    }
}
