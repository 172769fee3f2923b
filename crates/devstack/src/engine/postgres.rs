//! A private Postgres, over TCP on the loopback only (no socket directory at all).

use std::ffi::OsString;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};

use super::{Site, Started, until_ready};
use crate::account::{Account, directory_for};
use crate::error::{DatabaseContext, FileContext};
use crate::process::{Ask, Launch, clean_environment};
use crate::state::{Running, write_private};
use crate::{Engine, Error, Result, Stage, binaries};

/// The superuser and the database that it owns.
const NAME: &str = "bellwether";

/// Passwords are sent as they are, over the loopback, and compared with their SCRAM verifier by
/// the server: the client's half of SCRAM takes tens of milliseconds a connection in unoptimised
/// builds.
const HBA: &str = "host all all 127.0.0.1/32 password\n";

const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "max_wal_size=2GB",
    // Monthly partitions: one statement may lock a table for every month.
    "max_locks_per_transaction=256",
    "timezone=UTC",
    "log_timezone=UTC",
    "cluster_name=bellwether",
];

/// Megabytes of pages that the server keeps: a quarter of the machine, as its manual advises, but no more than a shared
/// machine can spare. Memory is taken only as pages come.
const SHARED_BUFFERS: std::ops::RangeInclusive<u64> = 256..=2048;

const THROWAWAY_SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "checkpoint_timeout=30min",
];

pub(crate) async fn start(site: &Site<'_>, port: u16) -> Result<Started> {
    let engine = Engine::Postgres;
    let programs = binaries::postgres()?;
    site.report(engine, Stage::Preparing);
    let account = Account::unprivileged()?;
    let dir = directory_for(
        account.as_ref(),
        &site.data_dir.join("postgres"),
        &fallback_dir(site.data_dir),
    )?;
    let data = dir.join("data");
    ensure_cluster(site, &programs, &dir, &data, account.as_ref()).await?;

    let log = site.fresh_log("postgres")?;
    let mut args: Vec<OsString> = vec!["-D".into(), data.clone().into(), "-c".into()];
    args.push(format!("port={port}").into());
    let throwaway = (!site.credentials.durable).then_some(THROWAWAY_SETTINGS);
    args.extend(["-c".into(), shared_buffers().into()]);
    for setting in SETTINGS.iter().chain(throwaway.into_iter().flatten()) {
        args.extend(["-c".into(), setting.into()]);
    }
    let (mut child, main) = site.launch(
        Launch {
            program: programs.join("postgres"),
            args,
            env: vec![("HOME", dir.clone().into())],
            dir: &dir,
            log: &log,
            account: account.as_ref(),
        },
        Ask::Int,
    )?;
    let address = format!(
        "postgres://{NAME}:{}@127.0.0.1:{port}",
        site.credentials.postgres
    );
    let running = Running {
        url: format!("{address}/{NAME}"),
        port,
        log,
        main: Some(main),
        helpers: Vec::new(),
    };
    site.ledger.record(engine, running.clone())?;
    site.report(engine, Stage::Starting);
    // Our own database may not exist yet.
    let maintenance = format!("{address}/postgres");
    until_ready(
        engine,
        &maintenance,
        Some(&mut child),
        &running.log,
        site.limit,
    )
    .await?;
    ensure_database(&maintenance).await?;
    Ok(Started {
        running,
        children: vec![child],
    })
}

fn shared_buffers() -> String {
    let machine = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let megabytes = quarter(&machine).unwrap_or(*SHARED_BUFFERS.start());
    format!(
        "shared_buffers={}MB",
        megabytes.clamp(*SHARED_BUFFERS.start(), *SHARED_BUFFERS.end())
    )
}

/// A quarter of the memory that `/proc/meminfo` tells, in megabytes.
fn quarter(meminfo: &str) -> Option<u64> {
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = total.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes / 1024 / 4)
}

