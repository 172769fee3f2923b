//! core-service: listings and their history, watches, trackings, alerts, the event stream and the page.
//!
//! One folder a capability, each with its handlers, storage and shapes. The parts of a process are [`router`],
//! [`grpc`], [`consumers`] and [`readiness`] over one [`State`], which [`wire`] builds; this crate's own `main` and
//! the all-in-one compose the same pieces.

pub mod alerts;
pub mod answers;
mod archive;
mod error;
pub mod events;
pub mod heard;
pub mod ingest;
pub mod monitors;
mod moved;
pub mod page;
pub mod products;
pub mod quota;
pub mod retention;
mod sql;
mod state;
pub mod tenant_data;
pub mod trackings;
mod upkeep;
mod values;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use contracts::catalog::v1::archive_server::ArchiveServer;
use contracts::catalog::v1::catalog_server::CatalogServer;
use contracts::catalog::v1::ingest_server::IngestServer;
use contracts::catalog::v1::tenant_data_server::TenantDataServer;
use contracts::catalog::v1::usage_server::UsageServer;
use contracts::identity::v1::tenants_client::TenantsClient;
use db::audited::Outbox;
use db::outbox::{Relay, Schema};
use http_kit::health::Check;
use http_kit::idempotency;
use http_kit::surround::{Surroundings, surround};
use lifecycle::Lifecycle;
use tonic::service::Routes;
use utoipa_axum::router::OpenApiRouter;

pub use state::{Parts, State, wire, wire_beside};

/// The public API of this service, with absolute paths.
pub fn router(state: State) -> OpenApiRouter {
    let idempotent = from_fn_with_state(state.idempotency(), idempotency::replay);
    let surroundings = Surroundings {
        authenticator: state.authenticator().clone(),
        limiter: state.limiter().clone(),
        recorder: Arc::new(Outbox::new(system_pool(&state), Schema::Catalog)),
    };
    surround(
        routes().route_layer(idempotent).with_state(state),
        surroundings,
    )
}

/// The built page beside the API: at the address of a slug that was given up, it leads to the tenant's present one.
pub fn pages(state: &State, config: &config::Config) -> axum::Router {
    let leads = TenantsClient::new(state.user());
    moved::leading(
        page::router(&config.web.dir),
        leads,
        &config.http.base_domains,
    )
}

/// The OpenAPI document of [`router`], without any state.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

/// The login of background work, for those who run parts of [`consumers`] alone.
#[must_use]
pub fn system_pool(state: &State) -> db::SystemPool {
    state.pools().system.clone()
}

fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(http_kit::openapi::document("Bellwether"))
        .merge(products::routes())
        .merge(trackings::routes())
        .merge(alerts::routes())
        .merge(events::routes())
}

/// The internal services; callers are checked by rpc's service tokens.
#[must_use]
pub fn grpc(state: State) -> Routes {
    let ingest = ingest::grpc::IngestGrpc(state.ingest().clone());
    let catalog = monitors::grpc::CatalogGrpc(state.clone());
    let tenant_data = tenant_data::grpc::TenantDataGrpc(state.clone());
    let usage = quota::grpc::UsageGrpc(state.clone());
    let archive = archive::grpc::ArchiveGrpc(state);
    Routes::new(rpc::sized!(IngestServer::new(ingest)))
        .add_service(rpc::sized!(CatalogServer::new(catalog)))
        .add_service(rpc::sized!(ArchiveServer::new(archive)))
        .add_service(rpc::sized!(TenantDataServer::new(tenant_data)))
        .add_service(rpc::sized!(UsageServer::new(usage)))
}

/// Spawns every background loop: the outbox relay, the reader of the event log, what crawler tells, upkeep.
pub fn consumers(state: State, life: &Lifecycle) {
    let relay = Relay::new(
        Schema::Catalog,
        state.pools().system.clone(),
        state.bus().publisher(),
        state.bus().topology().clone(),
    );
    life.spawn("catalog relay", relay.run(life.soft()));
    let following = state.authenticator().clone().follow(life.soft());
    life.spawn("credentials", following);
    life.spawn("event log", state.events().clone().run(life.soft()));
    let (bus, pool, stop) = (
        state.bus().clone(),
        state.pools().system.clone(),
        life.soft(),
    );
    let at_once = state.event_concurrency();
    life.spawn("consume:core.events", async move {
        let queue = bus.topology().events_queue(heard::SERVICE);
        let handler = move |message| heard::handle(pool.clone(), message);
        Ok(bus.consume(&queue, at_once, stop, handler).await?)
    });
    let answers = state.answers().clone();
    if let Some(replica) = answers.replica() {
        life.spawn("replica", replica.clone().watch(life.soft()));
    }
    life.spawn(
        "changes",
        answers::feed::run(answers, state.pools().system.clone(), life.soft()),
    );
    life.spawn("warming", answers::warm::run(state.clone(), life.soft()));
    life.spawn(
        "shelf",
        products::shelf::run(state.pools().system.clone(), life.soft()),
    );
    life.spawn(
        "popularity",
        products::popularity::run(state.pools().system.clone(), life.soft()),
    );
    life.spawn(
        "retention:history",
        retention::run(state.clone(), life.soft()),
    );
    life.spawn("upkeep", upkeep::run(state, life.soft()));
}

/// What this service cannot serve without.
#[must_use]
pub fn readiness(state: &State) -> Vec<Check> {
    let (api, system, bus) = (
        state.pools().api.clone(),
        state.pools().system.clone(),
        state.bus().clone(),
    );
    vec![
        Check::new("postgres:catalog", move || {
            let (api, system) = (api.clone(), system.clone());
            async move {
                api.ping().await?;
                system.ping().await?;
                Ok(())
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
