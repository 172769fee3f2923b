//! crawler-service as a process of its own.

use std::process::ExitCode;

use host::{Parts, Service};

fn main() -> ExitCode {
    host::service(Service::Crawler, async |config, peers, life| {
        let state = crawler_service::wire(config, peers).await?;
        crawler_service::consumers(state.clone(), life);
        let (router, _) = crawler_service::router(state.clone()).split_for_parts();
        Ok(Parts {
            router,
            grpc: crawler_service::grpc(state.clone()),
            checks: crawler_service::readiness(&state),
        })
    })
}
