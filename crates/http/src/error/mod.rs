//! One error, one table.
//!
//! [`ErrorCode`] decides what a failure means everywhere: HTTP status, gRPC code, what a queue
//! consumer does, metric label and help text. [`ApiError`] adds what this caller may read and what
//! only the log may.

mod api_error;
mod code;

pub use api_error::{ApiError, ApiResult};
pub use code::{ErrorCode, QueueDecision};
