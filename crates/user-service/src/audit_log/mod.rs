//! The audit log: hearing what services tell, and keeping it as long as the configuration says.

pub(crate) mod grpc;
mod heard;
mod keeping;

pub(crate) use heard::{SERVICE, handle};
pub(crate) use keeping::{ensure, keep};
