//! Postgres, as the database-owning services use it.
//!
//! - [`Pools`]: a service's two logins. Request handlers hold [`ApiPool`] only.
//! - [`TenantTx`]: the one way to read or write as a tenant; [`SystemTx`]: work across tenants.
//! - [`outbox`]: events written in the same transaction as the change, and the relay that publishes them.
//! - [`idempotency`]: first answers of creates.
//! - [`tenant_data`]: all that is a tenant's, carried away or erased.
//! - [`audited`]: lines of the audit log, committed with what they tell of.
//!
//! Statements are sea-orm's: entities, or `raw_sql!` where a set or a view is meant. SQL stands in the services'
//! storage modules, never in handlers.

pub mod audited;
mod error;
pub mod idempotency;
pub mod outbox;
mod pools;
mod replica;
pub mod tenant_data;
mod tx;

pub use error::{Failure, violated_constraint};
pub use pools::{ApiPool, Pools, SystemPool};
pub use replica::Replica;
pub use tx::{SystemTx, TenantTx, query_error};
