//! What each kind of process cannot do without.

use crate::{Config, Problem, Secret};

/// The kinds of process that read a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessKind {
    /// All four services in one process.
    All,
    /// user-service.
    User,
    /// core-service.
    Core,
    /// crawler-service.
    Crawler,
    /// The worker, which has no database login.
    Worker,
    /// The operator's command line over a running installation.
    Operator,
    /// Migrations and provisioning.
    Migrate,
}

type Need = (&'static str, &'static str, fn(&Config) -> &Secret);

const DATABASE: Need = (
    "database.url",
    "postgres://user:password@host/database, or DATABASE_URL",
    |c| &c.database.url,
);
const ROLES: Need = (
    "database.role_secret",
    "a random text of 16 characters or more",
    |c| &c.database.role_secret,
);
const REDIS: Need = ("redis.url", "redis://host:6379, or REDIS_URL", |c| {
    &c.redis.url
});
const AMQP: Need = (
    "amqp.url",
    "amqp://user:password@host:5672, or AMQP_URL",
    |c| &c.amqp.url,
);
const MASTER: Need = (
    "secrets.master_key",
    "32 random bytes in base64: openssl rand -base64 32",
    |c| &c.secrets.master_key,
);
const USER: Need = ("internal.user_token", TOKEN, |c| &c.internal.user_token);
const CORE: Need = ("internal.core_token", TOKEN, |c| &c.internal.core_token);
const CRAWLER: Need = ("internal.crawler_token", TOKEN, |c| {
    &c.internal.crawler_token
});
const WORKER: Need = ("internal.worker_token", TOKEN, |c| &c.internal.worker_token);
const OPERATOR: Need = ("internal.operator_token", TOKEN, |c| {
    &c.internal.operator_token
});
const TOKEN: &str = "a random text of 16 characters or more";

impl ProcessKind {
    fn needs(self) -> &'static [Need] {
        match self {
            Self::All | Self::User | Self::Core | Self::Crawler => &[
                DATABASE, ROLES, REDIS, AMQP, MASTER, USER, CORE, CRAWLER, WORKER, OPERATOR,
            ],
            // Its own token and those of who may call it.
            Self::Worker => &[REDIS, AMQP, CORE, CRAWLER, WORKER],
            Self::Operator => &[AMQP, OPERATOR],
            Self::Migrate => &[DATABASE, ROLES],
        }
    }
}

/// The keys that `kind` needs and `config` lacks.
pub(crate) fn missing(config: &Config, kind: ProcessKind) -> Vec<Problem> {
    let lacking = kind
        .needs()
        .iter()
        .filter(|(_, _, value)| !value(config).is_set());
    lacking
        .map(|(key, wanted, _)| {
            let variable = key.to_uppercase().replace('.', "__");
            Problem::new(
                *key,
                format!("is not set; set BELLWETHER_{variable} to {wanted}"),
            )
        })
        .collect()
}
