//! core-service as a process of its own.

use std::process::ExitCode;

use host::{Parts, Service};

fn main() -> ExitCode {
    host::service(Service::Core, async |config, peers, life| {
        let state = core_service::wire(config, peers).await?;
        core_service::consumers(state.clone(), life);
        let (api, _) = core_service::router(state.clone()).split_for_parts();
        let router = api.fallback_service(core_service::pages(&state, config));
        Ok(Parts {
            router,
            grpc: core_service::grpc(state.clone()),
            checks: core_service::readiness(&state),
        })
    })
}
