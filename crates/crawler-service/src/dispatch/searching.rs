//! Claiming of searches, each tenant by its share.

use std::collections::BTreeMap;

use anyhow::Context;
use bus::topology::Priority;
use chrono::{DateTime, Utc};
use connectors::Ownership;
use db::SystemTx;
use uuid::Uuid;

use super::Dispatcher;
use super::within_plans::Known;
use crate::rules::window::PerPriority;
use crate::rules::{fair, slots};
use crate::storage::claim::{Load, Task};
use crate::storage::monitors::Key;
use crate::storage::{discoveries, payers};

impl Dispatcher {
    /// Monitors that are due and have a slot, each a task of its own: the most urgent first, and within a priority the
    /// tenants in turn, however many one of them has.
    pub(super) async fn searches(
        &self,
        tx: &SystemTx,
        known: &Known,
        mut running: PerPriority,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Vec<Task>> {
        let mut tasks = Vec::new();
        for priority in Priority::ALL {
            let room = slots::room(priority, running);
            if room == 0 {
                continue;
            }
            let claimed = self.searches_of(tx, known, priority, room, now).await?;
            running.add(priority, u32::try_from(claimed.len()).unwrap_or(u32::MAX));
            tasks.extend(claimed);
        }
        Ok(tasks)
    }

    async fn searches_of(
        &self,
        tx: &SystemTx,
        known: &Known,
        priority: Priority,
        room: u32,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Vec<Task>> {
        let about = connectors::about(self.source).context("a source of ours")?;
        let weight = |plan: &str| self.settings.weight(plan);
        let (mut waiting, clock) =
            payers::searching(tx, self.source, priority, now, weight).await?;
        // Who may spend nothing more searches nothing that costs.
        let asking = waiting.iter().map(|tenant| tenant.id).collect();
        let spent_out = self.spent_out(tx, known, &asking, now).await?;
        waiting.retain(|tenant| !spent_out.contains(&tenant.id));
        fair::wake(&mut waiting, clock);
        let mut due = Vec::new();
        let mut times: BTreeMap<Uuid, i64> = BTreeMap::new();
        let mut left = room;
        // Who has less than its share has nothing more, and the others share what it leaves. A round of this claims at
        // least one search, or ends it.
        while left > 0 && !waiting.is_empty() {
            let shares = fair::shares(&waiting, left);
            let asked: Vec<(Uuid, u32)> = waiting
                .iter()
                .zip(&shares)
                .filter(|(_, share)| **share > 0)
                .map(|(tenant, share)| (tenant.id, *share))
                .collect();
            let known: Vec<Uuid> = due.iter().map(|one: &discoveries::Due| one.id).collect();
            let got = discoveries::due_of(tx, self.source, priority, now, &asked, known).await?;
            left = left.saturating_sub(u32::try_from(got.len()).unwrap_or(u32::MAX));
            let count = |tenant: Uuid| {
                let of = got.iter().filter(|one| one.tenant_id == tenant).count();
                u32::try_from(of).unwrap_or(u32::MAX)
            };
            for tenant in &mut waiting {
                let units = count(tenant.id);
                tenant.virtual_time = tenant.after(units);
                if units > 0 {
                    times.insert(tenant.id, tenant.virtual_time);
                }
            }
            let short = |tenant: Uuid| {
                asked
                    .iter()
                    .any(|(id, share)| *id == tenant && count(tenant) < *share)
            };
            let before = waiting.len();
            waiting.retain(|tenant| !short(tenant.id));
            let none = got.is_empty() && waiting.len() == before;
            due.extend(got);
            if none {
                break;
            }
        }
        if !times.is_empty() {
            // Whoever begins later stands beside those that still wait.
            let behind = waiting.iter().map(|tenant| tenant.virtual_time).min();
            let clock = behind.or(times.values().copied().max()).unwrap_or(clock);
            let times = times.into_iter().collect();
            payers::advance_searching(tx, self.source, times, clock).await?;
        }
        let task = |due: discoveries::Due| Task {
            id: Uuid::now_v7(),
            source: self.source,
            priority,
            owner: (about.ownership == Ownership::Tenant).then_some(due.tenant_id),
            traceparent: due.traceparent,
            load: Load::Monitor(Key {
                tenant_id: due.tenant_id,
                id: due.id,
            }),
        };
        Ok(due.into_iter().map(task).collect())
    }
}
