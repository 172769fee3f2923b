//! Archives of all that a tenant has, built in the background.
//!
//! An export is a row with a lease. Whoever holds it reads what is told of the tenant here, by crawler and by core, file
//! after file, and writes a zip archive as it reads, of which never more than a piece is in memory. Pieces are sealed and
//! kept in the database, so that any process hands them out. A builder that dies leaves a lease that ends; the export is
//! then built anew.

mod archive;
mod build;
mod own;

pub(crate) use build::Builder;

use uuid::Uuid;

/// Binds a piece to its place in its archive.
pub(crate) fn context(tenant_id: Uuid, export_id: Uuid, place: i32) -> String {
    format!("export:{tenant_id}:{export_id}:{place}")
}
