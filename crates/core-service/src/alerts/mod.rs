//! Alerts as the API shows them, and the rules that raise them. They are raised in [`crate::ingest`].

mod handlers;
mod store;
pub mod view;

pub use handlers::routes;
