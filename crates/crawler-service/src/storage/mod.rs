//! The SQL of `crawl`, by what it is for. No rule stands here: statements fetch and write sets, `rules` decides.
//!
//! Whoever locks several rows does it in this order, so that nobody waits in a circle: a tenant's standing, tasks, targets
//! by id, monitors, crawls by tenant and id, syncs, what tenants have used by tenant.

pub mod cadences;
pub mod cancel;
pub mod categories;
pub mod claim;
pub mod costs;
pub mod crawls;
pub mod credentials;
pub mod discoveries;
pub mod lease;
pub mod monitors;
pub mod outcomes;
pub mod payers;
pub mod progress;
pub mod quotas;
pub mod rounds;
pub mod schedulers;
pub mod searches;
pub mod sources;
pub mod standings;
pub mod stats;
pub mod stretches;
pub mod sync_crawl;
pub mod sync_end;
pub mod sync_work;
pub mod syncs;
pub mod tenant_data;
pub mod trackings;

use sea_orm::{DbBackend, Statement, Value};

/// A statement with its values. Arrays among them hold no nulls: sets with nullable columns go through sqlx.
fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
