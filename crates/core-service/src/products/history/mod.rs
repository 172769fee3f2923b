//! A product's history as lines: change points a metric, gaps where nobody offered it.

pub mod handler;
mod lines;
mod metric;
mod store;
mod thin;
