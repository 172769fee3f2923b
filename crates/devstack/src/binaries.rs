//! Where the machine keeps the engines' programs.
//!
//! `scripts/dev/prerequisites.sh` looks in the same places to decide what to install.

use std::path::{Path, PathBuf};

use crate::{Engine, Error, Result};

/// The first `name` on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .chain([PathBuf::from("/usr/bin"), PathBuf::from("/usr/sbin")])
        .map(|dir| dir.join(name))
        .find(|path| path.is_file())
}

/// The directory with `postgres` and `initdb`, of the newest version found.
pub(crate) fn postgres() -> Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    if let Some(dir) = on_path("postgres").and_then(|path| Some(path.parent()?.to_owned()))
        && has_postgres(&dir)
        && let Some(major) = version_of(&dir.join("postgres")).first().copied()
    {
        found.push((major, dir));
    }
    let versioned = subdirectories("/usr/lib/postgresql")
        .chain(subdirectories("/usr").filter(|dir| name_of(dir).starts_with("pgsql-")));
    for dir in versioned {
        let major = name_of(&dir).trim_start_matches("pgsql-").parse().ok();
        if let Some(major) = major
            && has_postgres(&dir.join("bin"))
        {
            found.push((major, dir.join("bin")));
        }
    }
    found
        .into_iter()
        .filter(|(major, _)| *major >= 15)
        // The last of equals: what PATH has may be a link into the versioned directory.
        .max_by_key(|(major, _)| *major)
        .map(|(_, dir)| dir)
        .ok_or(Error::Missing {
            engine: Engine::Postgres,
            program: "postgres",
            minimum: "15",
            package: "postgresql",
            variable: Engine::Postgres.variable(),
        })
}

/// The `redis-server` program.
pub(crate) fn redis() -> Result<PathBuf> {
    on_path("redis-server")
        .filter(|path| version_of(path) >= vec![7])
        .ok_or(Error::Missing {
            engine: Engine::Redis,
            program: "redis-server",
            minimum: "7",
            package: "redis-server",
            variable: Engine::Redis.variable(),
        })
}

/// RabbitMQ's programs.
#[derive(Debug, Clone)]
pub(crate) struct Rabbitmq {
    /// The start script itself, not the distribution's wrapper, which insists on the system user.
    pub server: PathBuf,
    /// Erlang's port mapper.
    pub epmd: PathBuf,
}

/// RabbitMQ's programs, of the newest version found.
pub(crate) fn rabbitmq() -> Result<Rabbitmq> {
    let versioned = ["/usr/lib/rabbitmq/lib", "/usr/local/lib"]
        .into_iter()
        .flat_map(subdirectories)
        .filter_map(|dir| {
            let version = numbers(name_of(&dir).strip_prefix("rabbitmq_server-")?);
            Some((version, dir))
        });
    let unversioned = [(vec![u32::MAX], PathBuf::from("/opt/rabbitmq"))];
    let server = versioned
        .chain(unversioned)
        .map(|(version, dir)| (version, dir.join("sbin/rabbitmq-server")))
        .filter(|(version, server)| *version >= vec![3, 10] && server.is_file())
        .max()
        .map(|(_, server)| server);
    // Some distributions keep epmd only inside the run-time's own directory.
    let epmd = on_path("epmd").or_else(|| {
        let erl = on_path("erl")?.canonicalize().ok()?;
        let beside = erl.parent()?.join("epmd");
        beside.is_file().then_some(beside)
    });
    match (server, epmd) {
        (Some(server), Some(epmd)) if on_path("erl").is_some() => Ok(Rabbitmq { server, epmd }),
        _ => Err(Error::Missing {
            engine: Engine::Rabbitmq,
            program: "rabbitmq-server",
            minimum: "3.10",
            package: "rabbitmq-server",
            variable: Engine::Rabbitmq.variable(),
        }),
    }
}

fn has_postgres(dir: &Path) -> bool {
    dir.join("postgres").is_file() && dir.join("initdb").is_file()
}

fn subdirectories(dir: impl AsRef<Path>) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
}

fn name_of(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

/// The first dotted number that `program --version` prints; empty if it cannot be run.
fn version_of(program: &Path) -> Vec<u32> {
    let Ok(output) = std::process::Command::new(program)
        .arg("--version")
        .output()
    else {
        return Vec::new();
    };
    first_version(&String::from_utf8_lossy(&output.stdout))
}

fn first_version(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(numbers)
        .unwrap_or_default()
}

fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_programs_print() {
        assert_eq!(
            first_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            [15, 18]
        );
        assert_eq!(
            first_version("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"),
            [7, 0, 15]
        );
        assert!(numbers("3.9.13") < vec![3, 10]);
        assert!(numbers("3.10.8") >= vec![3, 10]);
        assert!(numbers("4.0.1") >= vec![3, 10]);
    }
}
