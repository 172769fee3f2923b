//! A product's numbers that people decide by.

mod figures;
pub mod handler;
pub mod store;
mod view;
