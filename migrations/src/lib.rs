//! The database's shape: schemas, roles, policies, partitions.
//!
//! [`prepare`] brings a database from nothing, or from any earlier version, to the newest: first the one locked
//! provisioning step makes the roles ([`roles`]), then the migrations run as the owner role, which no process
//! can sign in as. The SQL stands in `migrations/sql/`, one file a step; steps are only ever added.

pub mod provision;
pub mod roles;
mod steps;

pub use provision::{Admin, prepare, prepare_to};
pub use steps::fingerprint;
