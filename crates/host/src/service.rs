//! A service as a process of its own.

use std::process::ExitCode;

use axum::Router;
use config::{Config, ProcessKind};
use http_kit::health::Check;
use lifecycle::Lifecycle;
use rpc::{Peers, Tls};
use tonic::service::Routes;

use crate::{grpc, http, run};

/// A wired service, ready to be served.
pub struct Parts {
    /// Its HTTP addresses.
    pub router: Router,
    /// Its gRPC services.
    pub grpc: Routes,
    /// What it cannot serve without.
    pub checks: Vec<Check>,
}

/// Which of the four runs, and by that its token and its ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the services")]
pub enum Service {
    User,
    Crawler,
    Core,
    Worker,
}

impl Service {
    /// The binary's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user-service",
            Self::Crawler => "crawler-service",
            Self::Core => "core-service",
            Self::Worker => "worker",
        }
    }

    const fn kind(self) -> ProcessKind {
        match self {
            Self::User => ProcessKind::User,
            Self::Crawler => ProcessKind::Crawler,
            Self::Core => ProcessKind::Core,
            Self::Worker => ProcessKind::Worker,
        }
    }

    fn token(self, config: &Config) -> &str {
        let internal = &config.internal;
        match self {
            Self::User => &internal.user_token,
            Self::Crawler => &internal.crawler_token,
            Self::Core => &internal.core_token,
            Self::Worker => &internal.worker_token,
        }
        .expose()
    }

    /// HTTP and gRPC.
    fn ports(self, config: &Config) -> (u16, u16) {
        let listen = &config.listen;
        match self {
            Self::User => (listen.user_http, listen.user_grpc),
            Self::Crawler => (listen.crawler_http, listen.crawler_grpc),
            Self::Core => (listen.core_http, listen.core_grpc),
            Self::Worker => (listen.worker_http, listen.worker_grpc),
        }
    }
}

/// A service's `main`: `wire` builds it and spawns its loops, this serves it until a signal.
pub fn service(
    service: Service,
    wire: impl AsyncFnOnce(&Config, Peers, &Lifecycle) -> anyhow::Result<Parts>,
) -> ExitCode {
    run(service.kind(), service.name(), async |config, life| {
        let tls = Tls::of(&config.internal)?;
        let urls = (&config.peers).into();
        let peers = Peers::over(&urls, service.token(&config), tls.as_ref())?;
        let parts = wire(&config, peers, &life).await?;
        let (http_port, grpc_port) = service.ports(&config);
        http(
            &config,
            &life,
            config.listen.address(http_port),
            parts.router,
            parts.checks,
        )
        .await?;
        grpc(&config, &life, config.listen.address(grpc_port), parts.grpc).await
    })
}
