//! Hearing what became untrue of credentials.

use std::time::Duration;

use db::SystemPool;
use futures::stream::{self, BoxStream, StreamExt};
use http_kit::auth::Change;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{self, PgPool};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::signing_keys::SigningKeys;

/// Where the database tells it.
const CHANNEL: &str = "identity_credentials";
/// After so long a silence the connection is tried, for as long.
const SILENCE: Duration = Duration::from_secs(2);
/// When to listen again after a failure.
const AGAIN: Duration = Duration::from_millis(500);
/// Changes that a slow reader may be behind; then it is told that it missed some.
const BEHIND: usize = 4_096;

/// What becomes untrue of credentials, for any number of readers; cheap to clone.
#[derive(Debug, Clone)]
pub struct Feed {
    changes: broadcast::Sender<Change>,
    hearing: watch::Sender<bool>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            changes: broadcast::channel(BEHIND).0,
            hearing: watch::channel(false).0,
        }
    }
}

impl Feed {
    /// Hears until `stop`.
    ///
    /// # Errors
    /// Never; the type is that of a supervised task.
    pub async fn run(
        self,
        pool: SystemPool,
        keys: SigningKeys,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        while !stop.is_cancelled() {
            let heard = tokio::select! {
                () = stop.cancelled() => Ok(()),
                heard = self.hear(pool.sqlx(), &keys) => heard,
            };
            self.hearing.send_replace(false);
            if let Err(error) = heard {
                tracing::warn!(%error, "changes of credentials are not heard; they are noticed within seconds");
                let _ = tokio::time::timeout(AGAIN, stop.cancelled()).await;
            }
        }
        Ok(())
    }

    async fn hear(&self, pool: &PgPool, keys: &SigningKeys) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(pool).await?;
        // Connected again by itself it would not say what it missed.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        keys.forget().await;
        self.hearing.send_replace(true);
        loop {
            match tokio::time::timeout(SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(message))) => {
                    let change = read(message.payload());
                    if matches!(change, Change::SigningKeys | Change::Everything) {
                        keys.forget().await;
                    }
                    // Nobody may be listening.
                    let _ = self.changes.send(change);
                }
                Ok(Ok(None)) => {
                    return Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()));
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    let alive = sqlx::raw_sql("select 1").execute(&mut listener);
                    match tokio::time::timeout(SILENCE, alive).await {
                        Ok(alive) => alive?,
                        Err(_) => return Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
                    };
                }
            }
        }
    }

    /// What becomes untrue from now on; ends when something may be missed. `None` while nothing is heard.
    #[must_use]
    pub fn follow(&self) -> Option<BoxStream<'static, Change>> {
        let changes = self.changes.subscribe();
        let hearing = self.hearing.subscribe();
        // Looked at after subscribing: what comes between is heard.
        if !*hearing.borrow() {
            return None;
        }
        let changes = stream::unfold((changes, hearing), async |(mut changes, mut hearing)| {
            let deaf = async {
                let _ = hearing.wait_for(|hearing| !hearing).await;
            };
            tokio::select! {
                biased;
                change = changes.recv() => match change {
                    Ok(change) => Some((change, (changes, hearing))),
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        Some((Change::Everything, (changes, hearing)))
                    }
                    Err(broadcast::error::RecvError::Closed) => None,
                },
                () = deaf => None,
            }
        });
        Some(changes.boxed())
    }
}

/// A notification as the triggers write it. What cannot be read may mean anything.
fn read(text: &str) -> Change {
    let mut words = text.split(' ');
    let kind = words.next().unwrap_or_default();
    let mut id = || words.next()?.parse::<Uuid>().ok();
    let change = match kind {
        "session" => id().map(Change::Session),
        "member" => id()
            .zip(id())
            .map(|(tenant_id, user_id)| Change::Member { tenant_id, user_id }),
        "key" => id().map(Change::ApiKey),
        "tenant" => id().map(Change::Tenant),
        "signing" => Some(Change::SigningKeys),
        _ => None,
    };
    change.unwrap_or(Change::Everything)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notifications_are_read_as_triggers_write_them() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let member = Change::Member {
            tenant_id: one,
            user_id: two,
        };
        for (text, change) in [
            (format!("session {one}"), Change::Session(one)),
            (format!("member {one} {two}"), member),
            (format!("key {two}"), Change::ApiKey(two)),
            (format!("tenant {one}"), Change::Tenant(one)),
            ("signing".to_owned(), Change::SigningKeys),
            ("session x".to_owned(), Change::Everything),
            (format!("member {one}"), Change::Everything),
            ("of a newer release".to_owned(), Change::Everything),
            (String::new(), Change::Everything),
        ] {
            assert_eq!(read(&text), change, "{text}");
        }
    }
}
