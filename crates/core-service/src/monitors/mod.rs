//! What crawler's monitors found, and what live reads with a tenant's own credential returned.
//!
//! [`grpc`] receives, [`named`] says which listings are meant, [`record`] makes them visible to the tenant and tells of
//! those that are new, [`tracking`] follows them by itself, [`store`] reads and writes sets;
//! [`watched`] tells a sync which of them to look at again.

pub mod grpc;
mod named;
mod record;
mod store;
mod tracking;
mod watched;
