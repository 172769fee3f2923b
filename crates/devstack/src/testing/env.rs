//! What one test works with.

use std::future::Future;

use super::{names, shared_stack, template};
use crate::Result;

/// A database of its own and prefixes of its own on the shared engines.
///
/// The database is dropped with this value; one left by a crashed test is dropped when the next
/// test process starts.
#[derive(Debug)]
pub struct TestEnv {
    /// The test's database, as superuser.
    pub database_url: String,
    /// Redis; keys start with [`redis_prefix`](Self::redis_prefix).
    pub redis_url: String,
    /// Differs for every test; ends with a colon.
    pub redis_prefix: String,
    /// RabbitMQ; exchanges and queues start with [`amqp_prefix`](Self::amqp_prefix).
    pub amqp_url: String,
    /// Differs for every test; ends with a full stop.
    pub amqp_prefix: String,
    admin_url: String,
    name: String,
}

impl TestEnv {
    /// Clones a database from the template for `fingerprint`. The first caller for a fingerprint,
    /// over all test processes, builds the template: `prepare` gets the URL of an empty database,
    /// as superuser, and migrates it. The fingerprint has to change whenever `prepare` would do
    /// something else (a hash over the migrations, say).
    ///
    /// # Errors
    /// When the engines do not start, `prepare` fails, or the database cannot be made.
    pub async fn new<F, Fut, E>(fingerprint: &str, prepare: F) -> Result<Self>
    where
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: std::fmt::Display,
    {
        let shared = shared_stack().await?;
        let template = template::ensure(&shared.database_url, fingerprint, prepare).await?;
        let name = names::unique();
        template::clone(&shared.database_url, &template, &name).await?;
        Ok(Self {
            database_url: template::with_database(&shared.database_url, &name)?,
            redis_url: shared.redis_url.clone(),
            redis_prefix: format!("{name}:"),
            amqp_url: shared.amqp_url.clone(),
            amqp_prefix: format!("{name}."),
            admin_url: shared.database_url.clone(),
            name,
        })
    }

    /// As [`new`](Self::new) with a database in which nothing has been made.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub async fn empty() -> Result<Self> {
        Self::new("empty", async |_| Ok::<_, std::convert::Infallible>(())).await
    }
}

impl Drop for TestEnv {
    fn drop(&mut self) {
        let admin_url = std::mem::take(&mut self.admin_url);
        let name = std::mem::take(&mut self.name);
        // A runtime of its own: ours may be ending, and cannot be blocked on from within.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime
                && let Err(error) = runtime.block_on(template::drop_one(&admin_url, &name))
            {
                tracing::debug!(%error, "the next test process will drop it");
            }
        });
        let _ = dropping.join();
    }
}
