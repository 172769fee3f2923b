//! Credentials over their lives: what ends is refused at once and everywhere, keys rotate, the page has cookies.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod cookies;
mod ended;
mod rotation;
mod running;
mod signing;
