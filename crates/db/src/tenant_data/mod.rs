//! All that is a tenant's in a schema: carried away, and erased.
//!
//! Both go by the catalog of the database and not by a list of tables, so that a table made later is among them: what has
//! a `tenant_id` is a tenant's.

mod erase;
mod parts;
mod rows;

pub use erase::erase_rows;
pub use parts::{Parts, told};
pub use rows::{Relation, relations, tell_rows};
