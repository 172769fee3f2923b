//! The one way out of the project: every request to the outside world goes through here.
//!
//! [`Egress`] refuses private addresses after name resolution, never follows a redirect unasked,
//! keeps no cookies, and bounds time and size. [`Politeness`] decides when a source may be asked, and
//! [`SharedLimits`] makes all processes decide it together.

mod address;
mod client;
mod error;
mod politeness;
mod request;
mod resolver;
mod response;
mod shared;
mod standing;
mod target;

pub use address::is_public;
pub use client::{Egress, Limits};
pub use error::EgressError;
pub use politeness::{Manner, Paused, Politeness, Rest, Turn, Urgency, Why};
pub use request::Request;
pub use response::Response;
pub use shared::{SharedLimits, Sharing, UnusableRedis};
pub use standing::{Rules, Verdict};
pub use target::web_address;
