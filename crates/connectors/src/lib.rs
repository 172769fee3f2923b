//! How each source is read: one folder a source, one registry line adds it.
//!
//! A [`Connector`] says what to ask (`plan`) and what an answer means (`read`), both pure, and does
//! the asking (`crawl`) through `egress`. Web addresses are recognised by `domain::listing_url`.

pub mod amazon;
mod connector;
mod currency;
mod json;
mod outcome;
pub mod popmart;
mod registry;

pub use connector::{Connector, Job, LeaseLost, PlanCx, Planned, Progress, ReadCx, Setup, Target};
pub use egress::Urgency;
pub use outcome::Outcome;
pub use registry::Registry;
