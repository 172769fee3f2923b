//! Private engines from start to stop, on whatever this machine has installed.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use devstack::{Engine, Options, Stack};
use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Connection, ConnectionProperties};

fn options(dir: &Path) -> Options {
    Options::private(dir).throwaway()
}

/// Processes whose command line names the directory: engines carry it in theirs.
fn processes_of(dir: &Path) -> BTreeSet<String> {
    let needle = dir.to_str().expect("UTF-8").as_bytes();
    std::fs::read_dir("/proc")
        .expect("Linux")
        .flatten()
        .filter(|entry| {
            ["cmdline", "environ"].iter().any(|file| {
                std::fs::read(entry.path().join(file))
                    .is_ok_and(|text| text.windows(needle.len()).any(|window| window == needle))
            })
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| *name != std::process::id().to_string())
        .collect()
}

fn owner_of(pid: i32) -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(format!("/proc/{pid}"))
        .expect("it runs")
        .uid()
}

async fn quorum_queue_confirms(url: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .expect("RabbitMQ answers");
    let channel = connection.create_channel().await.expect("a channel");
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .expect("confirms");
    let mut arguments = FieldTable::default();
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    let durable = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare("probe".into(), durable, arguments)
        .await
        .expect("a quorum queue");
    let confirmation = channel
        .basic_publish(
            "".into(),
            "probe".into(),
            BasicPublishOptions::default(),
            b"hello",
            BasicProperties::default(),
        )
        .await
        .expect("published")
        .await
        .expect("answered");
    assert!(confirmation.is_ack());
    channel
        .queue_delete("probe".into(), QueueDeleteOptions::default())
        .await
        .expect("deleted");
    connection.close(200, "".into()).await.expect("closed");
}

async fn execute(url: &str, statement: &str) {
    use sea_orm::ConnectionTrait;
    let connection = sea_orm::Database::connect(url)
        .await
        .expect("Postgres answers");
    connection
        .execute_unprepared(statement)
        .await
        .expect("it runs");
    connection.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engines_start_are_found_again_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let stack = Stack::start(options(dir.path()).detached())
        .await
        .expect("the engines start");

    execute(&stack.database_url, "SELECT 1").await;
    quorum_queue_confirms(&stack.amqp_url).await;
    let found = devstack::running(dir.path()).expect("the state is readable");
    assert_eq!(found.len(), 3);
    for engine in &found {
        if engine.engine == Engine::Postgres {
            assert_ne!(owner_of(engine.pid), 0, "Postgres must not run as root");
        }
    }

    // A second start finds them, and its end leaves them alone.
    let again = Stack::start(options(dir.path()))
        .await
        .expect("they are found");
    assert_eq!(again.database_url, stack.database_url);
    assert_eq!(again.amqp_url, stack.amqp_url);
    again.stop().await;
    drop(stack);
    assert_eq!(devstack::running(dir.path()).expect("readable"), found);

    let stopped = devstack::stop(dir.path()).await.expect("they stop");
    assert_eq!(stopped, Engine::ALL);
    for engine in found {
        until_ended(engine.pid).await;
    }
    assert!(devstack::running(dir.path()).expect("readable").is_empty());
    until_gone(dir.path()).await;

    devstack::reset(dir.path())
        .await
        .expect("the data is deleted");
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .expect("readable")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["engines.lock"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_missing_is_started() {
    let dir = tempfile::tempdir().expect("a directory");
    let given = Stack::start(Options {
        // Stands for a system instance; nothing listens there and nothing may be started for it.
        redis_url: Some("redis://127.0.0.1:1/0".to_owned()),
        amqp_url: Some("amqp://127.0.0.1:1".to_owned()),
        start_limit: Duration::from_secs(1),
        ..options(dir.path())
    })
    .await;
    let error = given
        .expect_err("a given engine that is not there is an error")
        .to_string();
    assert!(error.contains("Redis did not answer"), "{error}");
    assert!(devstack::running(dir.path()).expect("readable").is_empty());
    until_gone(dir.path()).await;
    devstack::reset(dir.path()).await.expect("deleted");
}

/// A Ctrl-C handler cannot help against this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreground_engines_end_with_their_process_however_it_ends() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut owner = std::process::Command::new(env!("CARGO_BIN_EXE_devstack"))
        .arg("run")
        .arg(dir.path())
        // Any of the three shows it, and Redis starts at once.
        .env("DATABASE_URL", "postgres://127.0.0.1:1/none")
        .env_remove("REDIS_URL")
        .env("AMQP_URL", "amqp://127.0.0.1:1")
        .spawn()
        .expect("devstack runs");
    let deadline = Instant::now() + Duration::from_secs(10);
    let redis = loop {
        if let Some(found) = devstack::running(dir.path()).expect("readable").first() {
            break found.pid;
        }
        assert!(Instant::now() < deadline, "Redis did not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    owner.kill().expect("it ran");
    owner.wait().expect("it ended");
    until_ended(redis).await;
    until_gone(dir.path()).await;
    devstack::reset(dir.path()).await.expect("deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_survives_a_stop_and_the_addresses_stay() {
    let closed = tempfile::tempdir().expect("a directory");
    // Like root's home directory: the user that Postgres then runs as cannot enter it.
    std::fs::set_permissions(closed.path(), Permissions::from_mode(0o700)).expect("ours");
    let dir = closed.path().join("dev");
    let first = Stack::start(Options::private(&dir))
        .await
        .expect("the engines start");
    let url = first.database_url.clone();
    execute(&url, "CREATE TABLE kept (id int)").await;
    first.stop().await;
    let second = Stack::start(Options::private(&dir))
        .await
        .expect("they start again");
    assert_eq!(second.database_url, url);
    execute(&url, "INSERT INTO kept VALUES (1)").await;
    quorum_queue_confirms(&second.amqp_url).await;
    second.stop().await;
    devstack::reset(&dir).await.expect("deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_survives_a_crash_of_each_engine() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = Stack::start(Options::private(dir.path()))
        .await
        .expect("the engines start");
    execute(&first.database_url, "CREATE TABLE kept (id int)").await;
    for engine in Engine::ALL {
        assert!(devstack::crash(dir.path(), engine).await.expect("killed"));
        assert!(!devstack::crash(dir.path(), engine).await.expect("looked"));
    }
    assert!(devstack::running(dir.path()).expect("readable").is_empty());
    let again = Stack::start(Options::private(dir.path()))
        .await
        .expect("they start again");
    assert_eq!(again.database_url, first.database_url);
    assert_eq!(again.redis_url, first.redis_url);
    assert_eq!(again.amqp_url, first.amqp_url);
    execute(&again.database_url, "INSERT INTO kept VALUES (1)").await;
    quorum_queue_confirms(&again.amqp_url).await;
    again.stop().await;
    first.stop().await;
    devstack::reset(dir.path()).await.expect("deleted");
}

/// A zombie has ended: whoever started it has not asked how, that is all.
async fn until_ended(pid: i32) {
    let runs = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    while runs() {
        assert!(Instant::now() < deadline, "process {pid} still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Children of an engine end a moment after it.
async fn until_gone(dir: &Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left = processes_of(dir);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "still running: {left:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
