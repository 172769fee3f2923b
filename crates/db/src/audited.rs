//! Lines of the audit log, on their way to user-service through the outbox of the schema where something was done.

use audit::{Entry, Recorder};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{AuditRecorded, Event};
use prost::Message;
use sea_orm::DbErr;
use sea_orm::sqlx::{self, PgConnection};
use uuid::Uuid;

use crate::outbox::{self, NewEvent, Schema};
use crate::{SystemPool, SystemTx, query_error};

/// The kind of the events; the routing key is `<schema>.audit.recorded`.
pub const KIND: &str = "audit.recorded";

/// Keeps lines that no transaction of a request kept, through a service's system login: a refused caller has no tenant
/// whose transaction could.
#[derive(Debug, Clone)]
pub struct Outbox {
    pool: SystemPool,
    schema: Schema,
}

impl Outbox {
    /// Through this schema's outbox.
    #[must_use]
    pub const fn new(pool: SystemPool, schema: Schema) -> Self {
        Self { pool, schema }
    }
}

#[async_trait::async_trait]
impl Recorder for Outbox {
    async fn record(&self, entries: Vec<Entry>) -> anyhow::Result<()> {
        let tx = SystemTx::begin(&self.pool).await?;
        append(&mut *tx.sqlx().await, self.schema, entries).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Appends lines in the caller's transaction, for what is done outside of any request.
///
/// # Errors
/// When the statement fails.
pub async fn append(
    connection: &mut PgConnection,
    schema: Schema,
    entries: Vec<Entry>,
) -> Result<(), DbErr> {
    let events = entries.into_iter().map(|entry| NewEvent {
        tenant_id: entry.tenant_id,
        kind: KIND,
        subject: entry.action.clone(),
        version: 1,
        message: Some(payload(entry)),
        data: None,
    });
    outbox::append(connection, schema, events.collect()).await
}

/// Appends a line if this transaction has changed anything so far, in one round trip; says whether it did.
pub(crate) async fn append_if_changed(
    connection: &mut PgConnection,
    schema: Schema,
    entry: Entry,
) -> Result<bool, DbErr> {
    let (id, tenant_id, action) = (Uuid::now_v7(), entry.tenant_id, entry.action.clone());
    let message = Event {
        id: id.to_string(),
        sequence: 0, // the relay's to give
        kind: KIND.to_owned(),
        subject: action.clone(),
        version: 1,
        tenant_id: tenant_id.map(|tenant| tenant.to_string()),
        occurred_at_us: chrono::Utc::now().timestamp_micros(),
        payload: Some(payload(entry)),
    };
    // Only what writes is given a number by Postgres, so a transaction without one has changed nothing.
    let insert = format!(
        "with added as (
             insert into {}.outbox (id, tenant_id, kind, subject, version, message, traceparent)
             select $1, $2, $3, $4, 1, $5, $6 where pg_current_xact_id_if_assigned() is not null
             returning id
         )
         select pg_notify($7, '') from added",
        schema.as_str()
    );
    let added = sqlx::query(sqlx::AssertSqlSafe(insert))
        .bind(id)
        .bind(tenant_id)
        .bind(KIND)
        .bind(action)
        .bind(message.encode_to_vec())
        .bind(telemetry::propagation::current_traceparent())
        .bind(schema.appended_channel())
        .fetch_optional(connection)
        .await
        .map_err(query_error)?;
    Ok(added.is_some())
}

fn payload(entry: Entry) -> Payload {
    let Entry {
        tenant_id: _, // the event's
        actor,
        action,
        subject,
        outcome,
        reason,
        address,
        user_agent,
        credential,
        trace_id,
        details,
    } = entry;
    let trace_id = match trace_id.is_empty() {
        true => telemetry::propagation::current_trace_id().unwrap_or_default(),
        false => trace_id,
    };
    Payload::AuditRecorded(AuditRecorded {
        actor_kind: actor.kind.as_str().to_owned(),
        actor_id: actor.id.map(|id| id.to_string()),
        action,
        subject_kind: subject.kind,
        subject_id: subject.id,
        outcome: outcome.as_str().to_owned(),
        status: outcome.status().map(u32::from),
        reason,
        address,
        user_agent,
        credential: credential.map(|id| id.to_string()),
        trace_id,
        details_json: serde_json::Value::Object(details).to_string(),
    })
}
