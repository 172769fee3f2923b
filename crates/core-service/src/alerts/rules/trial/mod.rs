//! Trying a rule on what was seen.

mod effort;
mod enough;
mod handler;
mod store;
mod view;

pub use handler::{__path_test_alert_rule, test_alert_rule};
