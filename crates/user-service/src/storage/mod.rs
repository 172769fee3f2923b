//! SQL over schema `identity`, one table (or two that live together) a module. Functions take a transaction and
//! decide nothing: what an absent row means is the caller's business.

pub mod api_keys;
pub mod audit_log;
pub mod erasing;
pub mod exports;
pub mod handoffs;
pub mod housekeeping;
pub mod invitations;
pub mod mail_tokens;
pub mod mails;
pub mod members;
pub mod people;
pub mod plans;
pub mod sessions;
pub mod signing_keys;
pub mod slugs;
pub mod standings;
pub mod tenants;
