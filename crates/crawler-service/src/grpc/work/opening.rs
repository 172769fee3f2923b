//! Handing out a task.

use chrono::Utc;
use connectors::Ownership;
use contracts::crawl::v1::OpenTaskResponse;
use db::SystemTx;
use tonic::Status;
use uuid::Uuid;

use super::{WorkGrpc, convert, database};
use crate::discoveries::Finished;
use crate::reports::Reported;
use crate::rules::opening::{self, Opening};
use crate::storage::monitors::Key;
use crate::storage::{credentials, discoveries, lease, progress, searches};

impl WorkGrpc {
    /// Opens a task: what is left of it, unless it cannot go well. Opening extends the lease, so that waiting in the
    /// queue is not taken from the worker's time.
    pub(super) async fn open(&self, task_id: Uuid) -> Result<OpenTaskResponse, Status> {
        let now = Utc::now();
        let until = now + self.settings.lease;
        let tx = SystemTx::begin(&self.pool).await.map_err(database)?;
        let Some(task) = lease::extend(&tx, task_id, None, now, until)
            .await
            .map_err(database)?
        else {
            return Ok(OpenTaskResponse::default());
        };
        let has_secret = has_secret(&tx, &task).await?;
        let reply = OpenTaskResponse {
            live: true,
            checkpoint: task.checkpoint.clone(),
            lease_until_unix: task.lease_until.timestamp(),
            owner_tenant_id: task.owner_tenant_id.map(|id| id.to_string()),
            has_secret,
            ..OpenTaskResponse::default()
        };
        let lacking = lacking(&task.source).filter(|_| !has_secret);
        if task.monitor_tenant_id.is_some() {
            return self.open_monitor(tx, task_id, lacking, reply).await;
        }
        self.open_targets(tx, task_id, lacking, reply).await
    }

    async fn open_targets(
        &self,
        tx: SystemTx,
        task_id: Uuid,
        lacking: Option<String>,
        reply: OpenTaskResponse,
    ) -> Result<OpenTaskResponse, Status> {
        let now = Utc::now();
        let items = lease::items(&tx, task_id).await.map_err(database)?;
        if let Some(reason) = lacking {
            tx.commit().await.map_err(database)?;
            let failed = items
                .iter()
                .map(|item| Reported::lacking(item, reason.clone()));
            self.apply(task_id, failed.collect()).await?;
            return Ok(OpenTaskResponse::default());
        }
        if items.is_empty() {
            // More urgent work took all of it over.
            lease::release(&tx, vec![task_id], now)
                .await
                .map_err(database)?;
            tx.commit().await.map_err(database)?;
            return Ok(OpenTaskResponse::default());
        }
        let openings: Vec<i16> = items.iter().map(|item| item.openings).collect();
        match opening::decide(&openings, self.settings.max_openings) {
            Opening::HandOut => {
                lease::count_opening(&tx, task_id, &items, now)
                    .await
                    .map_err(database)?;
                progress::begin(&tx, task_id, now).await.map_err(database)?;
            }
            Opening::TakeApart => {
                lease::release(&tx, vec![task_id], Utc::now())
                    .await
                    .map_err(database)?;
                tx.commit().await.map_err(database)?;
                tracing::warn!(task.id = %task_id, targets = items.len(), "workers were lost with this task; its targets go on alone");
                self.wake.now();
                return Ok(OpenTaskResponse::default());
            }
            Opening::Hopeless => {
                tx.commit().await.map_err(database)?;
                tracing::error!(task.id = %task_id, "workers were lost with this target too often; given up");
                let hopeless = items.iter().map(Reported::hopeless).collect();
                self.apply(task_id, hopeless).await?;
                return Ok(OpenTaskResponse::default());
            }
        }
        tx.commit().await.map_err(database)?;
        Ok(OpenTaskResponse {
            items: items.into_iter().map(convert::task_item).collect(),
            ..reply
        })
    }

    async fn open_monitor(
        &self,
        tx: SystemTx,
        task_id: Uuid,
        lacking: Option<String>,
        reply: OpenTaskResponse,
    ) -> Result<OpenTaskResponse, Status> {
        let running = discoveries::lock_of(&tx, task_id).await.map_err(database)?;
        let Some(running) = running else {
            // It was deleted; its task has nothing left to do.
            lease::release(&tx, vec![task_id], Utc::now())
                .await
                .map_err(database)?;
            tx.commit().await.map_err(database)?;
            return Ok(OpenTaskResponse::default());
        };
        if let Some(reason) = lacking {
            tx.commit().await.map_err(database)?;
            self.finish(task_id, Finished::failed(running.fence, reason))
                .await?;
            return Ok(OpenTaskResponse::default());
        }
        if opening::decide(&[running.openings], self.settings.max_openings) == Opening::Hopeless {
            tx.commit().await.map_err(database)?;
            tracing::error!(task.id = %task_id, "workers were lost with this monitor too often; given up");
            self.finish(task_id, Finished::hopeless(&running)).await?;
            return Ok(OpenTaskResponse::default());
        }
        let now = Utc::now();
        discoveries::count_opening(&tx, task_id, now)
            .await
            .map_err(database)?;
        let key = Key {
            tenant_id: running.tenant_id,
            id: running.id,
        };
        searches::begin(&tx, key, running.round, now)
            .await
            .map_err(database)?;
        tx.commit().await.map_err(database)?;
        Ok(OpenTaskResponse {
            discovery: Some(convert::discovery(running)),
            ..reply
        })
    }
}

/// Whether the task's owner has a credential for its source.
async fn has_secret(tx: &SystemTx, task: &lease::Task) -> Result<bool, Status> {
    let Some(owner) = task.owner_tenant_id else {
        return Ok(false);
    };
    let stored = credentials::sealed_of(tx, owner, &task.source)
        .await
        .map_err(database)?;
    Ok(stored.is_some())
}

/// What is told of a task without credential, where the source cannot be read without one.
fn lacking(source: &str) -> Option<String> {
    let about = connectors::about(source.parse().ok()?)?;
    (about.ownership == Ownership::Tenant).then(|| {
        format!(
            "no credential for this source; add one under PUT /api/v1/sources/{source}/credential"
        )
    })
}
