//! The worker as a process of its own.

use std::process::ExitCode;

use config::ProcessKind;

fn main() -> ExitCode {
    host::run(ProcessKind::Worker, "worker", async |config, life| {
        let peers = rpc::Peers::over_tcp(
            &(&config.peers).into(),
            config.internal.worker_token.expose(),
        )?;
        let state = worker::wire(&config, peers).await?;
        let listen = &config.listen;
        let (router, _) = worker::router(state.clone()).split_for_parts();
        let checks = worker::readiness(&state);
        host::http(
            &config,
            &life,
            listen.address(listen.worker_http),
            router,
            checks,
        )
        .await?;
        let routes = worker::grpc(state.clone());
        host::grpc(&config, &life, listen.address(listen.worker_grpc), routes).await?;
        worker::consumers(state, &life);
        Ok(())
    })
}
