//! The engines of an installation: those that tests share, or its own, which may be killed.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use devstack::testing::TestEnv;
use devstack::{Engine, Options, Stack};

/// Where an installation's engines are.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Postgres, as owner of the database.
    pub database_url: String,
    /// Redis.
    pub redis_url: String,
    /// In front of every key.
    pub redis_prefix: String,
    /// RabbitMQ.
    pub amqp_url: String,
    /// In front of every exchange and queue.
    pub amqp_prefix: String,
}

impl From<&TestEnv> for Addresses {
    fn from(shared: &TestEnv) -> Self {
        Self {
            database_url: shared.database_url.clone(),
            redis_url: shared.redis_url.clone(),
            redis_prefix: shared.redis_prefix.clone(),
            amqp_url: shared.amqp_url.clone(),
            amqp_prefix: shared.amqp_prefix.clone(),
        }
    }
}

fn options(folder: &Path) -> Options {
    Options {
        // A broker takes seconds to start, and much longer on a busy machine.
        start_limit: Duration::from_secs(180),
        ..Options::private(folder)
    }
}

/// Engines of one test alone, which keep what they confirmed when they are killed; gone when dropped.
pub struct OwnEngines {
    /// One for each start, the newest last: each ends what it started.
    stacks: Vec<Stack>,
    folder: tempfile::TempDir,
}

impl OwnEngines {
    /// Starts all three.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let stack = Stack::start(options(folder.path())).await?;
        Ok(Self {
            stacks: vec![stack],
            folder,
        })
    }

    /// Where they are, also after a restart.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        let stack = &self.stacks[0];
        Addresses {
            database_url: stack.database_url.clone(),
            redis_url: stack.redis_url.clone(),
            redis_prefix: "own:".to_owned(),
            amqp_url: stack.amqp_url.clone(),
            amqp_prefix: "own.".to_owned(),
        }
    }

    /// `kill -9` of one engine.
    pub async fn crash(&self, engine: Engine) -> anyhow::Result<()> {
        let ran = devstack::crash(self.folder.path(), engine).await?;
        ensure!(ran, "{engine} did not run");
        Ok(())
    }

    /// Starts what does not run, where it was.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        let stack = Stack::start(options(self.folder.path())).await?;
        let was = self.addresses();
        self.stacks.push(stack);
        let last = &self.stacks[self.stacks.len() - 1];
        let is = [&last.database_url, &last.redis_url, &last.amqp_url];
        ensure!(
            is == [&was.database_url, &was.redis_url, &was.amqp_url],
            "an engine came back elsewhere"
        );
        Ok(())
    }

    /// Ends them and forgets what they stored.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        while let Some(stack) = self.stacks.pop() {
            stack.stop().await;
        }
        Ok(devstack::reset(self.folder.path()).await?)
    }
}
