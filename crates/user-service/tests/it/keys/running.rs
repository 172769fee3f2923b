//! A user-service with its background loops, other processes beside it, and waiting for what they hear.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http_kit::auth::{self, Authenticator, Settings};
use lifecycle::Lifecycle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::common::{Client, ISSUER, Service, tokens, wire};

/// How long a change may take to be heard: much less than answers are believed without one.
const MOMENTS: Duration = Duration::from_secs(5);

/// One whose loops run until it is dropped.
pub struct Running {
    service: Service,
    life: Lifecycle,
}

impl Running {
    pub async fn start() -> Self {
        let service = Service::start().await;
        let life = Lifecycle::new(Duration::from_secs(5));
        user_service::consumers(service.state.clone(), &life);
        Self { service, life }
    }

    /// Another process of user-service on the same database.
    pub async fn second(&self) -> Client {
        let state = wire(&self.service.config).await;
        user_service::consumers(state.clone(), &self.life);
        Client::of(state)
    }

    /// A process of another service, which asks over gRPC.
    pub fn other_service(&self) -> OtherService {
        let (connector, incoming) = rpc::local::pair();
        let channel = connector.channel(&tokens().core).unwrap();
        let routes = user_service::grpc(self.service.state.clone());
        let stop = self.life.hard();
        tokio::spawn(rpc::local::serve(routes, incoming, tokens(), stop));
        let settings = Settings {
            issuer: ISSUER.to_owned(),
            audience: "bellwether".to_owned(),
            base_domains: vec!["localhost".to_owned()],
        };
        OtherService::new(
            Authenticator::over_grpc(channel, settings),
            self.life.soft(),
        )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.life.abort();
    }
}

impl Deref for Running {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

pub struct OtherService {
    router: Router,
}

impl OtherService {
    fn new(authenticator: Authenticator, stop: CancellationToken) -> Self {
        tokio::spawn(authenticator.clone().follow(stop));
        let who = get(async |auth::Read(who): auth::Read| format!("{:?}", who.actor));
        let router = Router::new()
            .route("/who", who)
            .route("/admin", post(async |auth::Admin(_): auth::Admin| "done"))
            .layer(Extension(authenticator));
        Self { router }
    }

    pub async fn ask(&self, method: Method, path: &str, credential: &str) -> StatusCode {
        let request = Request::builder().method(method).uri(path);
        let request = if credential.starts_with("bw_") {
            request.header("x-api-key", credential)
        } else {
            request.header("authorization", format!("Bearer {credential}"))
        };
        let request = request.body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap().status()
    }

    pub async fn who(&self, credential: &str) -> StatusCode {
        self.ask(Method::GET, "/who", credential).await
    }
}

/// Waits until an answer has this status.
pub async fn becomes(what: &str, status: StatusCode, ask: impl AsyncFn() -> StatusCode) {
    let last = Arc::new(std::sync::Mutex::new(None));
    let waiting = async {
        loop {
            let found = ask().await;
            if found == status {
                return;
            }
            *last.lock().unwrap() = Some(found);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(MOMENTS, waiting).await.is_err() {
        panic!("{what}: {:?} instead of {status}", last.lock().unwrap());
    }
}

/// Waits until something holds.
pub async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .is_err()
    {
        panic!("not in time: {what}");
    }
}
