//! worker as a process of its own.

use std::process::ExitCode;

use host::{Parts, Service};

fn main() -> ExitCode {
    host::service(Service::Worker, async |config, peers, life| {
        let state = worker::wire(config, peers).await?;
        worker::consumers(state.clone(), life);
        let (router, _) = worker::router(state.clone()).split_for_parts();
        Ok(Parts {
            router,
            grpc: worker::grpc(state.clone()),
            checks: worker::readiness(&state),
        })
    })
}
