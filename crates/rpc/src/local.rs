//! The same gRPC inside one process, over pipes in memory.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::{Ready, ready};
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::{StreamExt, wrappers::UnboundedReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Endpoint;
use tower::Service;

use crate::auth::Tokens;
use crate::{Channel, Peers, RpcError};

/// Bytes one direction of a pipe holds before the writer waits.
const PIPE_BYTES: usize = 256 * 1024;

/// Where a service hears of new connections. Hand it to [`serve`].
#[derive(Debug)]
pub struct Incoming(mpsc::UnboundedReceiver<DuplexStream>);

/// Opens connections to the service that holds the matching [`Incoming`].
#[derive(Clone, Debug)]
pub struct Connector(mpsc::UnboundedSender<DuplexStream>);

/// A connector and the end that serves it.
pub fn pair() -> (Connector, Incoming) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Connector(sender), Incoming(receiver))
}

impl Connector {
    /// A channel that presents `own_token`. Must run inside a Tokio runtime.
    ///
    /// # Errors
    /// A token that cannot travel in a header.
    pub fn channel(&self, own_token: &str) -> Result<Channel, RpcError> {
        let endpoint = Endpoint::from_static("http://in-memory");
        Channel::new(
            endpoint.connect_with_connector_lazy(self.clone()),
            own_token,
        )
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<DuplexStream>;
    type Error = std::io::Error;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        let gone = |_| std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        ready(self.0.send(far).map(|()| TokioIo::new(near)).map_err(gone))
    }
}

/// Serves `routes` to the in-memory callers until `stop`.
///
/// In one process the callers are what drains, so give it the *hard* stop and do not wait for it:
/// the work in flight still needs to report.
///
/// # Errors
/// The transport's, when it cannot go on.
pub async fn serve(
    routes: Routes,
    incoming: Incoming,
    tokens: Tokens,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let incoming = UnboundedReceiverStream::new(incoming.0).map(Ok);
    crate::server::serve(routes, incoming, tokens, None, stop.cancelled_owned()).await
}

/// The four services of the all-in-one process, each reachable from each.
#[derive(Clone, Debug)]
pub struct Network(Arc<[Connector; 4]>);

/// The serving ends of a [`Network`].
#[derive(Debug)]
pub struct Incomings {
    /// For user-service.
    pub user: Incoming,
    /// For core-service.
    pub core: Incoming,
    /// For crawler-service.
    pub crawler: Incoming,
    /// For worker.
    pub worker: Incoming,
}

impl Network {
    /// A network and its four serving ends. Calls made before an end is served wait for it.
    pub fn new() -> (Self, Incomings) {
        let (user, user_end) = pair();
        let (core, core_end) = pair();
        let (crawler, crawler_end) = pair();
        let (worker, worker_end) = pair();
        let ends = Incomings {
            user: user_end,
            core: core_end,
            crawler: crawler_end,
            worker: worker_end,
        };
        (Self(Arc::new([user, core, crawler, worker])), ends)
    }

    /// The peers as the holder of `own_token` sees them.
    ///
    /// # Errors
    /// A token that cannot travel in a header.
    pub fn peers(&self, own_token: &str) -> Result<Peers, RpcError> {
        let [user, core, crawler, worker] = &*self.0;
        Ok(Peers {
            user: user.channel(own_token)?,
            core: core.channel(own_token)?,
            crawler: crawler.channel(own_token)?,
            worker: worker.channel(own_token)?,
        })
    }
}
