//! Whole histories in and out, by an operator's hand: what `bellwether history` calls.
//!
//! An import goes through the ingest that crawls use; [`prepare`] says beforehand what it would refuse and makes the
//! listings that nobody ever tracked. [`export`] reads histories page by page, in the columns that an import reads.

mod export;
pub mod grpc;
mod names;
mod prepare;
mod store;
