//! gRPC between our own processes: who calls, how, and with which limits.
//!
//! Generated clients and servers come from `contracts`; this crate supplies what all of them share:
//!
//! - [`Peers`]: one lazily connected [`Channel`] a service, over TCP or in memory;
//! - [`server`] and [`local`]: serving the same `tonic::service::Routes` either way;
//! - [`auth`]: service tokens, so that a handler can ask which service is calling;
//! - [`Tls`]: certificates on both sides, where calls leave the machine;
//! - [`sized!`]: the one message limit, applied to a generated client or server.

pub mod auth;
mod channel;
pub mod local;
mod peers;
pub mod server;
mod status;
mod tls;

pub use auth::{Caller, Tokens};
pub use channel::Channel;
pub use peers::{PeerUrls, Peers, RpcError};
pub use status::is_transient;
pub use tls::Tls;

use std::time::Duration;

/// Largest message either side sends or accepts, in bytes (16 MiB).
pub const MESSAGE_LIMIT: usize = 16 * 1024 * 1024;

/// Deadline of a call that sets none of its own.
///
/// A caller who needs another one sets it on its request: `request.set_timeout(..)`.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

/// Applies [`MESSAGE_LIMIT`] to a generated client or server.
///
/// ```text
/// let mut catalog = rpc::sized!(IngestClient::new(peers.core.clone()));
/// let routes = Routes::new(rpc::sized!(IngestServer::new(handler)));
/// ```
#[macro_export]
macro_rules! sized {
    ($endpoint:expr) => {
        $endpoint
            .max_decoding_message_size($crate::MESSAGE_LIMIT)
            .max_encoding_message_size($crate::MESSAGE_LIMIT)
    };
}
