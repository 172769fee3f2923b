//! Hearing what changed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use db::SystemPool;
use sea_orm::DbErr;
use sea_orm::sqlx::postgres::{PgListener, PgNotification};
use sea_orm::sqlx::{self, PgConnection, PgPool};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Answers;
use crate::sql::execute;

/// Where the database tells it, and where processes say that they have heard.
const CHANGED: &str = "catalog_changed";
const HEARD: &str = "catalog_heard";
/// Listings were deleted: names of listings that were looked up may lead nowhere.
const GONE: &str = "gone";
/// By this name the listening connections of all processes are counted.
const NAME: &str = "bellwether answers";
/// After so long a silence the connection is tried, for as long.
const SILENCE: Duration = Duration::from_secs(2);
/// When to listen again after a failure.
const AGAIN: Duration = Duration::from_millis(500);
/// So long a change waits for all processes to have heard of it. Who takes longer has lost its connection, and finds
/// out by itself.
const PATIENCE: Duration = Duration::from_secs(1);
/// What is heard in one go is forgotten in one go.
const MOST: usize = 10_000;

/// Those who wait until everybody has heard.
#[derive(Debug, Default)]
pub struct Roll {
    heard: Mutex<HashMap<Uuid, usize>>,
    more: Notify,
}

impl Roll {
    fn heard(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears what changes until `stop`. Whenever that was cut off, what is kept is worthless.
///
/// # Errors
/// Never; the type is that of a supervised task.
pub async fn run(
    answers: Answers,
    pool: SystemPool,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    while !stop.is_cancelled() {
        let heard = tokio::select! {
            () = stop.cancelled() => Ok(()),
            heard = follow(&answers, pool.sqlx()) => heard,
        };
        answers.cache.trust(false);
        if let Err(error) = heard {
            tracing::warn!(%error, "changes are not heard; every answer is read anew");
            let _ = tokio::time::timeout(AGAIN, stop.cancelled()).await;
        }
    }
    Ok(())
}

async fn follow(answers: &Answers, pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // Connected again by itself it would not say what it missed.
    listener.eager_reconnect(false);
    let name = format!("set application_name = '{NAME}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(name))
        .execute(&mut listener)
        .await?;
    listener.listen_all([CHANGED, HEARD]).await?;
    // What was said while nobody listened.
    answers.names.forget_all();
    answers.cache.flush().await;
    answers.cache.trust(true);
    loop {
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(first))) => hear(answers, pool, &mut listener, first).await?,
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

/// What one or more messages said.
#[derive(Debug, Default)]
struct Said {
    listings: Vec<i64>,
    everything: bool,
    tenants: Vec<Uuid>,
    hails: Vec<Uuid>,
    heard: Vec<Uuid>,
    gone: bool,
}

impl Said {
    /// Takes a message along. What cannot be read may mean anything.
    fn take(&mut self, message: &PgNotification) {
        let text = message.payload();
        let id = |text: &str| text.parse::<Uuid>().ok();
        if message.channel() == HEARD {
            self.heard.extend(id(text));
        } else if let Some(hail) = text.strip_prefix("hail ") {
            self.hails.extend(id(hail));
        } else if text == GONE {
            self.gone = true;
        } else if let Some(tenant) = text.strip_prefix("tenant ") {
            self.tenants.extend(id(tenant));
        } else {
            let ids: Result<Vec<i64>, _> = text.split(',').map(str::parse).collect();
            match ids {
                Ok(ids) => self.listings.extend(ids),
                Err(_) => self.everything = true,
            }
        }
    }
}

async fn hear(
    answers: &Answers,
    pool: &PgPool,
    listener: &mut PgListener,
    first: PgNotification,
) -> Result<(), sqlx::Error> {
    let mut said = Said::default();
    said.take(&first);
    // What has come already.
    while said.listings.len() < MOST {
        match listener.next_buffered() {
            Some(next) => said.take(&next),
            None => break,
        }
    }
    // Before it is forgotten: who reads anew then reads where it was written.
    answers.recent.note_tenants(&said.tenants);
    if said.gone {
        answers.names.forget_all();
    }
    if said.everything {
        answers.recent.note_all_listings();
        answers.cache.flush().await;
    } else if !said.listings.is_empty() {
        said.listings.sort_unstable();
        said.listings.dedup();
        answers.recent.note_listings(&said.listings);
        answers.cache.forget(&said.listings).await;
    }
    // Only now: who hailed wants all that was said before to be heeded.
    for hail in said.hails {
        tell(pool, HEARD, &hail.to_string()).await?;
    }
    for hail in said.heard {
        if let Some(count) = answers.roll.heard().get_mut(&hail) {
            *count += 1;
        }
        answers.roll.more.notify_waiters();
    }
    Ok(())
}

async fn tell(pool: &PgPool, channel: &str, text: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_notify($1, $2)")
        .bind(channel)
        .bind(text)
        .execute(pool)
        .await?;
    Ok(())
}

/// Tells all processes, when the transaction commits, that listings were deleted.
///
/// # Errors
/// When the statement fails.
pub async fn tell_gone(connection: &mut PgConnection) -> Result<(), DbErr> {
    let notify = sqlx::query("select pg_notify($1, $2)").bind(CHANGED);
    execute(connection, notify.bind(GONE)).await?;
    Ok(())
}

impl Answers {
    /// Waits until every process has heard of what was committed before, so that none of them answers as if it had not
    /// been. For changes of which somebody may complain: what a tenant no longer watches is gone everywhere.
    pub async fn settle(&self, pool: &SystemPool) {
        let hail = Uuid::now_v7();
        self.roll.heard().insert(hail, 0);
        let settled = tokio::time::timeout(PATIENCE, self.all_heard(pool.sqlx(), hail)).await;
        self.roll.heard().remove(&hail);
        match settled {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "nobody knows whether all processes have heard")
            }
            Err(_) => tracing::warn!("not every process has heard of a change in time"),
        }
    }

    async fn all_heard(&self, pool: &PgPool, hail: Uuid) -> Result<(), sqlx::Error> {
        let began = Instant::now();
        let listening = "select count(*) from pg_stat_activity
                         where application_name = $1 and datname = current_database()";
        let listening: i64 = sqlx::query_scalar(listening)
            .bind(NAME)
            .fetch_one(pool)
            .await?;
        if !self.cache.is_trusted() {
            // Without ears of its own this process cannot count; it keeps nothing either, and the others hear soon.
            return Ok(());
        }
        tell(pool, CHANGED, &format!("hail {hail}")).await?;
        loop {
            let more = self.roll.more.notified();
            let heard = self.roll.heard().get(&hail).copied().unwrap_or_default();
            if i64::try_from(heard).unwrap_or(i64::MAX) >= listening {
                metrics::histogram!("cache_settle_seconds").record(began.elapsed().as_secs_f64());
                return Ok(());
            }
            more.await;
        }
    }
}
