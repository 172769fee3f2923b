//! Which of the claimed targets their tenants' plans admit.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use connectors::Ability;
use db::SystemTx;
use db::outbox::{Schema, append};
use domain::quota::warning;
use http_kit::plans::Plan;
use sea_orm::DbErr;
use uuid::Uuid;

use super::Dispatcher;
use crate::quota::{self, warned};
use crate::rules::group::Claimed;
use crate::rules::quota::{
    CRAWLS, Left, SPEND, Settled, Wanted, month, next_month, settle, tomorrow,
};
use crate::storage::payers;
use crate::storage::quotas::{self, DayUse};

/// Plans by code, as far as they are known.
pub(super) type Known = Arc<HashMap<String, Arc<Plan>>>;

impl Dispatcher {
    /// Whether asking this source costs money.
    fn is_paid(&self) -> bool {
        connectors::about(self.source).is_some_and(|about| about.abilities.contains(&Ability::Paid))
    }

    /// Charges those who pay for what was claimed, and leaves out what nobody's plan admits, which then waits. What was
    /// charged for already, and what nobody tracks, costs nothing. The last that a claim locks.
    pub(super) async fn within_plans(
        &self,
        tx: &SystemTx,
        known: &Known,
        mut claimed: Vec<(Priority, Vec<Claimed>)>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Priority, Vec<Claimed>)>, DbErr> {
        let mut wanted: Vec<Wanted> = claimed
            .iter()
            .flat_map(|(_, targets)| targets)
            .filter(|target| !target.charged && !target.payer.is_nil())
            .map(|target| Wanted {
                id: target.id,
                payer: target.payer,
                others: Vec::new(),
            })
            .collect();
        if wanted.is_empty() {
            return Ok(claimed);
        }
        let mut tenants: BTreeSet<Uuid> = wanted.iter().map(|target| target.payer).collect();
        let mut spent_out = self.spent_out(tx, known, &tenants, now).await?;
        let short: HashSet<Uuid> = out_of_crawls(tx, known, &wanted, &tenants, now)
            .await?
            .union(&spent_out)
            .copied()
            .collect();
        if !short.is_empty() {
            let ids = wanted.iter().filter(|target| short.contains(&target.payer));
            let mut askers = payers::askers(tx, ids.map(|target| target.id).collect()).await?;
            let mut others = BTreeSet::new();
            for target in &mut wanted {
                let all = askers.remove(&target.id).unwrap_or_default().into_iter();
                target.others = all
                    .map(|asker| asker.id)
                    .filter(|id| *id != target.payer)
                    .collect();
                others.extend(target.others.iter().filter(|id| !tenants.contains(id)));
            }
            spent_out.extend(self.spent_out(tx, known, &others, now).await?);
            tenants.extend(others);
        }
        let settled = settled(tx, known, &wanted, tenants, &spent_out, now).await?;
        let waiting: HashSet<i64> = settled
            .until_tomorrow
            .iter()
            .chain(&settled.until_next_month)
            .copied()
            .collect();
        if !waiting.is_empty() {
            metrics::counter!("crawl_targets_beyond_plan_total", "source" => self.source.to_string())
                .increment(waiting.len() as u64);
            for (_, targets) in &mut claimed {
                targets.retain(|target| !waiting.contains(&target.id));
            }
        }
        Ok(claimed)
    }

