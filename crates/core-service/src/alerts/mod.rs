//! Alerts as the API shows them, and the rules that raise them. Rules' are raised in [`crate::ingest`], monitors'
//! in [`crate::monitors`], sources' in [`sources`].

mod handlers;
pub mod sources;
mod store;
pub mod view;

pub use handlers::routes;
