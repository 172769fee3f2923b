//! What core tells: trackings that began, changed or ended; and user-service: plans, and how tenants stand.

use bus::{Decision, Incoming};
use chrono::{DateTime, Utc};
use contracts::messages::v1::{Event, TrackingChanged, event::Payload};
use db::{Failure, SystemPool, SystemTx};
use domain::source::Source;
use prost::Message;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::asked;
use crate::rules::tracked::{self, Change, Target};
use crate::storage::trackings::{self, Listing, Tracking};
use crate::storage::{payers, quotas, standings};
use crate::wake::Wake;

/// The name of our queue of events.
pub(crate) const SERVICE: &str = "crawler";

/// Why an event was not applied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EventError {
    /// It can never be.
    #[error("{0}")]
    Unreadable(String),
    /// The database failed.
    #[error("apply a tracking event")]
    Database(#[from] DbErr),
}

/// Applies tracking events, in any order and any number of times.
#[derive(Clone)]
pub struct Trackings {
    pub(crate) pool: SystemPool,
    pub(crate) wake: Wake,
}

impl Trackings {
    /// Handles one message.
    pub async fn handle(&self, message: Incoming) -> Decision {
        // The trace of the request that made the event; the handler's own span is a child of it.
        let traceparent = message.traceparent();
        match self.apply(&message.body, traceparent, Utc::now()).await {
            Ok(()) => Decision::Done,
            Err(EventError::Unreadable(reason)) => Decision::Park(reason),
            Err(EventError::Database(error)) => match Failure::of(&error) {
                Failure::Away => {
                    tracing::warn!(%error, "tracking event not applied yet");
                    Decision::Later
                }
                // It would be refused for ever, and hold a slot as long.
                Failure::BadValue | Failure::Defect => {
                    Decision::Park(format!("the database refuses it: {error}"))
                }
            },
        }
    }

    /// Applies one event, unless the same or a newer version of its tracking is known.
    pub(crate) async fn apply(
        &self,
        body: &[u8],
        traceparent: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), EventError> {
        let tracking = match read(body, now)? {
            Told::Tracking(tracking) => tracking,
            Told::Plan {
                tenant_id,
                plan,
                version,
            } => {
                let tx = SystemTx::begin(&self.pool).await?;
                payers::learn_plan(&tx, tenant_id, &plan, version).await?;
                let released = quotas::release(&tx, tenant_id, now).await?;
                tx.commit().await?;
                if released > 0 {
                    self.wake.now();
                }
                return Ok(());
            }
            Told::Standing {
                tenant_id,
                stopped,
                version,
            } => {
                let tx = SystemTx::begin(&self.pool).await?;
                standings::learn(&tx, tenant_id, stopped, version).await?;
                return Ok(tx.commit().await?);
            }
        };
        let tx = SystemTx::begin(&self.pool).await?;
        let stopped = standings::hold(&tx, tracking.tenant_id).await?;
        let target = trackings::lock_target(&tx, &tracking.listing).await?;
        if !trackings::store(&tx, &tracking, stopped).await? {
            return Ok(());
        }
        payers::ensure(&tx, tracking.tenant_id, tracking.listing.source).await?;
        let came = tracking.live && !stopped;
        let due = settle(&tx, &target, came, traceparent, now).await?;
        tx.commit().await?;
        if due {
            self.wake.now();
        }
        Ok(())
    }
}

/// Gives a locked target what its live trackings now ask for together; says whether that made it due. If somebody `came`
/// who tracks it too, it need not wait for the plans of those that did before: the next claim finds who pays.
pub(crate) async fn settle(
    tx: &SystemTx,
    target: &Target,
    came: bool,
    traceparent: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    trackings::choose_payer(tx, target).await?;
    let wanted = trackings::wanted(tx, target.id).await?;
    trackings::choose_strategy(tx, target.id).await?;
    let change = tracked::change(target, wanted.as_ref().map(|wanted| &wanted.plan), now);
    trackings::write_target(tx, target, wanted.as_ref(), change, traceparent, now).await?;
    let waits_no_more = target.waits && came;
    if waits_no_more {
        quotas::let_go(tx, target.id, now).await?;
    }
    Ok(change == Change::First || waits_no_more)
}

/// What an event says that concerns us.
enum Told {
    Tracking(Box<Tracking>),
    Standing {
        tenant_id: Uuid,
        stopped: bool,
        version: i64,
    },
    Plan {
        tenant_id: Uuid,
        plan: String,
        version: i64,
    },
}

fn read(body: &[u8], now: DateTime<Utc>) -> Result<Told, EventError> {
    let unreadable = |reason: &str| EventError::Unreadable(reason.to_owned());
    let event = Event::decode(body).map_err(|_| unreadable("not an event"))?;
    let tenant_id = event
        .tenant_id
        .ok_or_else(|| unreadable("an event without tenant"))?;
    let uuid = |text: &str| {
        text.parse()
            .map_err(|_| unreadable("an id that is no UUID"))
    };
    let tenant_id: Uuid = uuid(&tenant_id)?;
    let state = match event.payload {
        Some(Payload::TrackingChanged(state)) => state,
        Some(Payload::TenantRegistered(tenant)) => {
            return Ok(Told::Plan {
                tenant_id,
                plan: tenant.plan,
                version: event.version,
            });
        }
        Some(Payload::TenantStanding(standing)) => {
            return Ok(Told::Standing {
                tenant_id,
                stopped: standing.stopped,
                version: event.version,
            });
        }
        _ => return Err(unreadable("not an event of trackings or tenants")),
    };
    let times = asked::times(&state, now).map_err(|bad| unreadable(&bad.to_string()))?;
    Ok(Told::Tracking(Box::new(Tracking {
        tenant_id,
        id: uuid(&state.tracking_id)?,
        version: event.version,
        live: state.live,
        interval_seconds: times.interval_seconds,
        cadence: times.cadence,
        strategy: state.strategy.clone().filter(|name| !name.is_empty()),
        listing: listing(state)?,
    })))
}

fn listing(state: TrackingChanged) -> Result<Listing, EventError> {
    let owner = state.owner_tenant_id.map(|id| id.parse()).transpose();
    let source: Option<Source> = state.source.parse().ok();
    Ok(Listing {
        id: state.listing_id,
        source: source
            .filter(|source| connectors::about(*source).is_some())
            .ok_or_else(|| EventError::Unreadable("a source that is none of ours".to_owned()))?,
        marketplace: state.marketplace,
        external_id: state.external_id,
        url: state.url,
        owner_tenant_id: owner
            .map_err(|_| EventError::Unreadable("an owner that is no UUID".to_owned()))?,
    })
}
