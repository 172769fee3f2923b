//! Lines that services tell of.

use bus::{Decision, Incoming};
use chrono::{DateTime, TimeZone, Utc};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{AuditRecorded, Event};
use db::{Failure, SystemPool, SystemTx};
use prost::Message;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::storage::audit_log::{self, NewLine};
use crate::storage::people;

/// The name of our queue of events.
pub(crate) const SERVICE: &str = "user";

/// Handles one message of our queue.
pub(crate) async fn handle(pool: SystemPool, message: Incoming) -> Decision {
    let line = match read(&message.body) {
        Ok(line) => line,
        Err(reason) => return Decision::Park(reason),
    };
    match keep(&pool, line).await {
        Ok(()) => Decision::Done,
        Err(error) => match Failure::of(&error) {
            Failure::Away => {
                tracing::warn!(%error, "a line of the audit log is not kept yet");
                Decision::Later
            }
            // It would be refused for ever, and hold a slot as long.
            Failure::BadValue | Failure::Defect => {
                Decision::Park(format!("the database refuses it: {error}"))
            }
        },
    }
}

async fn keep(pool: &SystemPool, mut line: NewLine) -> Result<(), DbErr> {
    let tx = SystemTx::begin(pool).await?;
    if let Some(person) = refused_person(&line) {
        // Somebody tried to be this person: whoever they work for should see it, and the operator too.
        let tenants = people::memberships(&tx, person).await?;
        line.tenants
            .extend(tenants.iter().map(|member| Some(member.tenant_id)));
    }
    audit_log::add(&mut *tx.sqlx().await, line).await?;
    tx.commit().await
}

/// As whom somebody was not let in.
fn refused_person(line: &NewLine) -> Option<Uuid> {
    let concerns = line.outcome == "refused"
        && line.tenants == [None]
        && line.subject_kind == crate::accounts::PERSON;
    concerns.then(|| line.subject_id.parse().ok()).flatten()
}

fn read(body: &[u8]) -> Result<NewLine, String> {
    let event = Event::decode(body).map_err(|_| "not an event".to_owned())?;
    let Some(Payload::AuditRecorded(recorded)) = event.payload else {
        return Err("not a line of the audit log".to_owned());
    };
    let AuditRecorded {
        actor_kind,
        actor_id,
        action,
        subject_kind,
        subject_id,
        outcome,
        status,
        reason,
        address,
        user_agent,
        credential,
        trace_id,
        details_json,
    } = recorded;
    Ok(NewLine {
        id: id("event", &event.id)?,
        at: at(event.occurred_at_us)?,
        tenants: vec![optional_id("tenant", event.tenant_id)?],
        actor_kind,
        actor_id: optional_id("actor", actor_id)?,
        action,
        subject_kind,
        subject_id,
        outcome,
        status: status
            .map(i16::try_from)
            .transpose()
            .map_err(|_| "a status out of range")?,
        reason,
        address,
        user_agent,
        credential_id: optional_id("credential", credential)?,
        trace_id,
        details: serde_json::from_str(&details_json).map_err(|_| "details that are no JSON")?,
    })
}

fn at(micros: i64) -> Result<DateTime<Utc>, String> {
    Utc.timestamp_micros(micros)
        .single()
        .ok_or_else(|| "an instant that does not exist".to_owned())
}

fn id(what: &str, text: &str) -> Result<Uuid, String> {
    text.parse()
        .map_err(|_| format!("the id of its {what} is no UUID"))
}

fn optional_id(what: &str, text: Option<String>) -> Result<Option<Uuid>, String> {
    text.map(|text| id(what, &text)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(payload: Option<Payload>) -> Vec<u8> {
        let event = Event {
            id: Uuid::nil().to_string(),
            payload,
            ..Event::default()
        };
        event.encode_to_vec()
    }

    #[test]
    fn what_cannot_be_read_is_parked_with_a_reason() {
        let reason = |body: &[u8]| read(body).expect_err("unreadable");
        assert_eq!(reason(b"\xff"), "not an event");
        assert_eq!(reason(&event(None)), "not a line of the audit log");
        let odd = AuditRecorded {
            actor_id: Some("somebody".into()),
            ..AuditRecorded::default()
        };
        let odd = event(Some(Payload::AuditRecorded(odd)));
        assert_eq!(reason(&odd), "the id of its actor is no UUID");
        let bare = event(Some(Payload::AuditRecorded(AuditRecorded::default())));
        assert_eq!(reason(&bare), "details that are no JSON");
    }

    #[test]
    fn only_a_refused_sign_in_is_told_to_the_tenants_of_a_person() {
        let person = Uuid::from_u128(7);
        let recorded = |outcome: &str, kind: &str| {
            let recorded = AuditRecorded {
                subject_kind: kind.to_owned(),
                subject_id: person.to_string(),
                outcome: outcome.to_owned(),
                details_json: "{}".to_owned(),
                ..AuditRecorded::default()
            };
            let line = read(&event(Some(Payload::AuditRecorded(recorded)))).expect("a line");
            refused_person(&line)
        };
        assert_eq!(recorded("refused", "user"), Some(person));
        assert_eq!(recorded("done", "user"), None);
        assert_eq!(recorded("refused", "tracking"), None);
    }
}
