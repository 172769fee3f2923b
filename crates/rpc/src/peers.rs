//! The four services, as seen by one of them.

use std::time::Duration;

use tonic::transport::Endpoint;

use crate::{Channel, Tls};

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
    /// Certificates are configured, but this address would not use them, or the other way round.
    #[error("peer {peer}: {url:?} must begin with https:// if and only if internal.tls_ca is set")]
    Scheme {
        /// Which peer's address it is.
        peer: &'static str,
        /// The address as configured.
        url: String,
    },
    /// A file with a certificate or key cannot be read.
    #[error("{key}: {path}: {cause}")]
    File {
        /// Which setting names it.
        key: &'static str,
        /// The file.
        path: String,
        /// Why not.
        cause: std::io::Error,
    },
    /// A certificate or key is of no use.
    #[error("internal.tls_ca, tls_cert and tls_key: {0}")]
    Certificate(tonic::transport::Error),
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
        Self::over(urls, own_token, None)
    }

    /// The same, showing certificates where there are some.
    ///
    /// # Errors
    /// A malformed address, token or certificate.
    pub fn over(urls: &PeerUrls, own_token: &str, tls: Option<&Tls>) -> Result<Self, RpcError> {
        let connect = |peer: &'static str, url: &str| {
            let endpoint = endpoint(peer, url)?;
            let secure = endpoint.uri().scheme_str() == Some("https");
            let endpoint = match tls {
                Some(tls) if secure => endpoint
                    .tls_config(tls.client())
                    .map_err(RpcError::Certificate)?,
                None if !secure => endpoint,
                _ => {
                    return Err(RpcError::Scheme {
                        peer,
                        url: url.to_owned(),
                    });
                }
            };
            Channel::new(endpoint.connect_lazy(), own_token)
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
