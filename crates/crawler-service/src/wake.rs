//! Telling dispatchers that something is due, without making them look all the time.

use std::time::Duration;

use db::SystemPool;
use sea_orm::sqlx::postgres::PgListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The database's channel for it; `crawl.hasten` notifies it too.
const CHANNEL: &str = "crawl_due";
/// The statement that wakes the dispatchers of other processes when its transaction commits.
pub(crate) const NOTIFY: &str = "select pg_notify('crawl_due', '')";
/// Wait after a lost connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Wakes this process's dispatchers; cheap to clone. A wake is a hint, never the only reason to look.
#[derive(Debug, Clone)]
pub struct Wake(watch::Sender<()>);

impl Wake {
    /// Nobody is woken yet.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Something became due, or room for it.
    pub fn now(&self) {
        self.0.send_replace(());
    }

    /// One dispatcher's side: a wake that comes while it works is kept.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }

    /// Passes on what other processes notify, until `stop`.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub async fn listen(self, pool: SystemPool, stop: CancellationToken) -> anyhow::Result<()> {
        while !stop.is_cancelled() {
            let heard = stop.run_until_cancelled(self.forward(&pool)).await;
            if let Some(Err(error)) = heard {
                tracing::warn!(%error, "not listening for due targets; dispatching by interval");
                stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
            }
        }
        Ok(())
    }

    async fn forward(&self, pool: &SystemPool) -> sea_orm::sqlx::Result<()> {
        let mut listener = PgListener::connect_with(pool.sqlx()).await?;
        listener.listen(CHANNEL).await?;
        loop {
            listener.recv().await?;
            self.now();
        }
    }
}

impl Default for Wake {
    fn default() -> Self {
        Self::new()
    }
}