    /// Those that may spend nothing more this month. Nobody, where the source costs nothing.
    pub(super) async fn spent_out(
        &self,
        tx: &SystemTx,
        known: &Known,
        tenants: &BTreeSet<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<HashSet<Uuid>, DbErr> {
        if !self.is_paid() || tenants.is_empty() {
            return Ok(HashSet::new());
        }
        let tenants = tenants.iter().copied().collect();
        let spent = quotas::spent(tx, month(now), tenants).await?;
        Ok(quota::spent_out(&spent, known))
    }
}

/// Whose fetches of the day may not be enough, at a first look that holds nobody up.
async fn out_of_crawls(
    tx: &SystemTx,
    known: &Known,
    wanted: &[Wanted],
    tenants: &BTreeSet<Uuid>,
    now: DateTime<Utc>,
) -> Result<HashSet<Uuid>, DbErr> {
    let mut asked: HashMap<Uuid, u64> = HashMap::new();
    for target in wanted {
        *asked.entry(target.payer).or_default() += 1;
    }
    let used = quotas::look(tx, now.date_naive(), tenants.iter().copied().collect()).await?;
    let short = used.into_iter().filter(|used| {
        let wants = asked.get(&used.tenant_id).copied().unwrap_or(0);
        plan(known, used.plan.as_deref())
            .is_some_and(|plan| used.crawls.unsigned_abs() + wants > plan.crawls_per_day)
    });
    Ok(short.map(|used| used.tenant_id).collect())
}

/// Holds the tenants, settles who pays for what, and writes it.
async fn settled(
    tx: &SystemTx,
    known: &Known,
    wanted: &[Wanted],
    tenants: BTreeSet<Uuid>,
    spent_out: &HashSet<Uuid>,
    now: DateTime<Utc>,
) -> Result<Settled, DbErr> {
    let day = now.date_naive();
    let held = quotas::hold(tx, day, tenants.into_iter().collect()).await?;
    let left: BTreeMap<Uuid, Left> = held
        .iter()
        .filter_map(|used| {
            let plan = plan(known, used.plan.as_deref())?;
            let left = Left {
                crawls: plan
                    .crawls_per_day
                    .saturating_sub(used.crawls.unsigned_abs()),
                spend: !spent_out.contains(&used.tenant_id),
            };
            Some((used.tenant_id, left))
        })
        .collect();
    let settled = settle(wanted, left);
    if !settled.charges.is_empty() {
        quotas::charge(tx, day, &settled.charges).await?;
    }
    if !settled.moved.is_empty() {
        quotas::repay(tx, &settled.moved).await?;
    }
    put_off(tx, &settled, now).await?;
    warn(tx, known, &held, &settled.charges, now).await?;
    Ok(settled)
}

/// Lets wait what nobody's plan admits, and says until when.
async fn put_off(tx: &SystemTx, settled: &Settled, now: DateTime<Utc>) -> Result<(), DbErr> {
    let waits = [
        (
            &settled.until_tomorrow,
            tomorrow(now),
            CRAWLS,
            "number of crawls a day",
        ),
        (
            &settled.until_next_month,
            next_month(now),
            SPEND,
            "spend on paid sources a month",
        ),
    ];
    for (ids, until, name, what) in waits {
        if !ids.is_empty() {
            let at = until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let reason = format!("waits until {at}: the plan's {what} is used up");
            quotas::put_off(tx, ids.clone(), until, name, &reason).await?;
        }
    }
    Ok(())
}

/// Tells those whose fetches of the day come near their plans' number, or reach it.
async fn warn(
    tx: &SystemTx,
    known: &Known,
    held: &[DayUse],
    charges: &BTreeMap<Uuid, u64>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let day = now.date_naive();
    let mut events = Vec::new();
    for used in held {
        let charged = charges.get(&used.tenant_id).copied().unwrap_or(0);
        let Some(plan) = plan(known, used.plan.as_deref()).filter(|_| charged > 0) else {
            continue;
        };
        let total = used.crawls.unsigned_abs() + charged;
        if let Some(told) = warning(total, plan.crawls_per_day, used.told(day), day) {
            quotas::remember_day(tx, used.tenant_id, day, told).await?;
            events.push(warned(used.tenant_id, CRAWLS, total, told, now));
        }
    }
    append(&mut *tx.sqlx().await, Schema::Crawl, events).await
}

fn plan<'a>(known: &'a Known, code: Option<&str>) -> Option<&'a Arc<Plan>> {
    known.get(code?)
}
