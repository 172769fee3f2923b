//! user-service as a process of its own.

use std::process::ExitCode;

use config::ProcessKind;

fn main() -> ExitCode {
    host::run(ProcessKind::User, "user-service", async |config, life| {
        let token = config.internal.user_token.expose();
        let peers = rpc::Peers::over_tcp(&(&config.peers).into(), token)?;
        let state = user_service::wire(&config, peers).await?;
        let listen = &config.listen;
        let (router, _) = user_service::router(state.clone()).split_for_parts();
        let checks = user_service::readiness(&state);
        host::http(
            &config,
            &life,
            listen.address(listen.user_http),
            router,
            checks,
        )
        .await?;
        let routes = user_service::grpc(state.clone());
        host::grpc(&config, &life, listen.address(listen.user_grpc), routes).await?;
        user_service::consumers(state, &life);
        Ok(())
    })
}