pub(crate) async fn probe(url: &str) -> Result<(), String> {
    let ask = async {
        let connection = connect(url).await?;
        let answer = connection.execute_unprepared("SELECT 1").await;
        // The answer is what counts; the server notices a connection that did not close in order.
        let _ = connection.close().await;
        answer
    };
    ask.await.map(|_| ()).map_err(|error| error.to_string())
}

/// One connection, not a pool: advisory locks and CREATE DATABASE want that.
pub(crate) async fn connect(url: &str) -> std::result::Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

/// Where Postgres keeps its data when its user cannot reach the data directory; the name is the
/// same for the same data directory every time.
pub(crate) fn fallback_dir(data_dir: &Path) -> PathBuf {
    let base = [Path::new("/var/tmp"), Path::new("/tmp")];
    let base = base.into_iter().find(|dir| dir.is_dir());
    base.unwrap_or(Path::new("/tmp"))
        .join(format!("bellwether-{}", crate::stable_name(data_dir)))
}

async fn ensure_cluster(
    site: &Site<'_>,
    programs: &Path,
    dir: &Path,
    data: &Path,
    account: Option<&Account>,
) -> Result<()> {
    // A cluster of an earlier data directory at the same path has passwords that nobody knows.
    let owner = dir.join("stack-id");
    let ours = std::fs::read(&owner).is_ok_and(|id| id == site.credentials.id.as_bytes());
    if data.exists() && !(ours && site.credentials.durable) {
        std::fs::remove_dir_all(data).file("remove", data)?;
    }
    if data.exists() {
        return Ok(());
    }
    // Made under another name, so that an interrupted initdb is not taken for a cluster.
    let part = dir.join("data.part");
    if part.exists() {
        std::fs::remove_dir_all(&part).file("remove", &part)?;
    }
    let password = dir.join("password");
    write_private(&password, site.credentials.postgres.as_bytes())?;
    let initdb = programs.join("initdb");
    let mut command = Command::new(&initdb);
    command
        .arg("--pgdata")
        .arg(&part)
        .arg("--pwfile")
        .arg(&password)
        .args(["--username", NAME, "--auth", "scram-sha-256"])
        .args(["--encoding", "UTF8", "--locale", "C.UTF-8"])
        .current_dir(dir)
        .stdin(Stdio::null());
    if !site.credentials.durable {
        command.arg("--no-sync");
    }
    clean_environment(&mut command, [("HOME", dir.into())]);
    if let Some(account) = account {
        chown(&password, Some(account.uid()), Some(account.gid()))
            .file("change the owner of", &password)?;
        account.apply(&mut command);
    }
    let failed = |output| Error::Tool {
        program: initdb.display().to_string(),
        output,
    };
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))?;
    std::fs::remove_file(&password).file("remove", &password)?;
    if !output.status.success() {
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        return Err(failed(text));
    }
    let hba = part.join("pg_hba.conf");
    std::fs::write(&hba, HBA).file("write", &hba)?;
    std::fs::rename(&part, data).file("rename", &part)?;
    std::fs::write(&owner, &site.credentials.id).file("write", &owner)
}

async fn ensure_database(maintenance: &str) -> Result<()> {
    let action = "creating the database bellwether";
    let connection = connect(maintenance).await.doing(action)?;
    let exists = crate::sql::exists(
        &connection,
        "SELECT 1 FROM pg_database WHERE datname = 'bellwether'",
    )
    .await
    .doing(action)?;
    if !exists {
        connection
            .execute_unprepared("CREATE DATABASE bellwether")
            .await
            .doing(action)?;
    }
    connection.close().await.doing(action)
}

#[cfg(test)]
mod tests {
    use super::quarter;

    #[test]
    fn a_quarter_of_the_memory_is_read_from_what_the_kernel_tells() {
        let told = "MemTotal:        8165312 kB\nMemFree:          312 kB\n";
        assert_eq!(quarter(told), Some(1993));
        assert_eq!(quarter("MemFree: 312 kB\n"), None);
        assert_eq!(quarter("MemTotal: much\n"), None);
    }
}
