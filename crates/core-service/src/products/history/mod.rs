//! Products' histories as lines: change points a metric, gaps where nobody offered it; and as a table to take along.

mod asked;
pub mod csv;
pub mod export;
pub mod handler;
mod lines;
pub mod looks;
pub mod metric;
pub mod reach;
pub mod select;
mod store;
