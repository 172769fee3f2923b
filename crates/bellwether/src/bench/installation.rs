//! Engines and a database of a benchmark's own.

use anyhow::Context;
use config::Config;
use devstack::{Options, Stack};
use sea_orm::sqlx::{self, Connection, PgConnection};

/// More than a benchmark uses of anything that is limited, whatever its tenants' plans are called.
const PLENTY: u32 = 2_000_000_000;

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
        // Limits are in the way of every request, as ever, and out of the way of what is measured.
        config.limits.address_per_minute = PLENTY;
        config.limits.anonymous_per_minute = PLENTY;
        config.limits.sign_in_per_minute = PLENTY;
        migrations::prepare(&crate::migrate::admin(&config))
            .await
            .context("prepare the database")?;
        let mut owner = PgConnection::connect(config.database.url.expose()).await?;
        sqlx::query(
            "update identity.plan
             set requests_per_minute = $1, tracked_products = $1, crawls_per_day = $1, source_spend_cents_per_month = $1",
        )
        .bind(i32::try_from(PLENTY)?)
        .execute(&mut owner)
        .await
        .context("make room in the plans")?;
        owner.close().await?;
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
