//! Handing out a credential, for the task at hand.

use chrono::Utc;
use contracts::crawl::v1::OpenSecretResponse;
use db::SystemTx;
use tonic::Status;
use uuid::Uuid;

use super::{WorkGrpc, database};
use crate::sealing;
use crate::storage::{credentials, lease};

impl WorkGrpc {
    /// The credential of the tenant that a live task works for.
    pub(super) async fn secret(&self, task_id: Uuid) -> Result<OpenSecretResponse, Status> {
        let tx = SystemTx::begin(&self.pool).await.map_err(database)?;
        let task = lease::live(&tx, task_id, Utc::now())
            .await
            .map_err(database)?
            .ok_or_else(|| Status::failed_precondition("the task is not live"))?;
        let owner = task
            .owner_tenant_id
            .ok_or_else(|| Status::not_found("the task needs no credential"))?;
        let stored = credentials::sealed_of(&tx, owner, &task.source)
            .await
            .map_err(database)?
            .ok_or_else(|| Status::not_found("there is no credential for this task"))?;
        tx.commit().await.map_err(database)?;
        let fields = sealing::open(&self.ring, &stored).map_err(|error| {
            tracing::error!(%error, tenant.id = %owner, source = task.source, "a credential cannot be used");
            Status::internal("the credential cannot be opened")
        })?;
        Ok(OpenSecretResponse { fields })
    }
}
