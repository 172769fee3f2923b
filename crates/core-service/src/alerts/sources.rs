//! Telling tenants that a source they follow is in trouble, or answers again.

use bus::{Decision, Incoming};
use chrono::{DateTime, TimeZone, Utc};
use connectors::Ability;
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{Event, SourceChanged};
use db::outbox::{self, Schema};
use db::{Failure, SystemPool, SystemTx};
use domain::alert::Severity;
use domain::source::Source;
use prost::Message;
use sea_orm::DbErr;
use sea_orm::sqlx::{self, AssertSqlSafe};
use uuid::Uuid;

use super::view::{Alert, AlertRow, COLUMNS};
use crate::sql::fetch;

/// The name of our queue of events.
pub const SERVICE: &str = "core";
/// Longest reason kept, in characters.
const LONGEST_REASON: usize = 500;

/// A change of a source's state, read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    source: Source,
    /// The part of it; `None`: the whole.
    scope: Option<String>,
    open: bool,
    message: String,
    owner: Option<Uuid>,
    at: DateTime<Utc>,
}

/// Handles one message of our queue.
pub async fn handle(pool: SystemPool, message: Incoming) -> Decision {
    let change = match read(&message.body) {
        Ok(change) => change,
        Err(reason) => return Decision::Park(reason),
    };
    match tell(&pool, change).await {
        Ok(()) => Decision::Done,
        Err(error) => match Failure::of(&error) {
            Failure::Away => {
                tracing::warn!(%error, "a source's change is not told yet");
                Decision::Later
            }
            // It would be refused for ever, and hold a slot as long.
            Failure::BadValue | Failure::Defect => {
                Decision::Park(format!("the database refuses it: {error}"))
            }
        },
    }
}

fn read(body: &[u8]) -> Result<Change, String> {
    let event = Event::decode(body).map_err(|_| "not an event".to_owned())?;
    let Some(Payload::SourceChanged(changed)) = event.payload else {
        return Err("not a source's change".to_owned());
    };
    let SourceChanged {
        source,
        scope,
        open,
        reason,
        owner_tenant_id,
        probe_at_unix: _,
    } = changed;
    let source: Source = source
        .parse()
        .map_err(|error: domain::source::UnknownSource| error.to_string())?;
    let about = connectors::about(source).ok_or_else(|| format!("`{source}` is not a source"))?;
    let reason: String = reason
        .chars()
        .filter(|c| *c != '\0')
        .take(LONGEST_REASON)
        .collect();
    let part = if scope.is_empty() { about.name } else { &scope };
    let message = match (open, reason.is_empty()) {
        (true, false) => reason,
        (true, true) => format!("{part} refuses us; we leave it alone for a while"),
        (false, _) => format!("{part} answers again"),
    };
    Ok(Change {
        source,
        open,
        message,
        owner: owner_tenant_id
            .map(|id| {
                id.parse()
                    .map_err(|_| "an owner that is no UUID".to_owned())
            })
            .transpose()?,
        at: Utc
            .timestamp_micros(event.occurred_at_us)
            .single()
            .ok_or("an instant that does not exist")?,
        scope: Some(scope).filter(|scope| !scope.is_empty()),
    })
}

/// Raises one alert for each tenant that follows the source, and tells of those that are new.
async fn tell(pool: &SystemPool, change: Change) -> Result<(), DbErr> {
    let (kind, severity) = if change.open {
        ("source_trouble", Severity::Warning)
    } else {
        ("source_recovered", Severity::Info)
    };
    // Where any shop can be tracked, a part is a host: who tracks nothing there must not even learn of it.
    let any_shop = connectors::about(change.source)
        .is_some_and(|about| about.abilities.contains(&Ability::Candidates));
    let host = change.scope.clone().filter(|_| any_shop);
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    let sql = format!("{RAISE} returning {COLUMNS}");
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(change.source.as_str())
        .bind(&change.scope)
        .bind(change.owner)
        .bind(host)
        .bind(kind)
        .bind(severity.as_str())
        .bind(&change.message)
        .bind(change.at);
    let raised: Vec<AlertRow> = fetch(&mut connection, query).await?;
    metrics::counter!("alerts_raised_total").increment(raised.len() as u64);
    let told = raised
        .into_iter()
        .map(|row| {
            let tenant_id = row.tenant_id;
            Alert::of(row, None).raised(tenant_id)
        })
        .collect();
    outbox::append(&mut connection, Schema::Catalog, told).await?;
    drop(connection);
    tx.commit().await
}

const RAISE: &str = "
insert into catalog.alert (tenant_id, id, kind, severity, before, after, occurred_at, source, scope, message)
select f.tenant_id, gen_random_uuid(), $5, $6, 'null', 'null', $8, $1, $2, $7
from (
    select distinct t.tenant_id
    from catalog.tracking t
    join catalog.listing l on l.id = t.listing_id
    where l.source = $1 and t.deleted_at is null and t.status = 'active'
      and ($3::uuid is null or t.tenant_id = $3)
      and ($4::text is null or split_part(split_part(l.url, '://', 2), '/', 1) in ($4, 'www.' || $4, 'm.' || $4))
) f
on conflict (tenant_id, source, scope, kind, occurred_at) where kind in ('source_trouble', 'source_recovered')
do nothing";

#[cfg(test)]
mod tests {
    use super::*;

    fn event(changed: SourceChanged) -> Vec<u8> {
        let event = Event {
            occurred_at_us: 1_760_000_000_000_000,
            payload: Some(Payload::SourceChanged(changed)),
            ..Event::default()
        };
        event.encode_to_vec()
    }

    #[test]
    fn what_cannot_be_read_is_parked_with_a_reason() {
        assert!(read(b"\xff").is_err());
        let nobody = SourceChanged {
            source: "ebay".into(),
            ..SourceChanged::default()
        };
        assert_eq!(
            read(&event(nobody)).expect_err("no source"),
            "`ebay` is not a source"
        );
    }

    #[test]
    fn trouble_says_why_and_its_end_says_who() {
        let changed = |open, scope: &str| SourceChanged {
            source: "web".into(),
            scope: scope.into(),
            open,
            reason: if open {
                "three times 403".into()
            } else {
                String::new()
            },
            ..SourceChanged::default()
        };
        let trouble = read(&event(changed(true, "shop.example"))).expect("read");
        assert_eq!(trouble.message, "three times 403");
        assert_eq!(trouble.scope.as_deref(), Some("shop.example"));
        let end = read(&event(changed(false, "shop.example"))).expect("read");
        assert_eq!(end.message, "shop.example answers again");
        assert_eq!(
            read(&event(changed(false, ""))).expect("read").message,
            "Web answers again"
        );
    }
}
