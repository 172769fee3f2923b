//! Publishing appended events, one relay a schema at a time.

use std::time::Duration;

use bus::{Outgoing, Publisher, Topology};
use contracts::messages::v1::Event;
use prost::{DecodeError, Message};
use sea_orm::sqlx::{self, Row};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Schema, log};
use crate::{SystemPool, SystemTx};

/// Rows a round: enough to fill a publish with confirms, small enough to keep the transaction short.
const BATCH: i64 = 500;
/// How long the relay waits for a notification before it looks by itself.
const IDLE: Duration = Duration::from_millis(500);
/// Wait after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// How often partitions are made ahead and old ones dropped.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// How soon again when somebody held the table: there is a week of days ahead.
const HOUSEKEEPING_AGAIN: Duration = Duration::from_secs(60);
/// Days an event can be read back.
const KEPT_DAYS: i32 = 3;

/// The one publisher of a schema's outbox. Several may run; an advisory lock lets one work.
pub struct Relay {
    schema: Schema,
    pool: SystemPool,
    publisher: Publisher,
    topology: Topology,
}

/// An unsent row.
#[derive(FromQueryResult)]
struct Unsent {
    created_at: chrono::DateTime<chrono::Utc>,
    id: Uuid,
    kind: String,
    message: Option<Vec<u8>>,
    traceparent: Option<String>,
}

impl Relay {
    /// A relay; it works once [`Relay::run`] is.
    #[must_use]
    pub const fn new(
        schema: Schema,
        pool: SystemPool,
        publisher: Publisher,
        topology: Topology,
    ) -> Self {
        Self {
            schema,
            pool,
            publisher,
            topology,
        }
    }

