//! Adding events.

use contracts::messages::v1::{Event, event::Payload};
use prost::Message;
use sea_orm::DbErr;
use sea_orm::sqlx::{self, PgConnection};
use uuid::Uuid;

use super::Schema;
use crate::query_error;

/// An event to append. It carries the subject's state and version, so consumers keep the highest and order is harmless.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Whose event it is; `None` when it concerns no single tenant.
    pub tenant_id: Option<Uuid>,
    /// Such as `tracking.created`; the routing key is `<schema>.<kind>`.
    pub kind: &'static str,
    /// What it is about, such as a tracking id.
    pub subject: String,
    /// Grows with every change of the subject.
    pub version: i64,
    /// For other services; `None`: not published.
    pub message: Option<Payload>,
    /// For the tenant's event stream; `None`: not shown there.
    pub data: Option<serde_json::Value>,
}

/// Appends events in the caller's transaction (`&mut *tx.sqlx().await`), in one statement, and wakes the relay when it commits.
///
/// # Errors
/// When the statement fails.
pub async fn append(
    connection: &mut PgConnection,
    schema: Schema,
    events: Vec<NewEvent>,
) -> Result<(), DbErr> {
    if events.is_empty() {
        return Ok(());
    }
    let traceparent = telemetry::propagation::current_traceparent();
    let now = chrono::Utc::now().timestamp_micros();
    let mut columns = Columns::default();
    for event in events {
        let id = Uuid::now_v7();
        let message = event.message.map(|payload| {
            Event {
                id: id.to_string(),
                sequence: 0, // the relay's to give
                kind: event.kind.to_owned(),
                subject: event.subject.clone(),
                version: event.version,
                tenant_id: event.tenant_id.map(|tenant| tenant.to_string()),
                occurred_at_us: now,
                payload: Some(payload),
            }
            .encode_to_vec()
        });
        columns.ids.push(id);
        columns.tenants.push(event.tenant_id);
        columns.kinds.push(event.kind.to_owned());
        columns.subjects.push(event.subject);
        columns.versions.push(event.version);
        columns.messages.push(message);
        columns.data.push(event.data);
    }
    let name = schema.as_str();
    let insert = format!(
        "insert into {name}.outbox (id, tenant_id, kind, subject, version, message, data, traceparent)
         select *, $8::text from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::jsonb[])"
    );
    sqlx::query(sqlx::AssertSqlSafe(insert))
        .bind(columns.ids)
        .bind(columns.tenants)
        .bind(columns.kinds)
        .bind(columns.subjects)
        .bind(columns.versions)
        .bind(columns.messages)
        .bind(columns.data)
        .bind(traceparent)
        .execute(&mut *connection)
        .await
        .map_err(query_error)?;
    sqlx::query("select pg_notify($1, '')")
        .bind(schema.appended_channel())
        .execute(&mut *connection)
        .await
        .map_err(query_error)?;
    Ok(())
}

/// Events by column, as UNNEST wants them.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    tenants: Vec<Option<Uuid>>,
    kinds: Vec<String>,
    subjects: Vec<String>,
    versions: Vec<i64>,
    messages: Vec<Option<Vec<u8>>>,
    data: Vec<Option<serde_json::Value>>,
}
