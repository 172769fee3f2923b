//! What crawler tells: how sources and targets fare, which crawls are over, and what of a plan is nearly used up.

use bus::{Decision, Incoming};
use chrono::{DateTime, TimeZone, Utc};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{CrawlFinished, Event, QuotaWarned};
use db::outbox::{self, NewEvent, Schema};
use db::{Failure, SystemPool, SystemTx};
use domain::quota::Told;
use prost::Message;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::alerts::{sources, targets};
use crate::quota;

/// The name of our queue of events.
pub const SERVICE: &str = "core";

/// Something crawler told, read.
#[derive(Debug)]
enum Heard {
    Source(sources::Change),
    Target(targets::Change),
    Crawl(Uuid, CrawlFinished),
    Quota(Uuid, QuotaWarned, DateTime<Utc>),
}

/// Handles one message of our queue.
pub async fn handle(pool: SystemPool, message: Incoming) -> Decision {
    let heard = match read(&message.body) {
        Ok(Some(heard)) => heard,
        Ok(None) => return Decision::Done,
        Err(reason) => return Decision::Park(reason),
    };
    let told = match heard {
        Heard::Source(change) => sources::tell(&pool, change).await,
        Heard::Target(change) => targets::tell(&pool, change).await,
        Heard::Crawl(tenant_id, crawl) => pass_on(&pool, finished(tenant_id, crawl)).await,
        Heard::Quota(tenant_id, warned, at) => {
            pass_on(&pool, warning(tenant_id, &warned, at)).await
        }
    };
    match told {
        Ok(()) => Decision::Done,
        Err(error) => match Failure::of(&error) {
            Failure::Away => {
                tracing::warn!(%error, "what crawler told is not passed on yet");
                Decision::Later
            }
            // It would be refused for ever, and hold a slot as long.
            Failure::BadValue | Failure::Defect => {
                Decision::Park(format!("the database refuses it: {error}"))
            }
        },
    }
}

/// Nothing: it concerns nobody.
fn read(body: &[u8]) -> Result<Option<Heard>, String> {
    let event = Event::decode(body).map_err(|_| "not an event".to_owned())?;
    let at = at(event.occurred_at_us)?;
    Ok(Some(match event.payload {
        Some(Payload::SourceChanged(changed)) => match sources::read(changed, at)? {
            Some(change) => Heard::Source(change),
            None => return Ok(None),
        },
        Some(Payload::TargetChanged(changed)) => Heard::Target(targets::read(changed, at)),
        Some(Payload::CrawlFinished(crawl)) => {
            let tenant_id = event.tenant_id.ok_or("a crawl without tenant")?;
            Heard::Crawl(tenant(&tenant_id)?, crawl)
        }
        Some(Payload::QuotaWarned(warned)) => {
            let tenant_id = event.tenant_id.ok_or("a quota without tenant")?;
            Heard::Quota(tenant(&tenant_id)?, warned, at)
        }
        _ => {
            return Err(
                "neither a source's nor a target's change, nor a crawl's end, nor a warning"
                    .to_owned(),
            );
        }
    }))
}

fn tenant(text: &str) -> Result<Uuid, String> {
    let tenant_id = text.parse();
    tenant_id.map_err(|_| "a tenant that is no UUID".to_owned())
}

fn at(micros: i64) -> Result<DateTime<Utc>, String> {
    Utc.timestamp_micros(micros)
        .single()
        .ok_or_else(|| "an instant that does not exist".to_owned())
}

/// That most of a quota is used.
fn warning(tenant_id: Uuid, warned: &QuotaWarned, at: DateTime<Utc>) -> NewEvent {
    let told = Told {
        percent: u8::try_from(warned.percent).unwrap_or(u8::MAX),
        allowed: warned.allowed,
        period: None,
    };
    quota::warning(tenant_id, &warned.name, warned.used, told, at)
}

/// That a crawl is over. Told twice it is on the stream twice, with the same id.
fn finished(tenant_id: Uuid, crawl: CrawlFinished) -> NewEvent {
    let CrawlFinished {
        crawl_id,
        trigger,
        status,
        total,
        succeeded,
        failed,
        cancelled,
    } = crawl;
    NewEvent {
        tenant_id: Some(tenant_id),
        kind: "crawl.finished",
        subject: crawl_id.clone(),
        version: 1,
        message: None,
        data: Some(serde_json::json!({
            "crawl_id": crawl_id,
            "trigger": trigger,
            "status": status,
            "total": total,
            "succeeded": succeeded,
            "failed": failed,
            "cancelled": cancelled,
        })),
    }
}

/// Shows an event on its tenant's stream.
async fn pass_on(pool: &SystemPool, event: NewEvent) -> Result<(), DbErr> {
    let tx = SystemTx::begin(pool).await?;
    outbox::append(&mut *tx.sqlx().await, Schema::Catalog, vec![event]).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_parked_with_a_reason() {
        assert!(read(b"\xff").is_err());
        let nothing = Event::default().encode_to_vec();
        assert!(read(&nothing).expect_err("nothing").contains("neither"));
        let nobodys = Event {
            payload: Some(Payload::CrawlFinished(CrawlFinished::default())),
            ..Event::default()
        };
        assert_eq!(
            read(&nobodys.encode_to_vec()).expect_err("nobody's"),
            "a crawl without tenant"
        );
        let nobodys = Event {
            payload: Some(Payload::QuotaWarned(QuotaWarned::default())),
            ..Event::default()
        };
        assert_eq!(
            read(&nobodys.encode_to_vec()).expect_err("nobody's"),
            "a quota without tenant"
        );
        let never = Event {
            occurred_at_us: i64::MAX,
            ..Event::default()
        };
        assert!(
            read(&never.encode_to_vec())
                .expect_err("never")
                .contains("instant")
        );
    }
}
