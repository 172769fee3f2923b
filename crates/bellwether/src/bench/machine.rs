//! What figures were measured on: facts that matter for them, and none that name the machine.

use std::time::Duration;

use anyhow::Context;
use config::Config;
use sea_orm::sqlx::{self, Connection, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// The longest an engine may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// The machine and its engines.
#[derive(Debug)]
pub struct Machine {
    pub processors: usize,
    pub processor: String,
    /// In GiB.
    pub memory: f64,
    pub postgres: String,
    pub redis: String,
    pub rabbitmq: String,
}

impl Machine {
    /// Looks at it; the engines are asked.
    pub async fn look(config: &Config) -> anyhow::Result<Self> {
        let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let (cpu, memory) = (file("/proc/cpuinfo"), file("/proc/meminfo"));
        let kib = field(&memory, "MemTotal").trim_end_matches("kB").trim();
        let mut postgres = PgConnection::connect(config.database.url.expose()).await?;
        let version: String = sqlx::query_scalar("show server_version")
            .fetch_one(&mut postgres)
            .await?;
        Ok(Self {
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            processor: field(&cpu, "model name").to_owned(),
            memory: kib.parse::<f64>().unwrap_or(0.0) / f64::from(1 << 20),
            postgres: first_word(&version),
            redis: told(redis(config))
                .await
                .context("ask Redis for its version")?,
            rabbitmq: told(rabbitmq(config))
                .await
                .context("ask RabbitMQ for its version")?,
        })
    }
}

/// An engine's answer; one that is silent is not waited for.
async fn told(asked: impl Future<Output = anyhow::Result<String>>) -> anyhow::Result<String> {
    tokio::time::timeout(PATIENCE, asked)
        .await
        .context("no answer")?
}

/// The first value of a name in a file of `name : value` lines.
fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let found = fields.find(|(key, _)| key.trim() == name);
    found.map_or("unknown", |(_, value)| value.trim())
}

fn first_word(text: &str) -> String {
    text.split_whitespace()
        .next()
        .unwrap_or("unknown")
        .to_owned()
}

async fn redis(config: &Config) -> anyhow::Result<String> {
    let url = Url::parse(config.redis.url.expose())?;
    let mut connection = connect(&url).await?;
    let asked = match (url.username(), url.password()) {
        (_, None) => String::new(),
        ("", Some(password)) => format!("AUTH {password}\r\n"),
        (user, Some(password)) => format!("AUTH {user} {password}\r\n"),
    };
    let asked = format!("{asked}INFO server\r\nQUIT\r\n");
    connection.write_all(asked.as_bytes()).await?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await?;
    Ok(field(&String::from_utf8_lossy(&answer), "redis_version").to_owned())
}

/// The broker introduces itself in its first frame, version and all.
async fn rabbitmq(config: &Config) -> anyhow::Result<String> {
    let mut connection = connect(&Url::parse(config.amqp.url.expose())?).await?;
    connection.write_all(b"AMQP\0\0\x09\x01").await?;
    let mut head = [0; 7];
    connection.read_exact(&mut head).await?;
    let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]).min(1 << 16);
    let mut frame = vec![0; usize::try_from(size)?];
    connection.read_exact(&mut frame).await?;
    // A field of its table: the name's length, the name, `S`, the text's length, the text.
    let name = b"\x07versionS";
    let place = frame
        .windows(name.len())
        .position(|window| window == name)
        .context("it does not tell")?;
    let rest = &frame[place + name.len()..];
    let (length, text) = rest.split_at_checked(4).context("it does not tell")?;
    let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]);
    let text = text
        .get(..usize::try_from(length)?)
        .context("it does not tell")?;
    Ok(String::from_utf8_lossy(text).into_owned())
}

async fn connect(url: &Url) -> anyhow::Result<TcpStream> {
    let host = url.host_str().context("no host")?;
    let port = url.port().context("no port")?;
    Ok(TcpStream::connect((host, port)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_name() {
        let text = "processor\t: 0\nmodel name\t: A: fast one\nmodel name\t: another\n";
        assert_eq!(field(text, "model name"), "A: fast one");
        assert_eq!(field(text, "flags"), "unknown");
        assert_eq!(first_word("15.8 (Debian 15.8-1)"), "15.8");
    }
}
