//! Telling dispatchers that something is due, without making them look all the time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use db::SystemPool;
use domain::source::Source;
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
pub struct Wake {
    sources: Arc<BTreeMap<Source, watch::Sender<()>>>,
    others: watch::Sender<()>,
}

impl Wake {
    /// Nobody is woken yet.
    #[must_use]
    pub fn new() -> Self {
        let sources = connectors::sources().map(|source| (source, watch::Sender::new(())));
        Self {
            sources: Arc::new(sources.collect()),
            others: watch::Sender::new(()),
        }
    }

    /// Something became due, or room for it: of any source.
    pub fn now(&self) {
        for dispatcher in self.sources.values() {
            dispatcher.send_replace(());
        }
        self.others.send_replace(());
    }

    /// There is room for more of one source.
    pub fn room(&self, source: Source) {
        if let Some(dispatcher) = self.sources.get(&source) {
            dispatcher.send_replace(());
        }
    }

    /// The side of a source's dispatcher: a wake that comes while it works is kept.
    #[must_use]
    pub fn of(&self, source: Source) -> watch::Receiver<()> {
        let dispatcher = self.sources.get(&source).unwrap_or(&self.others);
        dispatcher.subscribe()
    }

    /// The side of whoever works for all sources.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<()> {
        self.others.subscribe()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_of_one_source_wakes_nobody_else() {
        let wake = Wake::new();
        let amazon = Source::named("amazon");
        let (here, elsewhere, all) = (
            wake.of(amazon),
            wake.of(Source::named("popmart")),
            wake.subscribe(),
        );
        let woken = || [&here, &elsewhere, &all].map(|one| one.has_changed().expect("open"));
        assert_eq!(woken(), [false; 3]);
        wake.room(amazon);
        assert_eq!(woken(), [true, false, false]);
        wake.now();
        assert_eq!(woken(), [true; 3]);
    }
}
