//! The configuration file of a development installation, written anew at every start.

use std::path::PathBuf;

use toml::{Table, Value};

use super::settings::{Home, Secrets, write_private};

/// The addresses of one start.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Owner's address of the database.
    pub database_url: String,
    /// Redis.
    pub redis_url: String,
    /// RabbitMQ.
    pub amqp_url: String,
    /// The outside world.
    pub market_sim_url: String,
    /// Its mail server.
    pub smtp_url: String,
    /// The port of the page and the API.
    pub http_port: u16,
    /// Where the services' gRPC listens.
    pub grpc: GrpcPorts,
    /// The built page.
    pub web_dir: PathBuf,
}

/// The gRPC ports; all the same where one process serves all services.
#[derive(Debug, Clone, Copy)]
pub struct GrpcPorts {
    /// user-service.
    pub user: u16,
    /// core-service.
    pub core: u16,
    /// crawler-service.
    pub crawler: u16,
    /// worker.
    pub worker: u16,
}

/// Writes what differs from the defaults.
pub fn write(home: &Home, secrets: &Secrets, at: &Addresses) -> anyhow::Result<()> {
    let text = toml::to_string(&sections(secrets, at))?;
    write_private(
        &home.config(),
        &format!("# Written at every start of the development installation.\n\n{text}"),
    )
}

fn sections(secrets: &Secrets, at: &Addresses) -> Table {
    let peer = |port: u16| text(&format!("http://127.0.0.1:{port}"));
    let port = |port: u16| Value::Integer(i64::from(port));
    let amazon = section([
        ("base_url", text(&format!("{}/apify", at.market_sim_url))),
        ("token", text(market_sim::APIFY_TOKEN)),
        ("poll_wait_seconds", Value::Integer(5)),
        // The simulator knows at once what a run cost.
        ("cost_settle_seconds", Value::Integer(0)),
    ]);
    // The simulated shop is ours: a demo need not wait seconds between two of its pages.
    let popmart = section([
        ("base_url", text(&format!("{}/popmart", at.market_sim_url))),
        ("rpc_url", text(&format!("{}/popmart", at.market_sim_url))),
        ("cdn_url", text(&format!("{}/popmart", at.market_sim_url))),
        ("client_key", text(market_sim::POPMART_CLIENT_KEY)),
        ("sign_salt", text(market_sim::POPMART_SIGN_SALT)),
        ("jitter_min_ms", Value::Integer(50)),
        ("jitter_max_ms", Value::Integer(150)),
    ]);
    let haier = section([("base_url", text(&format!("{}/haier", at.market_sim_url)))]);
    let alibaba1688 = section([
        (
            "base_url",
            text(&format!("{}/alibaba1688", at.market_sim_url)),
        ),
        ("jitter_min_ms", Value::Integer(20)),
        ("jitter_max_ms", Value::Integer(60)),
    ]);
    let web = section([
        ("jitter_min_ms", Value::Integer(50)),
        ("jitter_max_ms", Value::Integer(150)),
    ]);
    Table::from_iter([
        (
            "listen".to_owned(),
            section([
                ("gateway_http", port(at.http_port)),
                ("user_grpc", port(at.grpc.user)),
                ("core_grpc", port(at.grpc.core)),
                ("crawler_grpc", port(at.grpc.crawler)),
                ("worker_grpc", port(at.grpc.worker)),
            ]),
        ),
        // Development's own gateway, in front of separate processes.
        (
            "http".to_owned(),
            section([(
                "trusted_proxies",
                Value::Array(vec![text("127.0.0.1"), text("::1")]),
            )]),
        ),
        (
            "peers".to_owned(),
            section([
                ("user", peer(at.grpc.user)),
                ("core", peer(at.grpc.core)),
                ("crawler", peer(at.grpc.crawler)),
                ("worker", peer(at.grpc.worker)),
            ]),
        ),
        (
            "database".to_owned(),
            section([
                ("url", text(&at.database_url)),
                ("role_secret", text(&secrets.role_secret)),
            ]),
        ),
        ("redis".to_owned(), section([("url", text(&at.redis_url))])),
        ("amqp".to_owned(), section([("url", text(&at.amqp_url))])),
        (
            "secrets".to_owned(),
            section([("master_key", text(&secrets.master_key))]),
        ),
        (
            "internal".to_owned(),
            section([
                ("user_token", text(&secrets.user_token)),
                ("core_token", text(&secrets.core_token)),
                ("crawler_token", text(&secrets.crawler_token)),
                ("worker_token", text(&secrets.worker_token)),
                ("operator_token", text(&secrets.operator_token)),
            ]),
        ),
        (
            "auth".to_owned(),
            section([(
                "issuer",
                text(&format!("http://localhost:{}", at.http_port)),
            )]),
        ),
        (
            "mail".to_owned(),
            section([
                ("smtp_url", text(&at.smtp_url)),
                ("from", text("Bellwether <no-reply@bellwether.localhost>")),
            ]),
        ),
        (
            "sources".to_owned(),
            section([
                ("amazon", amazon),
                ("popmart", popmart),
                ("haier", haier),
                ("alibaba1688", alibaba1688),
                ("web", web),
            ]),
        ),
        // Only so that the simulated markets on this machine can be reached at all.
        (
            "egress".to_owned(),
            section([("allow_private", Value::Boolean(true))]),
        ),
        (
            "web".to_owned(),
            section([("dir", text(&at.web_dir.display().to_string()))]),
        ),
    ])
}

fn section<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Table(
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}
