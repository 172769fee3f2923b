//! A private RabbitMQ: one node with a name, cookie, port mapper and directories of its own.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use lapin::{Connection, ConnectionProperties};

use super::{Site, Started, tail, until_ready};
use crate::error::FileContext;
use crate::process::{Ask, Launch};
use crate::state::{Running, write_private};
use crate::{Engine, Error, Result, Stage, binaries, ports};

const ENGINE: Engine = Engine::Rabbitmq;
const USER: &str = "bellwether";

pub(crate) async fn start(site: &Site<'_>, port: u16) -> Result<Started> {
    let programs = binaries::rabbitmq()?;
    site.report(ENGINE, Stage::Preparing);
    let dir = site.make_dir("rabbitmq")?;
    let node = Node::prepare(site, &dir, port)?;
    let log = site.fresh_log("rabbitmq")?;

    // Ours, in the foreground: the server would start one that nobody knows the process id of.
    let (mut epmd, epmd_process) = site.launch(
        Launch {
            program: programs.epmd,
            args: ["-address", "127.0.0.1", "-port"]
                .into_iter()
                .map(OsString::from)
                .chain([node.epmd_port.to_string().into()])
                .collect(),
            env: Vec::new(),
            dir: &dir,
            log: &log,
            account: None,
        },
        Ask::Term,
    )?;
    let mut running = Running {
        url: format!(
            "amqp://{USER}:{}@127.0.0.1:{port}/%2f",
            site.credentials.rabbitmq
        ),
        port,
        log: log.clone(),
        main: None,
        helpers: vec![epmd_process],
    };
    site.ledger.record(ENGINE, running.clone())?;
    until_listening(&mut epmd, node.epmd_port, &log).await?;

    let (mut server, main) = site.launch(
        Launch {
            program: programs.server,
            args: Vec::new(),
            env: node.environment(&dir),
            dir: &dir,
            log: &log,
            account: None,
        },
        Ask::Term,
    )?;
    running.main = Some(main);
    site.ledger.record(ENGINE, running.clone())?;
    site.report(ENGINE, Stage::Starting);
    until_ready(ENGINE, &running.url, Some(&mut server), &log, site.limit).await?;
    std::fs::write(dir.join("complete"), "").file("write", dir.join("complete"))?;
    Ok(Started {
        running,
        children: vec![server, epmd],
    })
}

pub(crate) async fn probe(url: &str) -> Result<(), String> {
    let ask = async {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        connection.close(200, "".into()).await
    };
    ask.await.map_err(|error: lapin::Error| error.to_string())
}

/// The node's name and the ports beside the AMQP one.
struct Node {
    name: String,
    epmd_port: u16,
    distribution_port: u16,
}

impl Node {
    /// Writes the configuration.
    fn prepare(site: &Site<'_>, dir: &Path, port: u16) -> Result<Self> {
        // The user is made on the node's first start only: data of one that was cut short, or
        // that is not meant to last, is forgotten.
        let complete = dir.join("complete");
        if !(site.credentials.durable && complete.exists()) {
            let mnesia = dir.join("mnesia");
            if mnesia.exists() {
                std::fs::remove_dir_all(&mnesia).file("remove", &mnesia)?;
            }
        }
        for name in ["home", "conf.d", "mnesia", "log"] {
            let dir = dir.join(name);
            std::fs::create_dir_all(&dir).file("create", &dir)?;
        }
        write_cookie(&dir.join("home/.erlang.cookie"), &site.credentials.cookie)?;
        let password = &site.credentials.rabbitmq;
        let first_content = if site.credentials.durable {
            format!("default_user = {USER}\ndefault_pass = {password}\n")
        } else {
            let path = dir.join("definitions.json");
            write_private(&path, test_definitions(password).to_string().as_bytes())?;
            format!("load_definitions = {}\n", path.display())
        };
        let conf = format!(
            "listeners.tcp.1 = 127.0.0.1:{port}\n\
             {first_content}\
             disk_free_limit.absolute = 50MB\n\
             log.console.level = info\n\
             # The default of 512 MB is memory that a single node of light use never needs.\n\
             raft.wal_max_size_bytes = 67108864\n"
        );
        write_private(&dir.join("rabbitmq.conf"), conf.as_bytes())?;
        let advanced = if site.credentials.durable {
            "[].\n"
        } else {
            "[{ra, [{wal_sync_method, none}]}].\n"
        };
        for (name, text) in [
            ("advanced.config", advanced),
            ("enabled_plugins", "[].\n"),
            ("rabbitmq-env.conf", ""),
        ] {
            let path = dir.join(name);
            std::fs::write(&path, text).file("write", &path)?;
        }
        Ok(Self {
            name: format!("bellwether-{}@localhost", crate::stable_name(site.data_dir)),
            epmd_port: ports::free_port(None)?,
            distribution_port: ports::free_port(None)?,
        })
    }

