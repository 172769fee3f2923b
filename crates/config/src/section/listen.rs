//! `[listen]`

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use crate::rule::{PORT, Rule, Rules};

/// Where listeners bind. Port 0 lets the system choose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// The address of every listener.
    pub host: IpAddr,
    /// Port of gateway, http.
    pub gateway_http: u16,
    /// Port of user, http.
    pub user_http: u16,
    /// Port of user, grpc.
    pub user_grpc: u16,
    /// Port of crawler, http.
    pub crawler_http: u16,
    /// Port of crawler, grpc.
    pub crawler_grpc: u16,
    /// Port of core, http.
    pub core_http: u16,
    /// Port of core, grpc.
    pub core_grpc: u16,
    /// Port of worker, http.
    pub worker_http: u16,
    /// Port of worker, grpc.
    pub worker_grpc: u16,
}

pub(crate) const RULES: Rules = &[
    ("host", Rule::Filled),
    ("gateway_http", PORT),
    ("user_http", PORT),
    ("user_grpc", PORT),
    ("crawler_http", PORT),
    ("crawler_grpc", PORT),
    ("core_http", PORT),
    ("core_grpc", PORT),
    ("worker_http", PORT),
    ("worker_grpc", PORT),
];

impl Listen {
    /// The address to bind `port` on.
    pub fn address(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.host, port)
    }
}
