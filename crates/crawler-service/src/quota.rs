//! What tenants' plans still allow: fetches by hand, and warnings.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::messages::v1::QuotaWarned;
use contracts::messages::v1::event::Payload;
use db::TenantTx;
use db::outbox::{NewEvent, Schema, append};
use domain::quota::{Told, warning};
use http_kit::ApiError;
use http_kit::auth::LookupError;
use http_kit::plans::{Plan, Plans};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::rules::quota::{CRAWLS, MICRO_A_CENT, SPEND, month, next_month, tomorrow};
use crate::storage::crawls::Crawl;
use crate::storage::quotas::{self, MonthUse};

/// Why something by hand was not begun.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuotaError {
    /// The plan does not allow it.
    #[error("more than the plan allows")]
    Exceeded(Exceeded),
    /// It is not known what the plan allows.
    #[error("ask for a tenant's plan")]
    Plans(#[source] Arc<LookupError>),
    /// The database failed.
    #[error("count what a tenant uses")]
    Database(#[from] DbErr),
}

/// More than a plan allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exceeded {
    limit: &'static str,
    used: u64,
    allowed: u64,
    plan: String,
    resets_at: DateTime<Utc>,
}

impl From<Exceeded> for ApiError {
    fn from(exceeded: Exceeded) -> Self {
        let Exceeded {
            limit,
            used,
            allowed,
            plan,
            resets_at,
        } = exceeded;
        Self::quota(limit, used, allowed, &plan, Some(resets_at))
    }
}

/// The plan of a tenant that has a credential; without one there is no such tenant any more.
pub(crate) async fn plan(plans: &Plans, tenant_id: Uuid) -> Result<Arc<Plan>, QuotaError> {
    let plan = plans.of(tenant_id).await.map_err(QuotaError::Plans)?;
    plan.ok_or_else(|| QuotaError::Plans(Arc::new(LookupError::new("no such tenant"))))
}

/// Admits a crawl that somebody asked for, as a whole or not at all: none that costs money when the month's is spent, and
/// none of more fetches than the day has left, for which the tenant is charged.
pub(crate) async fn admit(
    tx: &TenantTx,
    crawl: &Crawl,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<(), QuotaError> {
    if costs(&crawl.sources) {
        may_spend(tx, plan, now).await?;
    }
    charge(tx, crawl.id, plan, now).await
}

/// Whether one of these sources is paid for.
fn costs(sources: &[String]) -> bool {
    let paid = |about: &&connectors::About| about.abilities.contains(&connectors::Ability::Paid);
    let source = |name: &String| connectors::about(name.parse().ok()?);
    sources.iter().filter_map(source).any(|about| paid(&about))
}

/// Charges a tenant for what its crawl made due, all of it or nothing. Of what is locked this comes last.
async fn charge(
    tx: &TenantTx,
    crawl_id: Uuid,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<(), QuotaError> {
    let day = now.date_naive();
    let allowed = plan.crawls_per_day;
    let asked = quotas::charge_asked(tx, crawl_id, day, allowed).await?;
    if !asked.granted {
        return Err(QuotaError::Exceeded(Exceeded {
            limit: CRAWLS,
            used: asked.used.unsigned_abs(),
            allowed,
            plan: plan.code.clone(),
            resets_at: tomorrow(now),
        }));
    }
    let used = (asked.used + asked.wanted).unsigned_abs();
    if let Some(told) = warning(used, allowed, asked.told(day), day) {
        quotas::remember_day(tx, tx.tenant_id(), day, told).await?;
        let event = warned(tx.tenant_id(), CRAWLS, used, told, now);
        append(&mut *tx.sqlx().await, Schema::Crawl, vec![event]).await?;
    }
    Ok(())
}

/// Refuses what costs money when the month's is spent.
pub(crate) async fn may_spend(
    tx: &TenantTx,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<(), QuotaError> {
    let allowed = plan.source_spend_cents_per_month;
    let spent = quotas::spent_by(tx, month(now)).await?;
    if spent < micro(allowed) {
        return Ok(());
    }
    Err(QuotaError::Exceeded(Exceeded {
        limit: SPEND,
        used: spent / MICRO_A_CENT,
        allowed,
        plan: plan.code.clone(),
        resets_at: next_month(now),
    }))
}

/// Those of them that have spent all that their plans allow in the month; of whose plan nothing is known, none.
pub(crate) fn spent_out(spent: &[MonthUse], known: &HashMap<String, Arc<Plan>>) -> HashSet<Uuid> {
    let out = spent.iter().filter(|spent| {
        let plan = spent.plan.as_deref().and_then(|code| known.get(code));
        plan.is_some_and(|plan| {
            spent.micro_usd.unsigned_abs() >= micro(plan.source_spend_cents_per_month)
        })
    });
    out.map(|spent| spent.tenant_id).collect()
}

/// Cents in millionths of a dollar.
const fn micro(cents: u64) -> u64 {
    cents.saturating_mul(MICRO_A_CENT)
}

/// What is worth telling of a month's spend; `None`: nothing new.
pub(crate) fn spend_warning(
    micro_usd: i64,
    cents_allowed: u64,
    before: Told,
    month: NaiveDate,
) -> Option<Told> {
    warning(
        micro_usd.unsigned_abs() / MICRO_A_CENT,
        cents_allowed,
        before,
        month,
    )
}

/// The event, which core shows to the tenant.
pub(crate) fn warned(
    tenant_id: Uuid,
    name: &str,
    used: u64,
    told: Told,
    now: DateTime<Utc>,
) -> NewEvent {
    NewEvent {
        tenant_id: Some(tenant_id),
        kind: "quota.warning",
        subject: name.to_owned(),
        version: now.timestamp_micros(),
        message: Some(Payload::QuotaWarned(QuotaWarned {
            name: name.to_owned(),
            used,
            allowed: told.allowed,
            percent: told.percent.into(),
        })),
        data: None,
    }
}
