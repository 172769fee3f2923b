//! The HTTP side: crawls, sources, credentials, monitors, categories and syncs, as their tenant sees them.

mod categories;
mod crawls;
mod credentials;
mod found;
mod live;
mod manual;
mod monitors;
mod own_credential;
mod preview;
mod refusals;
mod scheduler;
mod search;
mod shapes;
mod source_state;
mod sources;
mod syncs;

pub(crate) use crawls::holds;

use axum::middleware::from_fn_with_state;
use chrono::Utc;
use connectors::{Ability, About};
use db::{ApiPool, Failure, TenantTx};
use http_kit::idempotency::{Idempotency, replay};
use http_kit::plans::Plans;
use http_kit::{ApiError, ApiResult, ErrorCode};
use sea_orm::DbErr;
use secrets::SecretBox;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::cancelling::Canceller;
use crate::catalog::Catalog;
use crate::costs::Accounts;
use crate::fetching::Fetching;
use crate::limits::Limits;
use crate::quota::{self, QuotaError};
use crate::rounds::Rounds;
use crate::settings::Gaps;
use crate::starting::Starter;
use crate::storage::monitors::Key;
use crate::wake::Wake;
use crate::watching::Watching;

/// What handlers hold: nothing that could see another tenant's rows.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) pool: ApiPool,
    pub(crate) starter: Starter,
    pub(crate) rounds: Rounds,
    pub(crate) limits: Limits,
    pub(crate) plans: Plans,
    pub(crate) wake: Wake,
    pub(crate) ring: SecretBox,
    pub(crate) catalog: Catalog,
    pub(crate) fetching: Fetching,
    pub(crate) gaps: Gaps,
    pub(crate) accounts: Accounts,
    pub(crate) canceller: Canceller,
    pub(crate) watching: Watching,
}

impl Api {
    /// A transaction that sees the tenant's rows alone.
    async fn begin(&self, tenant_id: Uuid) -> ApiResult<TenantTx> {
        TenantTx::begin(&self.pool, tenant_id)
            .await
            .map_err(database)
    }

    /// Under what a live call tells its cost; empty where it has none. Refused when the month's is spent.
    async fn account(&self, tenant_id: Uuid, about: &About) -> ApiResult<String> {
        if about.abilities.contains(&Ability::Paid) {
            let plan = quota::plan(&self.plans, tenant_id)
                .await
                .map_err(beyond_plan)?;
            let tx = self.begin(tenant_id).await?;
            quota::may_spend(&tx, &plan, Utc::now())
                .await
                .map_err(beyond_plan)?;
            tx.commit().await.map_err(database)?;
        }
        let opened = self.accounts.open(tenant_id, about, Utc::now()).await;
        let task = opened.map_err(database)?;
        Ok(task.map(|id| id.to_string()).unwrap_or_default())
    }

    /// Lets core forget monitors that have just been deleted. What it does not hear now upkeep tells it later.
    async fn forget(&self, tenant_id: Uuid, monitors: &[Uuid]) {
        for id in monitors {
            let key = Key { tenant_id, id: *id };
            if let Err(status) = self.catalog.forget(key).await {
                tracing::warn!(%status, monitor.id = %id, "core has not forgotten a monitor yet");
                return;
            }
        }
    }
}

/// Routes that may be sent any number of times.
pub(crate) fn plain() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(crawls::list_crawls))
        .routes(routes!(crawls::get_crawl))
        .routes(routes!(crawls::watch_crawl))
        .routes(routes!(crawls::cancel_crawl))
        .routes(routes!(sources::list_sources))
        .routes(routes!(sources::get_source))
        .routes(routes!(
            credentials::get_credential,
            credentials::put_credential,
            credentials::delete_credential
        ))
        .routes(routes!(credentials::test_credential))
        .routes(routes!(preview::preview_page))
        .routes(routes!(search::search_source))
        .routes(routes!(syncs::list_sync_logs))
        .routes(routes!(syncs::get_sync_log))
        .routes(routes!(live::haier_products))
        .routes(routes!(live::haier_prices))
        .routes(routes!(live::haier_stock))
        .routes(routes!(live::haier_balance))
        .routes(routes!(live::haier_logistics))
        .routes(routes!(monitors::list_monitors))
        .routes(routes!(
            monitors::get_monitor,
            monitors::update_monitor,
            monitors::delete_monitor
        ))
        .routes(routes!(monitors::run_monitor))
        .routes(routes!(scheduler::get_scheduler, scheduler::put_scheduler))
        .routes(routes!(scheduler::start_scheduler))
        .routes(routes!(scheduler::stop_scheduler))
        .routes(routes!(categories::list_categories))
        .routes(routes!(
            categories::get_category,
            categories::update_category,
            categories::delete_category
        ))
}

/// Routes that create, which a caller may send twice under one Idempotency-Key.
pub(crate) fn creates() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(manual::start_manual_crawl))
        .routes(routes!(crawls::retry_crawl))
        .routes(routes!(syncs::start_sync))
        .routes(routes!(monitors::create_monitor))
        .routes(routes!(categories::create_category))
}

/// All routes, served.
pub(crate) fn router(api: Api, idempotency: Idempotency) -> OpenApiRouter {
    let creates = creates().route_layer(from_fn_with_state(idempotency, replay));
    OpenApiRouter::with_openapi(http_kit::openapi::document("Bellwether"))
        .merge(plain())
        .merge(creates)
        .with_state(api)
}

/// What a plan does not admit, or why that is not known, as the caller should read it.
pub(crate) fn beyond_plan(error: QuotaError) -> ApiError {
    match error {
        QuotaError::Exceeded(exceeded) => exceeded.into(),
        QuotaError::Plans(cause) => ApiError::unavailable(cause),
        QuotaError::Database(cause) => database(cause),
    }
}

/// A database failure, as the caller should read it.
fn database(error: DbErr) -> ApiError {
    match Failure::of(&error) {
        Failure::Away => ApiError::unavailable(error),
        Failure::BadValue => ApiError::new(
            ErrorCode::Invalid,
            "A text of the request holds the character U+0000, or a time lies outside the years that can be stored. \
             Correct it.",
        )
        .with_source(error),
        Failure::Defect => ApiError::internal(error),
    }
}
