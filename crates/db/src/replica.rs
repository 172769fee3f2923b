//! A copy of the database that is read from while it is there and follows closely.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx;
use sea_orm::{Database, DbErr};
use tokio_util::sync::CancellationToken;

use crate::ApiPool;
use crate::pools::options;

/// How often it is looked after, and how long an answer may take.
const EVERY: Duration = Duration::from_secs(1);

/// What the first had written so long ago the replica must show. With the time to the next look it is never more than
/// six seconds behind, and as a rule less than five.
const BEHIND: Duration = Duration::from_secs(4);

/// How far the first has written, in bytes of its log.
const WRITTEN: &str = "select (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint";

/// Whether it is a standby, and how far it shows the log of the first. What it has received and not shown says nothing:
/// a standby that is cut off has shown all that it received.
const SHOWN: &str =
    "select pg_is_in_recovery(), (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint";

/// How far the first had written, when it was asked in the last seconds, oldest first.
type Written = VecDeque<(Instant, i64)>;

/// The `api` login at a replica; cheap to clone.
#[derive(Clone, Debug)]
pub struct Replica {
    pool: ApiPool,
    first: ApiPool,
    written: Arc<Mutex<Written>>,
    ready: Arc<AtomicBool>,
}

impl Replica {
    /// A replica of `first` that is used once [`Replica::watch`] found it ready; nothing waits for it.
    ///
    /// # Errors
    /// When the address is none.
    pub async fn open(url: &str, size: u32, first: ApiPool) -> Result<Self, DbErr> {
        let mut options = options(url, size);
        options
            .connect_lazy(true)
            .min_connections(0)
            .acquire_timeout(EVERY);
        Ok(Self {
            // It only reads: there is nothing to tell the audit log.
            pool: ApiPool(Database::connect(options).await?, None),
            first,
            written: Arc::default(),
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
        let (first, replica) = (
            self.first.0.get_postgres_connection_pool(),
            self.pool.0.get_postgres_connection_pool(),
        );
        // Taken before it is asked: what it says was so no earlier.
        let now = Instant::now();
        let written = sqlx::query_scalar(WRITTEN).fetch_one(first);
        let written: Option<i64> = within(written).await;
        let shown = sqlx::query_as(SHOWN).fetch_one(replica);
        let shown: Option<(bool, Option<i64>)> = within(shown).await;
        let follows = {
            let mut remembered = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            remember(&mut remembered, now, written);
            shown.is_some_and(|shown| follows(shown, &remembered))
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

async fn within<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Option<T> {
    tokio::time::timeout(EVERY, asked).await.ok()?.ok()
}

/// Adds what the first said now, and forgets what is too old to ask of a replica.
fn remember(written: &mut Written, now: Instant, said: Option<i64>) {
    written.extend(said.map(|position| (now, position)));
    while written
        .front()
        .is_some_and(|(at, _)| now.duration_since(*at) > BEHIND)
    {
        written.pop_front();
    }
}

/// Whether it shows what the first had written some seconds ago. A server that is no standby is as good as the first;
/// how far a standby follows nobody knows while the first cannot be asked.
fn follows((standby, shown): (bool, Option<i64>), written: &Written) -> bool {
    let due = written.front().map(|(_, position)| *position);
    !standby || shown.zip(due).is_some_and(|(shown, due)| shown >= due)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a standby that shows so much follows, after the first said these positions a second apart.
    fn follows_after(shown: i64, said: &[Option<i64>]) -> bool {
        let began = Instant::now();
        let mut written = Written::new();
        for (second, said) in (0..).zip(said) {
            remember(&mut written, began + Duration::from_secs(second), *said);
        }
        follows((true, Some(shown)), &written)
    }

    #[test]
    fn one_that_is_a_few_seconds_behind_follows() {
        assert!(follows_after(100, &[Some(100)]));
        let said = [100, 200, 300, 400, 500, 600].map(Some);
        assert!(follows_after(200, &said), "written four seconds ago");
        assert!(!follows_after(199, &said));
    }

    #[test]
    fn one_that_is_cut_off_follows_no_longer_though_it_shows_all_that_it_received() {
        assert!(follows_after(100, &[100, 100, 100, 100].map(Some)));
        assert!(follows_after(100, &[100, 100, 200, 200, 200].map(Some)));
        assert!(!follows_after(
            100,
            &[100, 100, 200, 200, 200, 200, 200].map(Some)
        ));
    }

    #[test]
    fn nobody_knows_while_the_first_cannot_be_asked_for_long() {
        let mut said = vec![Some(100), None, None, None, None];
        assert!(follows_after(100, &said));
        said.push(None);
        assert!(!follows_after(100, &said));
        assert!(!follows((true, None), &Written::new()));
    }

    #[test]
    fn a_server_that_is_no_standby_is_as_good_as_the_first() {
        assert!(follows((false, None), &Written::new()));
    }
}
