//! How each source is read: one folder a source, one registry line adds it.
//!
//! A source's folder holds what can be said of it without asking ([`About`]: names, addresses,
//! abilities, settings), its requests and what answers mean, both pure, and a [`Connector`] that
//! does the asking through the one [`Executor`], which keeps the manners.

pub mod about;
pub mod alibaba1688;
pub mod amazon;
#[cfg(test)]
mod conformance;
mod connector;
mod credential;
mod currency;
mod executor;
pub mod haier;
mod json;
pub mod listing_url;
pub mod live;
mod outcome;
mod plain_text;
pub mod popmart;
pub mod preview;
pub mod registry;
mod settings;
pub mod web;

pub use about::{Ability, About, Building, CredentialField, Field, MonitorKind, Ownership, Preset};
pub use connector::{
    Connector, Cost, Hits, Job, LeaseLost, MEMO_LIMIT, Progress, ReadCx, Reader, Search, Setup,
    Target, Work,
};
pub use credential::Credential;
pub use egress::Urgency;
pub use executor::{Breaker, Call, Executor, ScopeState, by_status};
pub use outcome::Outcome;
pub use registry::{Registry, about, sources};
