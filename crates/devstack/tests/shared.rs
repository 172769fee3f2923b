//! `./dev` names this file in every build: see `build` in scripts/dev/build.sh before renaming it.
//!
//! What other crates' tests rely on.

use std::sync::atomic::{AtomicU32, Ordering};

use devstack::testing::TestEnv;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};

async fn connect(url: &str) -> DatabaseConnection {
    Database::connect(url).await.expect("the database answers")
}

async fn count(connection: &DatabaseConnection, query: &str) -> i64 {
    let statement = Statement::from_string(DbBackend::Postgres, query);
    connection
        .query_one_raw(statement)
        .await
        .expect("it runs")
        .expect("it has a row")
        .try_get_by_index(0)
        .expect("a number")
}

async fn prepare(url: String) -> Result<(), DbErr> {
    let connection = Database::connect(&url).await?;
    connection
        .execute_unprepared("CREATE TABLE thing (id int); INSERT INTO thing VALUES (1)")
        .await?;
    connection.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_test_has_its_own_copy_of_a_template_that_is_built_once() {
    static BUILT: AtomicU32 = AtomicU32::new(0);
    // New for every run, so that this run is the one that builds it.
    let fingerprint = format!("shared-test {:?}", std::time::SystemTime::now());
    let env = || {
        TestEnv::new(&fingerprint, async |url| {
            BUILT.fetch_add(1, Ordering::SeqCst);
            prepare(url).await
        })
    };
    let (first, second) = futures::future::join(env(), env()).await;
    let (first, second) = (first.expect("one"), second.expect("another"));
    assert_eq!(BUILT.load(Ordering::SeqCst), 1);
    assert_ne!(first.redis_prefix, second.redis_prefix);
    assert_ne!(first.amqp_prefix, second.amqp_prefix);

    let one = connect(&first.database_url).await;
    let other = connect(&second.database_url).await;
    one.execute_unprepared("INSERT INTO thing VALUES (2)")
        .await
        .expect("inserted");
    assert_eq!(count(&one, "SELECT count(*) FROM thing").await, 2);
    assert_eq!(count(&other, "SELECT count(*) FROM thing").await, 1);

    // Dropped although a connection is still open.
    let name = first.amqp_prefix.trim_end_matches('.').to_owned();
    drop(first);
    let query = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(count(&other, &query).await, 0);
}

#[tokio::test]
async fn a_failing_preparation_is_told_and_leaves_no_template() {
    let fingerprint = format!("failing {:?}", std::time::SystemTime::now());
    let failed = TestEnv::new(&fingerprint, async |_| Err("no such column")).await;
    let error = failed.expect_err("prepare failed").to_string();
    assert!(error.contains("no such column"), "{error}");
    // The next one tries again.
    TestEnv::new(&fingerprint, prepare).await.expect("prepared");
}
