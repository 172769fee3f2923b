//! Claiming of one priority, each payer by its share.

use std::collections::HashMap;

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use db::SystemTx;
use sea_orm::DbErr;
use uuid::Uuid;

use super::Dispatcher;
use crate::rules::fair;
use crate::rules::group::Claimed;
use crate::storage::{claim, payers};

/// Rounds of handing out what others left: somebody's share may be more than it has due.
const ROUNDS: usize = 4;

impl Dispatcher {
    /// Locks up to `room` due targets. Where there is room for all that is due nobody has to share; otherwise each payer
    /// gets its share, and its virtual time advances.
    pub(super) async fn fairly(
        &self,
        tx: &SystemTx,
        priority: Priority,
        now: DateTime<Utc>,
        room: u32,
    ) -> Result<Vec<Claimed>, DbErr> {
        let due = claim::waiting(tx, self.source, priority, now, room.saturating_add(1)).await?;
        if due == 0 {
            return Ok(Vec::new());
        }
        if due <= room {
            return claim::due(tx, self.source, priority, now, room).await;
        }
        let weight = |plan: &str| self.settings.weight(plan);
        let (mut waiting, clock) = payers::waiting(tx, self.source, priority, now, weight).await?;
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        fair::wake(&mut waiting, clock);
        let mut claimed: Vec<Claimed> = Vec::new();
        let mut times: HashMap<Uuid, i64> = HashMap::new();
        let mut left = room;
        for _ in 0..ROUNDS {
            let shares = fair::shares(&waiting, left);
            let asked: Vec<(Uuid, u32)> = waiting
                .iter()
                .zip(&shares)
                .filter(|(_, share)| **share > 0)
                .map(|(payer, share)| (payer.id, *share))
                .collect();
            let known: Vec<i64> = claimed.iter().map(|target| target.id).collect();
            let due = claim::due_of(tx, self.source, priority, now, &asked, &known).await?;
            let mut got: HashMap<Uuid, u32> = HashMap::new();
            for target in &due {
                *got.entry(target.payer).or_default() += 1;
            }
            left = left.saturating_sub(u32::try_from(due.len()).unwrap_or(u32::MAX));
            claimed.extend(due);
            let mut share_of: HashMap<Uuid, u32> = asked.into_iter().collect();
            for payer in &mut waiting {
                let units = got.get(&payer.id).copied().unwrap_or(0);
                payer.virtual_time = payer.after(units);
                if units > 0 {
                    times.insert(payer.id, payer.virtual_time);
                }
            }
            // Who had less than its share has nothing more.
            waiting.retain(|payer| {
                share_of
                    .remove(&payer.id)
                    .is_none_or(|share| got.get(&payer.id) == Some(&share))
            });
            if left == 0 || waiting.is_empty() {
                break;
            }
        }
        if !claimed.is_empty() {
            // Whoever begins later stands beside those that still wait.
            let behind = waiting.iter().map(|payer| payer.virtual_time).min();
            let clock = behind.or(times.values().copied().max()).unwrap_or(clock);
            let times = times.into_iter().collect();
            payers::advance(tx, self.source, priority, times, clock).await?;
        }
        Ok(claimed)
    }
}
