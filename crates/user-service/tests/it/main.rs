//! user-service against real Postgres, Redis and RabbitMQ: tenants, people, keys, tokens, plans and their log.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod account;
mod audit;
mod common;
mod credentials;
mod isolation;
mod keys;
mod leaving;
mod lockout;
mod mail;
mod members;
mod passwords;
mod process;
mod sign_in;
mod standing;
mod tenant;
mod usage;
