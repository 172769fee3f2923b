//! Engines and databases for tests.
//!
//! All test processes of a checkout share one set of throwaway engines in `.dev/test`: the first
//! one starts them, the others find them, and they stay for the next run until
//! `devstack::stop(&devstack::testing::data_dir())` (which `./dev test` and `./dev down` call).
//! [`TestEnv`] gives each test a database, cloned from a template that is migrated once, and
//! prefixes of its own in Redis and RabbitMQ.

mod env;
mod names;
mod template;
mod traces;

use std::path::PathBuf;

use tokio::sync::OnceCell;

pub use env::TestEnv;
pub(crate) use names::PREFIX as NAME_PREFIX;
pub use traces::traces;

use crate::{Options, Result, Stack};

/// What every test derives the database logins' passwords from. Logins belong to the server and not
/// to a test's database: two tests with different passwords would lock each other out.
pub const ROLE_SECRET: &str = "role secret of the tests";

/// Where the engines are reached that all tests share.
#[derive(Debug, Clone)]
pub struct SharedStack {
    /// Postgres, as superuser. Tests use the database of their [`TestEnv`], not this one.
    pub database_url: String,
    /// Redis.
    pub redis_url: String,
    /// RabbitMQ.
    pub amqp_url: String,
}

/// The data directory of the shared engines: `BELLWETHER_TEST_DIR`, or `.dev/test` at the root of
/// this checkout.
#[must_use]
pub fn data_dir() -> PathBuf {
    std::env::var_os("BELLWETHER_TEST_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.dev/test")),
        PathBuf::from,
    )
}

/// The options of the shared engines.
#[must_use]
pub fn options() -> Options {
    Options::from_env(data_dir()).detached().throwaway()
}

/// The shared engines, started if they do not run yet.
///
/// # Errors
/// As [`Stack::start`].
pub async fn shared_stack() -> Result<&'static SharedStack> {
    static SHARED: OnceCell<SharedStack> = OnceCell::const_new();
    SHARED
        .get_or_try_init(|| async {
            let stack = Stack::start(options()).await?;
            let shared = SharedStack {
                database_url: stack.database_url.clone(),
                redis_url: stack.redis_url.clone(),
                amqp_url: stack.amqp_url.clone(),
            };
            template::drop_orphans(&shared.database_url).await?;
            Ok(shared)
        })
        .await
}
