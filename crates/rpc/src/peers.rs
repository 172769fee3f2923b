//! The four services, as seen by one of them.

use std::time::Duration;

use tonic::transport::Endpoint;

use crate::Channel;

/// Why a set of peers could not be built. Reaching a peer is tried later, at the first call.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// An address is not a URL gRPC can use.
    #[error("peer {peer}: {url:?} is not an http:// or https:// URL")]
    Url {
        /// Which peer's address it is.
        peer: &'static str,
        /// The address as configured.
        url: String,
    },
    /// The own token holds characters that a header cannot carry.
    #[error("the service token must be visible ASCII")]
    Token,
}

/// Addresses of the gRPC endpoints, such as `http://127.0.0.1:9001`.
#[derive(Clone, Debug)]
pub struct PeerUrls {
    /// user-service.
    pub user: String,
    /// core-service.
    pub core: String,
    /// crawler-service.
    pub crawler: String,
    /// worker.
    pub worker: String,
}

/// One [`Channel`] to each service, all carrying the same caller's token.
#[derive(Clone, Debug)]
pub struct Peers {
    /// user-service: Identity.
    pub user: Channel,
    /// core-service: Ingest, Catalog.
    pub core: Channel,
    /// crawler-service: Crawl.
    pub crawler: Channel,
    /// worker: Fetch.
    pub worker: Channel,
}

impl Peers {
    /// Peers in other processes. Must run inside a Tokio runtime; connects nothing yet.
    ///
    /// # Errors
    /// A malformed address or token.
    pub fn over_tcp(urls: &PeerUrls, own_token: &str) -> Result<Self, RpcError> {
        let connect = |peer: &'static str, url: &str| {
            Channel::new(endpoint(peer, url)?.connect_lazy(), own_token)
        };
        Ok(Self {
            user: connect("user", &urls.user)?,
            core: connect("core", &urls.core)?,
            crawler: connect("crawler", &urls.crawler)?,
            worker: connect("worker", &urls.worker)?,
        })
    }
}

fn endpoint(peer: &'static str, url: &str) -> Result<Endpoint, RpcError> {
    let wrong = || RpcError::Url {
        peer,
        url: url.to_owned(),
    };
    let uri: http::Uri = url.parse().map_err(|_| wrong())?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.authority().is_none() {
        return Err(wrong());
    }
    Ok(Endpoint::from(uri)
        .connect_timeout(Duration::from_secs(3))
        // Notice a peer that vanished without closing, also between calls.
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true)
        .tcp_nodelay(true))
}

impl From<&config::Peers> for PeerUrls {
    fn from(section: &config::Peers) -> Self {
        Self {
            user: section.user.clone(),
            core: section.core.clone(),
            crawler: section.crawler.clone(),
            worker: section.worker.clone(),
        }
    }
}
