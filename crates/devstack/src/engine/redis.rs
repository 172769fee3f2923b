//! A private Redis.

use super::{Site, Started, until_ready};
use crate::process::{Ask, Launch};
use crate::state::{Running, write_private};
use crate::{Engine, Result, Stage, binaries};

pub(crate) async fn start(site: &Site<'_>, port: u16) -> Result<Started> {
    let engine = Engine::Redis;
    let program = binaries::redis()?;
    site.report(engine, Stage::Preparing);
    let dir = site.make_dir("redis")?;
    let password = &site.credentials.redis;
    let conf = dir.join("redis.conf");
    let append = if site.credentials.durable {
        "yes"
    } else {
        "no"
    };
    // A file and not arguments: everyone can read those.
    let text = format!(
        "bind 127.0.0.1\n\
         port {port}\n\
         unixsocket \"\"\n\
         requirepass {password}\n\
         daemonize no\n\
         logfile \"\"\n\
         dir {:?}\n\
         save \"\"\n\
         appendonly {append}\n",
        dir.display().to_string()
    );
    write_private(&conf, text.as_bytes())?;

    let log = site.fresh_log("redis")?;
    let (mut child, main) = site.launch(
        Launch {
            program,
            args: vec![conf.into_os_string()],
            env: Vec::new(),
            dir: &dir,
            log: &log,
            account: None,
        },
        Ask::Term,
    )?;
    let running = Running {
        url: format!("redis://:{password}@127.0.0.1:{port}/0"),
        port,
        log,
        main: Some(main),
        helpers: Vec::new(),
    };
    site.ledger.record(engine, running.clone())?;
    site.report(engine, Stage::Starting);
    until_ready(
        engine,
        &running.url,
        Some(&mut child),
        &running.log,
        site.limit,
    )
    .await?;
    Ok(Started {
        running,
        children: vec![child],
    })
}

pub(crate) async fn probe(url: &str) -> Result<(), String> {
    let ask = async {
        let mut connection = redis::Client::open(url)?
            .get_multiplexed_async_connection()
            .await?;
        // An error, too, while the data is still being loaded.
        redis::cmd("PING")
            .query_async::<String>(&mut connection)
            .await
    };
    ask.await
        .map(|_| ())
        .map_err(|error: redis::RedisError| error.to_string())
}
