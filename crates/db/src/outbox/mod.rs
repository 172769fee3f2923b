//! Events, written in the transaction that makes them true.
//!
//! [`append`] adds rows; the schema's one [`Relay`] publishes them with confirms and gives each its sequence as it
//! does; [`log`] reads the sequence back, for event streams and `Last-Event-ID`. Sequences are given at publishing,
//! not at insert, so a reader that has seen number n has seen everything below it.

mod append;
pub mod log;
mod relay;

pub use append::{NewEvent, append};
pub use relay::Relay;

/// A schema with an outbox. Its name also names the events' routing keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// user-service's.
    Identity,
    /// crawler-service's.
    Crawl,
    /// core-service's.
    Catalog,
}

impl Schema {
    /// The schema's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Crawl => "crawl",
            Self::Catalog => "catalog",
        }
    }

    /// Notified when rows were appended: wakes the relay.
    pub(crate) fn appended_channel(self) -> String {
        format!("{}_outbox_appended", self.as_str())
    }

    /// Notified when rows got their sequence: wakes readers of the log.
    #[must_use]
    pub fn published_channel(self) -> String {
        format!("{}_outbox_published", self.as_str())
    }
}
