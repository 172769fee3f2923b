//! From observations to history, state, alerts and events.
//!
//! [`grpc`] receives, [`Coalescer`] collects what arrives close together, [`batch`] stores one such batch in one
//! transaction and a handful of statements whatever its size. What a batch does to a listing is decided by
//! `domain` and [`plan`], in memory; `store` reads and writes sets and knows no rule.

mod alerts;
mod apart;
mod batch;
mod coalescer;
mod content;
mod decide;
mod events;
pub mod grpc;
mod incoming;
mod known;
mod months;
mod plan;
mod recalled;
mod store;
mod telling;

pub(crate) use alerts::Loaded as Replayed;
pub use batch::{Batch, Ingest, Outcome};
pub use coalescer::{Coalescer, Limits, NotStored};
pub(crate) use incoming::read;
pub use incoming::{Incoming, ListingName, Origin, names};
pub use known::KnownNames;
pub use months::Months;
pub(crate) use store::alerts as shown;
pub(crate) use store::anchors;
pub use store::history::NEIGHBOURHOODS;
pub(crate) use store::names::resolve;

/// The statements that rules cost a batch, for a test of their plans.
pub mod statements {
    pub use super::store::looks::{ANCHORS, LOOKS};
    pub use super::store::rules::{RULES, TRACKINGS};
}
