//! crawler-service: what is fetched when, by whom, and how it went. Owns the schema `crawl`.
//!
//! The backlog of targets lives in Postgres. [`dispatch`] claims what is due as leases and publishes tasks, at most a
//! window of work a source; workers open, checkpoint and report them over gRPC ([`grpc`]); the [`reaper`] takes back
//! what a lost worker held. Core says over events what is tracked ([`events`]). Every decision stands in [`rules`],
//! every statement in [`storage`].

mod asked;
mod cancelling;
mod catalog;
mod consumers;
mod costs;
mod discoveries;
mod dispatch;
mod events;
mod fetching;
mod grpc;
mod http;
mod limits;
mod quota;
mod reaper;
mod reports;
mod retention;
mod rounds;
pub mod rules;
mod scheduler;
mod sealing;
mod settings;
mod source_states;
mod standings;
mod starting;
mod state;
mod storage;
mod syncs;
mod tenant_data;
#[cfg(test)]
mod tests;
mod upkeep;
mod wake;
mod watching;

use std::sync::Arc;

use contracts::crawl::v1::crawl_server::CrawlServer;
use contracts::crawl::v1::tenant_data_server::TenantDataServer;
use contracts::crawl::v1::usage_server::UsageServer;
use contracts::crawl::v1::work_server::WorkServer;
use db::audited::Outbox;
use db::outbox::Schema;
use http_kit::health::Check;
use http_kit::surround::{Surroundings, surround};
use tonic::service::Routes;
use utoipa_axum::router::OpenApiRouter;

pub use consumers::{consumers, dispatcher};
pub use dispatch::{Dispatcher, Pass};
pub use state::{State, wire, wire_beside};

use crate::cancelling::Canceller;
use crate::costs::Accounts;
use crate::http::Api;
use crate::rounds::Rounds;
use crate::starting::Starter;
use crate::tenant_data::TenantData;
use crate::watching::Watching;

/// The HTTP routes, with absolute paths.
pub fn router(state: State) -> OpenApiRouter {
    let api = Api {
        pool: state.pools.api.clone(),
        starter: starter(&state),
        rounds: rounds(&state),
        limits: state.limits.clone(),
        plans: state.plans.clone(),
        wake: state.wake.clone(),
        ring: state.ring.clone(),
        catalog: state.catalog.clone(),
        fetching: state.fetching.clone(),
        gaps: state.settings.gaps.clone(),
        accounts: Accounts::new(state.pools.system.clone()),
        canceller: Canceller {
            pool: state.pools.system.clone(),
        },
        watching: Watching::new(state.pools.api.clone(), state.settings.streams_per_tenant),
    };
    let surroundings = Surroundings {
        authenticator: state.authenticator,
        limiter: state.limiter,
        recorder: Arc::new(Outbox::new(state.pools.system, Schema::Crawl)),
    };
    surround(http::router(api, state.idempotency), surroundings)
}

/// The OpenAPI document of [`router`], which needs neither database nor broker.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = http_kit::openapi::document("Bellwether");
    document.merge(http::plain().merge(http::creates()).into_openapi());
    document
}

/// The gRPC services: `Crawl` for core and operators, `Work` for workers, `TenantData` and `Usage` for user-service.
pub fn grpc(state: State) -> Routes {
    let tenant_data = grpc::tenant_data::TenantDataGrpc(TenantData {
        pools: state.pools.clone(),
    });
    let crawl = grpc::crawl::CrawlGrpc {
        starter: starter(&state),
        pool: state.pools.api.clone(),
    };
    let usage = grpc::usage::UsageGrpc {
        pool: state.pools.api,
    };
    let work = grpc::work::WorkGrpc {
        pool: state.pools.system,
        settings: state.settings,
        wake: state.wake,
        ring: state.ring,
        catalog: state.catalog,
        plans: state.plans,
    };
    Routes::new(rpc::sized!(CrawlServer::new(crawl)))
        .add_service(rpc::sized!(WorkServer::new(work)))
        .add_service(rpc::sized!(TenantDataServer::new(tenant_data)))
        .add_service(rpc::sized!(UsageServer::new(usage)))
}

/// Without these the service cannot serve.
pub fn readiness(state: &State) -> Vec<Check> {
    let (api, system, bus) = (
        state.pools.api.clone(),
        state.pools.system.clone(),
        state.bus.clone(),
    );
    vec![
        Check::new("postgres:crawl", move || {
            let (api, system) = (api.clone(), system.clone());
            async move {
                api.ping().await?;
                Ok(system.ping().await?)
            }
        }),
        Check::new("rabbitmq", move || {
            let connected = bus.is_connected();
            async move {
                anyhow::ensure!(connected, "not connected");
                Ok(())
            }
        }),
    ]
}

fn rounds(state: &State) -> Rounds {
    Rounds {
        pool: state.pools.api.clone(),
        wake: state.wake.clone(),
        plans: state.plans.clone(),
    }
}

fn starter(state: &State) -> Starter {
    Starter {
        pool: state.pools.api.clone(),
        wake: state.wake.clone(),
        plans: state.plans.clone(),
    }
}
