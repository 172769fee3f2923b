//! user-service as a process of its own.

use std::process::ExitCode;

use host::{Parts, Service};

fn main() -> ExitCode {
    host::service(Service::User, async |config, peers, life| {
        let state = user_service::wire(config, peers).await?;
        user_service::consumers(state.clone(), life);
        let (router, _) = user_service::router(state.clone()).split_for_parts();
        Ok(Parts {
            router,
            grpc: user_service::grpc(state.clone()),
            checks: user_service::readiness(&state),
        })
    })
}
