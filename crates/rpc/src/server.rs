//! Serving the routes of one service over TCP.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_stream::{Stream, wrappers::TcpListenerStream};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::Connected;
use tower::{Layer, Service};
use tracing::Instrument;

use crate::Tls;
use crate::auth::{CallerLayer, Tokens};

/// Serves `routes` and the standard health service until `stop`, then finishes what is in flight.
///
/// # Errors
/// The transport's, when it cannot go on.
pub async fn serve_tcp(
    routes: Routes,
    listener: TcpListener,
    tokens: Tokens,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    serve_with(routes, listener, tokens, None, stop).await
}

/// The same to callers who show a certificate, where there are some.
///
/// # Errors
/// The transport's, when it cannot go on, or when a certificate is of no use.
pub async fn serve_with(
    routes: Routes,
    listener: TcpListener,
    tokens: Tokens,
    tls: Option<Tls>,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let (health, service) = tonic_health::server::health_reporter();
    let routes = routes.add_service(service);
    let ending = stop.clone();
    let announce = async move {
        ending.cancelled().await;
        health
            .set_service_status("", tonic_health::ServingStatus::NotServing)
            .await;
    };
    let incoming = TcpListenerStream::new(listener);
    serve(routes, incoming, tokens, tls, announce).await
}

/// The part that TCP and memory share.
pub(crate) async fn serve<I, IO>(
    routes: Routes,
    incoming: I,
    tokens: Tokens,
    tls: Option<Tls>,
    stop: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error>
where
    I: Stream<Item = std::io::Result<IO>>,
    IO: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
{
    let server = match tls {
        Some(tls) => Server::builder().tls_config(tls.server())?,
        None => Server::builder(),
    };
    server
        .tcp_nodelay(true)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .layer(SpanLayer)
        .layer(CallerLayer::new(tokens))
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, stop)
        .await
}

/// One span a call under the caller's trace; a panic answers `Internal` and ends only its own call.
#[derive(Clone, Copy, Debug)]
struct SpanLayer;

impl<S> Layer<S> for SpanLayer {
    type Service = SpanService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SpanService { inner }
    }
}

#[derive(Clone, Debug)]
struct SpanService<S> {
    inner: S,
}

impl<S> Service<http::Request<Body>> for SpanService<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let span = tracing::info_span!("grpc", rpc.path = %request.uri().path());
        let traceparent = request
            .headers()
            .get("traceparent")
            .and_then(|value| value.to_str().ok());
        if let Some(traceparent) = traceparent {
            telemetry::propagation::set_parent_from(&span, traceparent);
        }
        let call = span.in_scope(|| self.inner.call(request));
        async move {
            match AssertUnwindSafe(call).catch_unwind().await {
                Ok(answer) => answer,
                Err(_) => {
                    tracing::error!("a gRPC handler panicked");
                    Ok(Status::internal("internal error").into_http())
                }
            }
        }
        .instrument(span)
        .boxed()
    }
}
