//! A copy of the database that is read from while it is there and follows closely.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::sqlx;
use sea_orm::{Database, DbErr};
use tokio_util::sync::CancellationToken;

use crate::ApiPool;
use crate::pools::options;

/// How often it is looked after, and how long an answer may take.
const EVERY: Duration = Duration::from_secs(1);

/// Whether it has all that it knows of, or what it shows is at most five seconds old. A server that is no standby is as
/// good as the first.
const FOLLOWS: &str = "select not pg_is_in_recovery()
    or pg_last_wal_receive_lsn() is not distinct from pg_last_wal_replay_lsn()
    or coalesce(now() - pg_last_xact_replay_timestamp() < interval '5 seconds', false)";

/// The `api` login at a replica; cheap to clone.
#[derive(Clone, Debug)]
pub struct Replica {
    pool: ApiPool,
    ready: Arc<AtomicBool>,
}

impl Replica {
    /// A replica that is used once [`Replica::watch`] found it ready; nothing waits for it.
    ///
    /// # Errors
    /// When the address is none.
    pub async fn open(url: &str, size: u32) -> Result<Self, DbErr> {
        let mut options = options(url, size);
        options
            .connect_lazy(true)
            .min_connections(0)
            .acquire_timeout(EVERY);
        Ok(Self {
            // It only reads: there is nothing to tell the audit log.
            pool: ApiPool(Database::connect(options).await?, None),
            ready: Arc::default(),
        })
    }

    /// Its connections, when it is ready.
    #[must_use]
    pub fn ready(&self) -> Option<&ApiPool> {
        self.ready.load(Ordering::Acquire).then_some(&self.pool)
    }

    /// It failed somebody: not to be used until it was found ready again.
    pub fn failed(&self) {
        self.ready.store(false, Ordering::Release);
    }

    /// Looks after it until `stop`.
    ///
    /// # Errors
    /// Never; the type is that of a supervised task.
    pub async fn watch(self, stop: CancellationToken) -> anyhow::Result<()> {
        while !stop.is_cancelled() {
            self.look().await;
            let _ = tokio::time::timeout(EVERY, stop.cancelled()).await;
        }
        Ok(())
    }

    /// Finds out whether it is ready.
    pub async fn look(&self) {
        let follows = sqlx::query_scalar(FOLLOWS);
        let asked = follows.fetch_one(self.pool.0.get_postgres_connection_pool());
        let follows = match tokio::time::timeout(EVERY, asked).await {
            Ok(Ok(follows)) => follows,
            Ok(Err(_)) | Err(_) => false,
        };
        if self.ready.swap(follows, Ordering::AcqRel) != follows {
            if follows {
                tracing::info!("the replica is read from");
            } else {
                tracing::warn!("the replica is away or behind; everything is read from the first");
            }
        }
    }
}
