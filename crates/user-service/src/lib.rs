//! user-service: tenants, people, sessions, API keys, plans; the owner of schema `identity`.
//!
//! The binary and the all-in-one compose the same five pieces: [`wire`], [`router`], [`grpc`], [`consumers`] and
//! [`readiness`]. What a request for a tenant does goes through the `api` login ([`db::TenantTx`]); signing in, key
//! look-up and the relay go through the `system` login, which [`accounts`] and [`identity`] hold and no handler does.

pub mod accounts;
mod api;
mod audit_log;
mod consumers;
mod credentials;
mod error;
mod exports;
mod grpc;
pub mod identity;
pub mod lockout;
pub mod mail;
pub mod operator;
pub mod passwords;
pub mod rules;
pub mod signing_keys;
mod state;
mod storage;
mod team;
pub mod tenants;
pub mod tokens;

pub use api::{openapi, router};
pub use consumers::consumers;
pub use grpc::grpc;
pub use state::{State, readiness, wire};