    /// Every path and name that would otherwise come from /etc/rabbitmq or /var/lib/rabbitmq.
    fn environment(&self, dir: &Path) -> Vec<(&'static str, OsString)> {
        let at = |name: &str| dir.join(name).into_os_string();
        vec![
            ("HOME", at("home")),
            ("RABBITMQ_BASE", dir.into()),
            ("RABBITMQ_NODENAME", self.name.clone().into()),
            (
                "RABBITMQ_DIST_PORT",
                self.distribution_port.to_string().into(),
            ),
            ("RABBITMQ_CONF_ENV_FILE", at("rabbitmq-env.conf")),
            ("RABBITMQ_CONFIG_FILE", at("rabbitmq.conf")),
            ("RABBITMQ_CONFIG_FILES", at("conf.d")),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", at("advanced.config")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", at("enabled_plugins")),
            ("RABBITMQ_MNESIA_BASE", at("mnesia")),
            ("RABBITMQ_MNESIA_DIR", at("mnesia/node")),
            ("RABBITMQ_PLUGINS_EXPAND_DIR", at("mnesia/plugins")),
            ("RABBITMQ_GENERATED_CONFIG_DIR", at("mnesia/config")),
            ("RABBITMQ_PID_FILE", at("pid")),
            ("RABBITMQ_LOG_BASE", at("log")),
            ("RABBITMQ_LOGS", "-".into()),
            // The start script then becomes the Erlang machine instead of waiting for it, so that
            // our process id is the server's and a signal reaches it.
            ("RABBITMQ_ALLOW_INPUT", "true".into()),
            ("RABBITMQ_SERVER_START_ARGS", "-noinput +B i".into()),
            (
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1}".into(),
            ),
            ("ERL_EPMD_PORT", self.epmd_port.to_string().into()),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".into()),
            ("ERL_CRASH_DUMP_SECONDS", "0".into()),
        ]
    }
}

/// What a broker of tests starts with: our user, and a rule by which the queues of a test that
/// has ended delete themselves. AMQP cannot list queues, so nobody else could find them.
fn test_definitions(password: &str) -> serde_json::Value {
    const UNUSED_FOR: Duration = Duration::from_secs(600);
    let unused_for = u64::try_from(UNUSED_FOR.as_millis()).unwrap_or(u64::MAX);
    serde_json::json!({
        "users": [{"name": USER, "password": password, "tags": "administrator"}],
        "vhosts": [{"name": "/"}],
        "permissions": [
            {"user": USER, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
        ],
        "policies": [{
            "vhost": "/",
            "name": "ended-tests",
            "pattern": format!("^{}", crate::testing::NAME_PREFIX),
            "apply-to": "queues",
            "priority": 0,
            "definition": {"expires": unused_for},
        }],
    })
}

/// Erlang insists that nobody else can read the cookie.
fn write_cookie(path: &Path, cookie: &str) -> Result<()> {
    if std::fs::read(path).is_ok_and(|found| found == cookie.as_bytes()) {
        return Ok(());
    }
    if path.exists() {
        std::fs::remove_file(path).file("remove", path)?;
    }
    std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o400)
        .open(path)
        .and_then(|mut file| file.write_all(cookie.as_bytes()))
        .file("write", path)
}

async fn until_listening(epmd: &mut Child, port: u16, log: &Path) -> Result<()> {
    const LIMIT: Duration = Duration::from_secs(10);
    let deadline = Instant::now() + LIMIT;
    loop {
        let last = match tokio::net::TcpStream::connect(("127.0.0.1", port)).await {
            Ok(_) => return Ok(()),
            Err(error) => format!("epmd: {error}"),
        };
        if let Ok(Some(status)) = epmd.try_wait() {
            return Err(Error::Ended {
                engine: ENGINE,
                status: format!("epmd: {status}"),
                log: log.to_owned(),
                tail: tail(log),
            });
        }
        if Instant::now() >= deadline {
            return Err(Error::NotReady {
                engine: ENGINE,
                seconds: LIMIT.as_secs(),
                last,
                log: log.to_owned(),
                tail: tail(log),
            });
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
