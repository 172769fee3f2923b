//! What a discovery found, on its way to core.

use chrono::Utc;
use contracts::catalog::v1::Observation;
use db::SystemTx;
use tonic::Status;
use uuid::Uuid;

use super::{WorkGrpc, database};
use crate::storage::sync_work::{self, Item, Named};
use crate::storage::{discoveries, lease};

/// Hits in one report.
const HITS_LIMIT: usize = 2_000;

impl WorkGrpc {
    /// Passes hits on; false: the lease is lost. Repeating it changes nothing, since core knows them then.
    pub(super) async fn hits(
        &self,
        task_id: Uuid,
        fence: i64,
        mut hits: Vec<Observation>,
    ) -> Result<bool, Status> {
        if hits.len() > HITS_LIMIT {
            return Err(Status::invalid_argument(
                "more than 2000 hits in one report",
            ));
        }
        let now = Utc::now();
        let tx = SystemTx::begin(&self.pool).await.map_err(database)?;
        let until = now + self.settings.lease;
        let Some(task) = lease::extend(&tx, task_id, None, now, until)
            .await
            .map_err(database)?
        else {
            return Ok(false);
        };
        let running = discoveries::lock_of(&tx, task_id).await.map_err(database)?;
        let Some(running) = running.filter(|running| running.fence == fence) else {
            return Ok(false);
        };
        // Not held while core works.
        tx.commit().await.map_err(database)?;
        let owner = task.owner_tenant_id.map(|id| id.to_string());
        for hit in &mut hits {
            if hit.source != running.source {
                return Err(Status::invalid_argument("a hit of another source"));
            }
            // Whose they are is not the worker's to say.
            hit.owner_tenant_id.clone_from(&owner);
            hit.round = 0;
        }
        let named: Vec<Named> = hits.iter().map(named).collect();
        let recorded = self.catalog.record(&running, hits).await?;
        let new = recorded.iter().filter(|hit| hit.new).count();
        let new = i32::try_from(new).unwrap_or(i32::MAX);
        // Found, and not tracked by itself.
        let found = recorded.iter().filter(|hit| hit.listing_id != 0);
        let note = found
            .map(|hit| hit.reason.clone())
            .find(|reason| !reason.is_empty());
        let tx = SystemTx::begin(&self.pool).await.map_err(database)?;
        let live = discoveries::count_new(&tx, task_id, fence, new, note)
            .await
            .map_err(database)?;
        if let Some(sync_id) = running.sync_id.filter(|_| live) {
            let found = named.into_iter().zip(recorded);
            let items = found
                .map(|(named, hit)| Item::recorded(named, hit))
                .collect();
            sync_work::add(&tx, running.tenant_id, sync_id, items)
                .await
                .map_err(database)?;
        }
        tx.commit().await.map_err(database)?;
        Ok(live)
    }
}

/// What a sync keeps of a hit. Variants come with their parents.
fn named(hit: &Observation) -> Named {
    Named {
        marketplace: hit.marketplace.clone(),
        code: hit.external_id.clone(),
        url: hit
            .content
            .as_ref()
            .and_then(|content| content.url.clone())
            .unwrap_or_default(),
        variant: hit.parent_external_id.is_some(),
    }
}
