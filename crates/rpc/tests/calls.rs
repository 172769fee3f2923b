//! Calls over both transports, with real connections.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use rpc::{Caller, Channel, PeerUrls, Peers, Tokens};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

/// Answers who called; only core is admitted. `panic` panics, `slow` never answers.
#[derive(Clone)]
struct WhoAmI;

impl NamedService for WhoAmI {
    const NAME: &'static str = "test.WhoAmI";
}

impl tonic::server::UnaryService<String> for WhoAmI {
    type Response = String;
    type Future = BoxFuture<Response<String>, Status>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        Box::pin(async move {
            let caller = Caller::check(&request, &[Caller::Core])?;
            match request.get_ref().as_str() {
                "panic" => panic!("as asked"),
                "slow" => std::future::pending().await,
                _ => Ok(Response::new(format!("{caller:?}"))),
            }
        })
    }
}

impl Service<http::Request<Body>> for WhoAmI {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let codec = ProstCodec::<String, String>::default();
            Ok(tonic::server::Grpc::new(codec).unary(WhoAmI, request).await)
        })
    }
}

async fn ask(channel: &Channel, request: Request<String>) -> Result<String, Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client
        .ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    let path = http::uri::PathAndQuery::from_static("/test.WhoAmI/Ask");
    let codec = ProstCodec::<String, String>::default();
    client
        .unary(request, path, codec)
        .await
        .map(Response::into_inner)
}

async fn say(channel: &Channel, text: &str) -> Result<String, Status> {
    ask(channel, Request::new(text.to_owned())).await
}

fn tokens() -> Tokens {
    Tokens {
        user: "token-user".into(),
        core: "token-core".into(),
        crawler: "token-crawler".into(),
        worker: "token-worker".into(),
        operator: "token-operator".into(),
    }
}

#[tokio::test]
async fn in_memory_calls_carry_the_callers_token() {
    let (network, ends) = rpc::local::Network::new();
    let stop = CancellationToken::new();
    let routes = Routes::new(WhoAmI);
    tokio::spawn(rpc::local::serve(routes, ends.user, tokens(), stop.clone()));

    let core = network.peers("token-core").unwrap();
    assert_eq!(say(&core.user, "").await.unwrap(), "Core");
    let worker = network.peers("token-worker").unwrap();
    assert_eq!(
        say(&worker.user, "").await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let stranger = network.peers("guess").unwrap();
    assert_eq!(
        say(&stranger.user, "").await.unwrap_err().code(),
        Code::Unauthenticated
    );
}

#[tokio::test]
async fn a_panic_ends_its_own_call_only() {
    let (connector, end) = rpc::local::pair();
    tokio::spawn(rpc::local::serve(
        Routes::new(WhoAmI),
        end,
        tokens(),
        CancellationToken::new(),
    ));
    let channel = connector.channel("token-core").unwrap();
    assert_eq!(
        say(&channel, "panic").await.unwrap_err().code(),
        Code::Internal
    );
    assert_eq!(say(&channel, "").await.unwrap(), "Core");
}

#[tokio::test]
async fn a_deadline_of_ones_own_is_kept() {
    let (connector, end) = rpc::local::pair();
    tokio::spawn(rpc::local::serve(
        Routes::new(WhoAmI),
        end,
        tokens(),
        CancellationToken::new(),
    ));
    let channel = connector.channel("token-core").unwrap();
    let mut request = Request::new("slow".to_owned());
    request.set_timeout(Duration::from_millis(50));
    let status = ask(&channel, request).await.unwrap_err();
    assert!(
        matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled),
        "{status}"
    );
    assert!(rpc::is_transient(&status));
}

#[tokio::test]
async fn a_restarted_peer_is_reached_again_by_the_same_channel() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}");
    let urls = PeerUrls {
        user: url.clone(),
        core: url.clone(),
        crawler: url.clone(),
        worker: url,
    };
    let channel = Peers::over_tcp(&urls, "token-core").unwrap().core;

    let stop = CancellationToken::new();
    let first = rpc::server::serve_tcp(Routes::new(WhoAmI), listener, tokens(), stop.clone());
    let first = tokio::spawn(first);
    assert_eq!(say(&channel, "").await.unwrap(), "Core");

    stop.cancel();
    first.await.unwrap().unwrap();
    let down = say(&channel, "").await.unwrap_err();
    assert!(rpc::is_transient(&down), "{down}");

    let listener = TcpListener::bind(address).await.unwrap();
    let second = CancellationToken::new();
    tokio::spawn(rpc::server::serve_tcp(
        Routes::new(WhoAmI),
        listener,
        tokens(),
        second.clone(),
    ));
    let mut tries = 0;
    while let Err(status) = say(&channel, "").await {
        assert!(rpc::is_transient(&status), "{status}");
        tries += 1;
        assert!(tries < 20, "not reached again: {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    second.cancel();
}

#[tokio::test]
async fn health_is_open_to_probes_without_a_token() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    tokio::spawn(rpc::server::serve_tcp(
        Routes::new(WhoAmI),
        listener,
        tokens(),
        stop,
    ));
    let probe = tonic::transport::Endpoint::from_shared(url)
        .unwrap()
        .connect_lazy();
    let mut health = tonic_health::pb::health_client::HealthClient::new(probe);
    let answer = health
        .check(tonic_health::pb::HealthCheckRequest::default())
        .await
        .unwrap();
    assert_eq!(answer.get_ref().status, 1, "serving");
}

#[tokio::test]
async fn wrong_addresses_are_named() {
    let good = "http://127.0.0.1:1".to_owned();
    let urls = PeerUrls {
        user: good.clone(),
        core: "127.0.0.1".into(),
        crawler: good.clone(),
        worker: good,
    };
    let error = Peers::over_tcp(&urls, "t").unwrap_err();
    assert!(error.to_string().contains("core"), "{error}");
}
