//! RabbitMQ, as the rest of the project uses it.
//!
//! - [`Bus`] keeps one connection and opens it again for ever; topology is declared each time.
//! - [`Publisher`] sends batches with confirms.
//! - [`Bus::consume`] runs a handler per message and acknowledges after it.
//! - [`admin`] is what an operator does by hand: counts, dead letters, replays.
//! - [`topology`] is the only place that knows queue and exchange names.
//!
//! Nothing is nack-requeued in the normal course: what cannot be done now waits as a row in a
//! database, or in hand while that database is away; what can never be done is parked in the
//! dead-letter queue with its reason.

pub mod admin;
mod backoff;
mod connection;
mod consumer;
mod message;
mod publisher;
pub mod topology;

pub use connection::{Bus, BusError};
pub use consumer::{Decision, Intake};
pub use message::{Incoming, Outgoing};
pub use publisher::{PublishError, Publisher};
pub use topology::{Priority, Topology};
