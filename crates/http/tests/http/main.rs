//! The kit through a real router: every kind of bad input, callers, replays, serving.

mod audit;
mod auth;
mod bad_input;
mod cookies;
mod ended;
mod idempotency;
mod identity;
mod limits;
mod openapi;
mod serving;
mod support;
