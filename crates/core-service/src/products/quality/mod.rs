//! The ledger of a product's data: when each figure was last really seen, what is set apart, what was refused.

pub mod handler;
mod store;
mod view;
