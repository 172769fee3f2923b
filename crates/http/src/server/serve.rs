//! A router on a socket.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::{Extension, Router};
use futures::{Stream, StreamExt as _};
use lifecycle::Lifecycle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Tells handlers that the process is stopping, so that endless answers end. An `Extension` of
/// every request that [`serve`] takes.
#[derive(Debug, Clone)]
pub struct Stopping(CancellationToken);

impl Stopping {
    /// Begins when `token` is cancelled.
    pub const fn new(token: CancellationToken) -> Self {
        Self(token)
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until it begins.
    pub async fn begun(&self) {
        self.0.cancelled().await;
    }

    /// `stream` until then: event streams end with it and clients connect elsewhere.
    pub fn end<S: Stream>(&self, stream: S) -> impl Stream<Item = S::Item> + use<S> {
        stream.take_until(self.0.clone().cancelled_owned())
    }
}

/// Serves `router` on `listener` until the soft stop, then finishes what is under way.
///
/// # Errors
/// The listener broke.
pub async fn serve(listener: TcpListener, router: Router, life: &Lifecycle) -> anyhow::Result<()> {
    let soft = life.soft();
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    tracing::info!(%address, "serving HTTP");
    let service = router
        .layer(Extension(Stopping::new(soft.clone())))
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(soft.cancelled_owned())
        .await
        .context("serving HTTP")
}
