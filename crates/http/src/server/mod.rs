//! Serving: the hardened router on a socket until the process stops.

mod edge;
mod harden;
mod observed;
mod serve;

pub use harden::harden;
pub use serve::{Stopping, serve};
