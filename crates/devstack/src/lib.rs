//! Private Postgres, Redis and RabbitMQ on loopback ports, for `./dev up` and for tests.
//!
//! [`Stack::start`] uses `DATABASE_URL`, `REDIS_URL` and `AMQP_URL` where they are set and starts
//! the machine's own programs for the rest, each with its own port, data, configuration and log in
//! one data directory. An instance of the system is never touched: nothing of ours reads its
//! configuration, uses its port or its data.
//!
//! What runs is written to `engines.json` in the data directory before it is waited for. A process
//! is recognised by id, start time and boot, so a later process can reuse or [`stop`] what an
//! earlier one left running, and never ends a stranger. [`testing`] shares one set of engines
//! between all test processes and gives each test a database of its own.

mod account;
mod binaries;
mod engine;
mod error;
mod guard;
mod options;
mod ports;
mod process;
mod sql;
mod stack;
mod state;
pub mod testing;

pub use error::{Error, Result};
pub use options::{Engine, Lifetime, Options, Progress, Stage};
pub use ports::free_port;
pub use stack::{Found, Stack, crash, reset, running, stop};

/// A short name that is the same for the same path every time, and another for another path.
fn stable_name(path: &std::path::Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    fnv1a(path.as_os_str().as_bytes())
}

/// FNV-1a: stable over versions of the compiler, which the standard library's hasher is not.
fn fnv1a(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
