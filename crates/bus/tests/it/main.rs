//! Against a real broker.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
mod apart;
mod broker;
mod support;
mod tls;
