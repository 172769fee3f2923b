//! Why a request brought no answer.

use std::error::Error as _;

/// A failed request. Texts name hosts, never whole URLs: those may carry credentials.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The address is not one we may reach, or not one at all.
    #[error("refused to contact {host}: {why}")]
    Blocked {
        /// The host as named.
        host: String,
        /// The rule it breaks.
        why: &'static str,
    },
    /// No whole answer in time.
    #[error("no answer from {host} in time")]
    Timeout {
        /// The host asked.
        host: String,
    },
    /// The name does not resolve, nobody listens, or TLS failed.
    #[error("cannot connect to {host}")]
    Connect {
        /// The host asked.
        host: String,
        /// What the transport says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The body is larger than allowed.
    #[error("the answer of {host} is larger than {limit} bytes")]
    TooLarge {
        /// The host asked.
        host: String,
        /// The limit, in decompressed bytes.
        limit: usize,
    },
    /// The connection broke, or the body is not what its encoding says.
    #[error("the answer of {host} broke off or is garbled")]
    Body {
        /// The host asked.
        host: String,
        /// What the transport says.
        #[source]
        source: reqwest::Error,
    },
    /// The request itself is impossible, such as a header with a line break.
    #[error("the request cannot be sent: {0}")]
    Request(String),
}

impl EgressError {
    /// A stable word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Blocked { .. } => "blocked_address",
            Self::Timeout { .. } => "timeout",
            Self::Connect { .. } => "connect",
            Self::TooLarge { .. } => "too_large",
            Self::Body { .. } => "body",
            Self::Request(_) => "request",
        }
    }

    /// Sorts a transport error.
    pub(crate) fn of(host: &str, error: reqwest::Error) -> Self {
        // The URL may hold a token in its query.
        let error = error.without_url();
        let host = host.to_owned();
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(refusal) = inner.downcast_ref::<crate::resolver::Refusal>() {
                return Self::Blocked {
                    host,
                    why: refusal.0,
                };
            }
            cause = inner.source();
        }
        if error.is_timeout() {
            Self::Timeout { host }
        } else if error.is_connect() {
            Self::Connect {
                host,
                source: error.into(),
            }
        } else if error.is_builder() {
            Self::Request(error.to_string())
        } else {
            Self::Body {
                host,
                source: error,
            }
        }
    }
}
