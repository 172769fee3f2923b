//! The database plumbing against a real Postgres and a real RabbitMQ.

mod audited;
mod catalog;
mod idempotency;
mod isolation;
mod outbox;
mod tls;
mod upgrade;

use db::Pools;
use devstack::testing::TestEnv;
use migrations::roles;

use devstack::testing::ROLE_SECRET;

/// A migrated database of its own and core's two pools on it.
struct Database {
    pools: Pools,
    env: TestEnv,
}

async fn database() -> Database {
    let env = migrated().await;
    let url = |login: roles::Login| {
        login
            .url(&env.database_url, ROLE_SECRET)
            .expect("an address")
    };
    let pools = Pools::connect(&url(roles::CATALOG_API), 4, &url(roles::CATALOG_SYSTEM), 4)
        .await
        .expect("both logins");
    Database { pools, env }
}

async fn migrated() -> TestEnv {
    let prepare = async |url: String| {
        migrations::prepare(&migrations::Admin {
            url,
            role_secret: ROLE_SECRET.to_owned(),
        })
        .await
    };
    TestEnv::new(&migrations::fingerprint(), prepare)
        .await
        .expect("engines")
}
