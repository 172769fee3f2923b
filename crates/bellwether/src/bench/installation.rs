//! Engines and a database of a benchmark's own.

use anyhow::Context;
use config::Config;
use devstack::{Options, Stack};

/// Private engines, a migrated database, and the configuration of services on them. Gone when dropped.
pub struct Installation {
    /// What services are wired with.
    pub config: Config,
    stack: Stack,
    folder: tempfile::TempDir,
}

impl Installation {
    /// Starts the engines, without the cost of surviving a crash of the machine: both sides of a ratio save it alike.
    pub async fn start() -> anyhow::Result<Self> {
        println!("starting private engines");
        let folder = tempfile::tempdir()?;
        let stack = Stack::start(Options::private(folder.path()).throwaway()).await?;
        // With the environment's settings, so that another one can be tried; the addresses are its own.
        let mut config = Config::read(None, std::env::vars())?;
        config.database.url = stack.database_url.as_str().into();
        config.database.role_secret = secrets::random_token(24).into();
        config.redis.url = stack.redis_url.as_str().into();
        config.amqp.url = stack.amqp_url.as_str().into();
        config.secrets.master_key = crate::dev::Secrets::master_key().into();
        let internal = &mut config.internal;
        for token in [
            &mut internal.user_token,
            &mut internal.core_token,
            &mut internal.crawler_token,
            &mut internal.worker_token,
            &mut internal.operator_token,
        ] {
            *token = secrets::random_token(24).into();
        }
        migrations::prepare(&crate::migrate::admin(&config))
            .await
            .context("prepare the database")?;
        Ok(Self {
            config,
            stack,
            folder,
        })
    }

    /// Ends the engines and forgets their data.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stack.stop().await;
        self.folder.close().context("remove the benchmark's data")
    }
}
