//! What is a tenant's in the catalogue: carried away, and erased.

mod erase;
mod export;
pub mod grpc;
mod history;
mod store;

pub use erase::{Erased, erase, erase_part};
pub use export::export;
