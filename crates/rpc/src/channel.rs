//! The client side every generated client is built on.

use std::task::{Context, Poll};

use http::HeaderValue;
use http::header::AUTHORIZATION;
use tonic::body::Body;
use tonic::transport::channel::ResponseFuture;
use tower::Service;

use crate::{DEFAULT_DEADLINE, RpcError};

/// A connection to one service, cheap to clone.
///
/// It connects on first use and again by itself after the peer restarted: a call in between fails
/// with `Unavailable`, the next one tries anew. Every call carries the caller's service token, the
/// current trace and, unless it sets its own, [`DEFAULT_DEADLINE`].
#[derive(Clone, Debug)]
pub struct Channel {
    inner: tonic::transport::Channel,
    authorization: HeaderValue,
    deadline: HeaderValue,
}

impl Channel {
    /// Wraps a transport with the caller's own token.
    ///
    /// # Errors
    /// A token that cannot travel in a header.
    pub(crate) fn new(inner: tonic::transport::Channel, own_token: &str) -> Result<Self, RpcError> {
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {own_token}")).map_err(|_| RpcError::Token)?;
        authorization.set_sensitive(true);
        let deadline = HeaderValue::try_from(format!("{}m", DEFAULT_DEADLINE.as_millis()))
            .map_err(|_| RpcError::Token)?;
        Ok(Self {
            inner,
            authorization,
            deadline,
        })
    }
}

impl Service<http::Request<Body>> for Channel {
    type Response = http::Response<Body>;
    type Error = tonic::transport::Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers
            .entry("grpc-timeout")
            .or_insert_with(|| self.deadline.clone());
        telemetry::propagation::inject_http(headers);
        self.inner.call(request)
    }
}