    /// Publishes until `stop`. Failures are logged and tried again: rows wait in the table meanwhile.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        while !stop.is_cancelled() {
            if let Err(error) = self.lead(&stop).await {
                tracing::warn!(
                    outbox = self.schema.as_str(),
                    error = format!("{error:#}"),
                    "relay interrupted; goes on"
                );
            }
            let _ = tokio::time::timeout(PAUSE, stop.cancelled()).await;
        }
        Ok(())
    }

    /// Takes the lock and publishes while it is held; returns when another relay leads.
    async fn lead(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        // A connection of its own: the lock lives as long as it does, and ends with a dying process.
        let mut lock = self.pool.sqlx().acquire().await?.detach();
        let leads: bool = sqlx::query("select pg_try_advisory_lock(hashtext($1))")
            .bind(format!("relay {}", self.schema.as_str()))
            .fetch_one(&mut lock)
            .await?
            .try_get(0)?;
        if !leads {
            return Ok(());
        }
        let mut appended = log::subscribe(&self.pool, &self.schema.appended_channel()).await?;
        let mut housekeeping = tokio::time::interval(HOUSEKEEPING);
        while !stop.is_cancelled() {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                _ = housekeeping.tick() => {
                    // Days exist ahead: events need not wait for it.
                    if let Err(error) = self.keep_house().await {
                        housekeeping.reset_after(HOUSEKEEPING_AGAIN);
                        tracing::warn!(outbox = self.schema.as_str(), error = format!("{error:#}"), "days of the outbox not kept");
                    }
                }
                // A wake is a hint only; the table says what there is to do.
                _ = tokio::time::timeout(IDLE, appended.recv()) => {}
            }
            while self.publish_batch().await? == BATCH {}
            // Proves that the lock's session still lives.
            sqlx::query("select 1").execute(&mut lock).await?;
        }
        Ok(())
    }

    /// Publishes the oldest unsent rows and gives them their sequence; says how many there were.
    async fn publish_batch(&self) -> anyhow::Result<i64> {
        let name = self.schema.as_str();
        let tx = SystemTx::begin(&self.pool).await?;
        let rows = Unsent::find_by_statement(Statement::from_sql_and_values(
            DbBackend::Postgres,
            format!(
                "select created_at, id, kind, message, traceparent from {name}.outbox
                 where sequence is null order by created_at, id limit $1 for update"
            ),
            [BATCH.into()],
        ))
        .all(&tx)
        .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let count = i64::try_from(rows.len())?;
        let sequences = self.next_sequences(&tx, count).await?;
        let mut outgoing = Vec::new();
        let mut published_as = Vec::new();
        for (index, (row, sequence)) in rows.iter().zip(&sequences).enumerate() {
            let Some(message) = &row.message else {
                continue;
            };
            match self.outgoing(row, message, *sequence) {
                Ok(message) => {
                    outgoing.push(message);
                    published_as.push(index);
                }
                // It gets its sequence all the same: tried again it would hold up all that follow, for ever.
                Err(error) => {
                    tracing::error!(outbox = name, id = %row.id, %error, "event is unreadable and was not published");
                    metrics::counter!("outbox_unreadable_total", "outbox" => name).increment(1);
                }
            }
        }
        let mut confirmed = vec![true; rows.len()];
        for (index, result) in published_as
            .iter()
            .zip(self.publisher.publish_confirmed(outgoing).await)
        {
            if let Err(error) = result {
                tracing::warn!(outbox = name, %error, "event not confirmed; stays in the outbox");
                confirmed[*index] = false;
            }
        }
        let sent: Vec<(&Unsent, i64)> = rows
            .iter()
            .zip(sequences)
            .zip(&confirmed)
            .filter(|(_, confirmed)| **confirmed)
            .map(|(pair, _)| pair)
            .collect();
        self.mark(&tx, &sent).await?;
        tx.commit().await?;
        metrics::counter!("outbox_published_total", "outbox" => name).increment(sent.len() as u64);
        anyhow::ensure!(
            sent.len() == rows.len(),
            "{} events not confirmed",
            rows.len() - sent.len()
        );
        Ok(count)
    }

    async fn next_sequences(&self, tx: &SystemTx, count: i64) -> anyhow::Result<Vec<i64>> {
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            format!(
                "select nextval('{}.outbox_sequence') as sequence from generate_series(1, $1)",
                self.schema.as_str()
            ),
            [count.into()],
        );
        let rows = tx.query_all_raw(statement).await?;
        rows.iter()
            .map(|row| Ok(row.try_get("", "sequence")?))
            .collect()
    }

    fn outgoing(
        &self,
        row: &Unsent,
        message: &[u8],
        sequence: i64,
    ) -> Result<Outgoing, DecodeError> {
        let mut event = Event::decode(message)?;
        event.sequence = sequence;
        let key = format!("{}.{}", self.schema.as_str(), row.kind);
        let outgoing =
            Outgoing::event(&self.topology, key, event.encode_to_vec()).with_id(row.id.to_string());
        Ok(match &row.traceparent {
            Some(traceparent) => outgoing.with_header("traceparent", traceparent),
            None => outgoing,
        })
    }

    /// Gives the published rows, the oldest first, their sequence, and tells of them.
    async fn mark(&self, tx: &SystemTx, sent: &[(&Unsent, i64)]) -> anyhow::Result<()> {
        let (Some((first, _)), Some((last, _))) = (sent.first(), sent.last()) else {
            return Ok(());
        };
        let name = self.schema.as_str();
        let created: Vec<_> = sent.iter().map(|(row, _)| row.created_at).collect();
        let ids: Vec<_> = sent.iter().map(|(row, _)| row.id).collect();
        let sequences: Vec<_> = sent.iter().map(|(_, sequence)| *sequence).collect();
        tx.execute_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            format!(
                "update {name}.outbox o set sequence = s.sequence
                 from unnest($1::timestamptz[], $2::uuid[], $3::bigint[]) as s (created_at, id, sequence)
                 -- Its days alone, and of them its moments: what was published before is not read again.
                 where o.created_at between $4 and $5 and o.created_at = s.created_at and o.id = s.id"
            ),
            [
                created.into(),
                ids.into(),
                sequences.into(),
                first.created_at.into(),
                last.created_at.into(),
            ],
        ))
        .await?;
        tx.execute_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            "select pg_notify($1, '')",
            [self.schema.published_channel().into()],
        ))
        .await?;
        Ok(())
    }

    /// Makes days ahead, then drops old ones. Each waits for a lock only so long: whoever waits for one stands in the
    /// way of all who come after, and a dump may hold the table for hours.
    async fn keep_house(&self) -> anyhow::Result<()> {
        let name = self.schema.as_str();
        let ensure = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "select bw.ensure_outbox_days($1, current_date, current_date + 7)",
            [name.into()],
        );
        let ensured = self.patiently(ensure).await;
        let drop = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "select bw.drop_outbox_days($1, current_date - $2)",
            [name.into(), KEPT_DAYS.into()],
        );
        let dropped = self.patiently(drop).await;
        ensured.and(dropped)
    }

    async fn patiently(&self, statement: Statement) -> anyhow::Result<()> {
        let tx = SystemTx::begin(&self.pool).await?;
        tx.execute_unprepared("set local lock_timeout = '1s'")
            .await?;
        tx.execute_raw(statement).await?;
        tx.commit().await?;
        Ok(())
    }
}
