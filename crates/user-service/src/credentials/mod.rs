//! Whether credentials still hold: what other processes ask, hear of and tell.
//!
//! Triggers name in a notification what became untrue, whoever wrote it; [`Feed`] hears that and hands it to this process'
//! authenticator and, over gRPC, to those of the other services.

mod feed;
mod grpc;

pub use feed::Feed;
pub(crate) use grpc::CredentialsGrpc;
