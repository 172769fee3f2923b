//! Against a real broker.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
mod broker;
mod support;
