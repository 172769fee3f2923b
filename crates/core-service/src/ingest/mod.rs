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
mod months;
mod plan;
mod store;
mod telling;

pub use batch::{Batch, Ingest, Outcome};
pub use coalescer::{Coalescer, Limits, NotStored};
pub use incoming::{Incoming, ListingName, Origin, names};
pub use months::Months;
pub use store::history::NEIGHBOURHOODS;
pub(crate) use store::names::resolve;
