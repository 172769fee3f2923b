//! `/api/v1/audit-log`: who did what in the caller's tenant, as a list and as a table.

mod csv;
mod filter;
mod list;
mod table;

pub(super) use list::*;
pub(super) use table::*;
