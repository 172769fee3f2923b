//! Crawls: reading, watching and steering them.

mod filter;
mod holds;
mod read;
mod steer;
mod stream;

pub(crate) use holds::holds;
// With what utoipa makes of them.
pub(super) use read::*;
pub(super) use steer::*;
pub(super) use stream::*;
