//! What the worker holds, and the only place where it is built.

use std::time::Duration;

use anyhow::Context;
use bus::Bus;
use connectors::Registry;
use contracts::identity::v1::mail_client::MailClient;
use egress::{Egress, Limits, SharedLimits, Sharing};

use crate::clients::Clients;
use crate::mail::{MailServer, Postman};

/// Everything the worker works with; cheap to clone.
#[derive(Clone)]
pub struct State {
    pub(crate) bus: Bus,
    pub(crate) registry: Registry,
    pub(crate) clients: Clients,
    pub(crate) postman: Postman,
    /// Tasks at once, per source and priority.
    pub(crate) concurrency: u16,
    /// Results carried away at once.
    pub(crate) result_batch: usize,
}

/// Begins to connect to the broker and to Redis, and makes the way out to the world.
///
/// # Errors
/// A malformed address of the broker, of Redis or of the mail server, or TLS that cannot be set up.
pub async fn wire(config: &config::Config, peers: rpc::Peers) -> anyhow::Result<State> {
    let longest_request = Duration::from_secs(config.worker.request_timeout_seconds);
    let egress = Egress::new(Limits {
        timeout: longest_request,
        allow_private: config.egress.allow_private,
        ..Limits::default()
    })?;
    let bus = Bus::connect(
        config.amqp.url.expose(),
        &config.amqp.prefix,
        connectors::sources(),
    )
    .context("amqp.url")?;
    let sharing = Sharing::new(&config.redis.prefix, longest_request);
    let shared = config
        .redis
        .url
        .is_set()
        .then(|| SharedLimits::connect(config.redis.url.expose(), sharing))
        .transpose()
        .context("redis.url")?;
    Ok(State {
        bus,
        registry: Registry::new(&config.sources, &egress, shared.as_ref())?,
        clients: Clients::new(&peers),
        postman: Postman {
            identity: rpc::sized!(MailClient::new(peers.user.clone())),
            server: MailServer::new(&config.mail)?,
        },
        concurrency: config.worker.concurrency,
        result_batch: usize::from(config.worker.result_batch),
    })
}
