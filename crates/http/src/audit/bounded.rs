//! What anybody can bring about, on its way to the audit log: whoever is refused, or known to nobody, may ask again as often
//! as they like, so what is kept of it is bounded, by place and altogether.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ::audit::{Entry, Outcome, Recorder};
use moka::future::Cache;
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::ClientAddress;

/// Lines that wait at most.
const WAITING: usize = 1_000;
/// Lines of one statement at most.
const BATCH: usize = 200;
/// Lines of one place and kind in a minute: enough to see what somebody tries, and nothing to fill a disk with.
const PER_PLACE: u32 = 60;
/// The operation by which somebody signs in.
const SIGN_IN: &str = "login";
/// Places that are counted at once.
const PLACES: u64 = 20_000;

/// What is counted by itself, so that no noise hides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    SignIn,
    Done,
    Refused,
}

impl Kind {
    fn of(entry: &Entry) -> Self {
        match entry.outcome {
            _ if entry.action == SIGN_IN => Self::SignIn,
            Outcome::Done => Self::Done,
            Outcome::Refused(_) => Self::Refused,
        }
    }
}

/// Where it is told.
pub(super) struct Bounded {
    waiting: Sender<Entry>,
    told: Cache<(String, Kind), Arc<AtomicU32>>,
}

impl Bounded {
    /// Gives them to `recorder`.
    pub(super) fn new(recorder: Arc<dyn Recorder>) -> Self {
        let (waiting, arriving) = mpsc::channel(WAITING);
        tokio::spawn(keep(recorder, arriving));
        let told = Cache::builder()
            .max_capacity(PLACES)
            .time_to_live(Duration::from_secs(60))
            .build();
        Self { waiting, told }
    }

    /// Tells of one, unless its place has been told of too often in this minute or too many wait.
    pub(super) async fn tell(&self, entry: Entry) {
        let place = match entry.address.parse() {
            Ok(address) => ClientAddress(address).place().to_string(),
            Err(_) => entry.address.clone(),
        };
        let lines = (place, Kind::of(&entry));
        let count = self.told.get_with(lines, async { Arc::default() }).await;
        let of_place = count.fetch_add(1, Ordering::Relaxed);
        if of_place >= PER_PLACE || self.waiting.try_send(entry).is_err() {
            metrics::counter!("audit_left_out_total").increment(1);
        }
    }
}

/// Keeps what arrives, as much at once as there is. Ends when nobody can tell any more.
async fn keep(recorder: Arc<dyn Recorder>, mut arriving: Receiver<Entry>) {
    let mut batch = Vec::new();
    while arriving.recv_many(&mut batch, BATCH).await > 0 {
        let lines = batch.len() as u64;
        if let Err(cause) = recorder.record(std::mem::take(&mut batch)).await {
            metrics::counter!("audit_left_out_total").increment(lines);
            tracing::warn!(
                error = format!("{cause:#}"),
                lines,
                "lines are not in the audit log"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use ::audit::{Actor, Subject};

    use super::*;

    #[derive(Default)]
    struct Kept(Mutex<Vec<Entry>>, tokio::sync::Notify);

    #[async_trait::async_trait]
    impl Recorder for Kept {
        async fn record(&self, entries: Vec<Entry>) -> anyhow::Result<()> {
            self.0.lock().expect("not poisoned").extend(entries);
            self.1.notify_one();
            Ok(())
        }
    }

    fn refused(address: &str, action: &'static str) -> Entry {
        Entry {
            address: address.to_owned(),
            outcome: Outcome::Refused(403),
            ..Entry::by(Actor::ANONYMOUS, action, None, Subject::default())
        }
    }

    #[tokio::test]
    async fn a_place_that_never_stops_is_told_of_so_often_and_others_still_are() {
        let kept = Arc::new(Kept::default());
        let recorder: Arc<dyn Recorder> = kept.clone();
        let bounded = Bounded::new(recorder);
        for _ in 0..PER_PLACE * 3 {
            bounded
                .tell(refused("203.0.113.9", "create_tracking"))
                .await;
        }
        bounded.tell(refused("203.0.113.9", SIGN_IN)).await;
        let mut done = refused("203.0.113.9", "forgot_password");
        done.outcome = Outcome::Done;
        bounded.tell(done).await;
        bounded
            .tell(refused("198.51.100.1", "create_tracking"))
            .await;
        let all = || kept.0.lock().expect("not poisoned").clone();
        let enough = async {
            while all().len() < PER_PLACE as usize + 3 {
                kept.1.notified().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), enough)
            .await
            .expect("told");
        let of = |address: &str| all().iter().filter(|line| line.address == address).count();
        assert_eq!(
            of("203.0.113.9"),
            PER_PLACE as usize + 2,
            "with its sign-in and what it did"
        );
        assert_eq!(of("198.51.100.1"), 1);
    }
}
