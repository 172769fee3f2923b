//! Telling workers of mails that are due.

use std::time::{Duration, Instant};

use bus::{Bus, Outgoing, Publisher};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::messages::v1::MailTask;
use db::{SystemPool, SystemTx};
use prost::Message;
use tokio_util::sync::CancellationToken;

use super::{Mailer, forgotten};
use crate::storage::mails::{self, Due};

/// Between two looks for mails that are due.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks for mails that nobody needs any more, and two warnings about mails that wait.
const UPKEEP: Duration = Duration::from_secs(60);
/// Mails of one look.
const BATCH: i64 = 50;
/// How long a task may wait for a worker before it is told again.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// When a mail is tried again of which the broker would not hear.
const REFUSED: TimeDelta = TimeDelta::seconds(10);

/// Publishes a task for each mail that is due. Several may run; locked rows are skipped.
#[derive(Debug)]
pub struct Dispatcher {
    pool: SystemPool,
    bus: Bus,
    publisher: Publisher,
    mailer: Mailer,
    reset: TimeDelta,
    configured: bool,
}

impl Dispatcher {
    /// `reset` is the life of a link that sets a new password; `configured` whether there is a mail server.
    #[must_use]
    pub fn new(
        pool: SystemPool,
        bus: Bus,
        mailer: Mailer,
        reset: TimeDelta,
        configured: bool,
    ) -> Self {
        Self {
            pool,
            publisher: bus.publisher(),
            bus,
            mailer,
            reset,
            configured,
        }
    }

    /// Goes on until `stop`. Failures are logged and tried again: mails wait in their table meanwhile.
    ///
    /// # Errors
    /// Never; the type is that of a supervised task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut kept_up: Option<Instant> = None;
        while !stop.is_cancelled() {
            if kept_up.is_none_or(|last| last.elapsed() >= UPKEEP) {
                kept_up = Some(Instant::now());
                if let Err(error) = self.upkeep(Utc::now()).await {
                    tracing::warn!(error = format!("{error:#}"), "mails are not looked after");
                }
            }
            // Without a broker a claim would only be given back.
            let told = match self.configured && self.bus.is_connected() {
                true => self.pass(Utc::now()).await,
                false => Ok(0),
            };
            let more = told.unwrap_or_else(|error| {
                tracing::warn!(error = format!("{error:#}"), "mails wait; goes on");
                0
            });
            if i64::try_from(more).unwrap_or(BATCH) < BATCH {
                stop.run_until_cancelled(tokio::time::sleep(LOOK)).await;
            }
        }
        Ok(())
    }

    /// Tells of one batch; how many were due.
    async fn pass(&self, now: DateTime<Utc>) -> anyhow::Result<usize> {
        let tx = SystemTx::begin(&self.pool).await?;
        let due = mails::claim(&tx, now, now + LEASE, BATCH).await?;
        let mut ready = Vec::with_capacity(due.len());
        for mail in &due {
            if mail.written || forgotten::write(&tx, &self.mailer, mail, self.reset, now).await? {
                ready.push(mail);
            }
        }
        tx.commit().await?;
        let tasks = ready.iter().map(|mail| self.task(mail)).collect();
        let results = self.publisher.publish_confirmed(tasks).await;
        let refused: Vec<_> = (ready.iter().zip(results))
            .filter_map(|(mail, result)| result.err().map(|error| (mail, error)))
            .collect();
        if !refused.is_empty() {
            let tx = SystemTx::begin(&self.pool).await?;
            for (mail, error) in refused {
                tracing::warn!(mail.id = %mail.id, %error, "no worker could be told of a mail");
                mails::give_back(&tx, mail.id, mail.attempts, now + REFUSED).await?;
            }
            tx.commit().await?;
        }
        Ok(due.len())
    }

    fn task(&self, mail: &Due) -> Outgoing {
        let task = MailTask {
            mail_id: mail.id.to_string(),
            attempt: mail.attempts.unsigned_abs(),
        };
        Outgoing::mail_task(self.bus.topology(), task.encode_to_vec())
            .with_id(format!("{}.{}", mail.id, mail.attempts))
    }

    async fn upkeep(&self, now: DateTime<Utc>) -> anyhow::Result<()> {
        let tx = SystemTx::begin(&self.pool).await?;
        let late = mails::give_up_late(&tx, now).await?;
        let waiting = mails::waiting(&tx).await?;
        tx.commit().await?;
        if late > 0 {
            tracing::warn!(mails = late, "mails were not sent in time and are given up");
        }
        metrics::gauge!("mails_waiting").set(waiting as f64);
        if waiting > 0 && !self.configured {
            tracing::warn!(
                waiting,
                "mails wait: set mail.smtp_url and mail.from, or nobody gets invitations and new passwords"
            );
        }
        Ok(())
    }
}
