//! One connection that is opened again for ever.

use std::sync::Arc;
use std::time::Duration;

use domain::source::Source;
use futures::StreamExt;
use lapin::tcp::OwnedTLSConfig;
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Connection, ConnectionProperties, Event};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::backoff::Backoff;
use crate::publisher::Publisher;
use crate::topology::Topology;

/// Seconds between heartbeats; two missed ones end a connection whose peer vanished silently.
const HEARTBEAT_SECONDS: u16 = 10;
/// What of an address names the file with the certificates of who signs the broker's, as RabbitMQ's own clients have it.
const CA_FILE: &str = "cacertfile=";
/// How long one attempt to connect and declare may take.
const OPEN_LIMIT: Duration = Duration::from_secs(15);
/// How often a connection that should be up is looked at, besides its own events.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Why a bus could not be made or unmade. Reaching the broker is tried later and for ever.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The address is not an AMQP one. The text never contains the address: it holds a password.
    #[error("the AMQP address is malformed: {0}")]
    Url(String),
    /// Exchanges and queues could not be deleted.
    #[error("cannot delete the queues: {0}")]
    Remove(String),
    /// An operator's command could not be done.
    #[error("{0}")]
    Operate(String),
}

/// A connection to RabbitMQ shared by publishers and consumers; cheap to clone. The last clone to
/// go closes it.
#[derive(Clone, Debug)]
pub struct Bus {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    topology: Topology,
    current: watch::Receiver<Option<Arc<Connection>>>,
    /// Ends the supervising task.
    _alive: DropGuard,
}

impl Bus {
    /// Begins to connect in the background. Must run inside a Tokio runtime. `crawled` are the sources whose queues
    /// this process works with.
    ///
    /// # Errors
    /// A malformed address; an unreachable broker is no error.
    pub fn connect(
        url: &str,
        prefix: &str,
        crawled: impl IntoIterator<Item = Source>,
    ) -> Result<Self, BusError> {
        let mut uri: AMQPUri = url.parse().map_err(BusError::Url)?;
        let tls = certificates(url, &uri.scheme)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        let topology = Topology::new(prefix, crawled);
        let (sender, current) = watch::channel(None);
        let stop = CancellationToken::new();
        let alive = stop.clone().drop_guard();
        let supervised = supervise(Broker { uri, tls }, topology.clone(), sender);
        tokio::spawn(stop.run_until_cancelled_owned(supervised));
        Ok(Self {
            shared: Arc::new(Shared {
                topology,
                current,
                _alive: alive,
            }),
        })
    }

    /// The names in use.
    pub fn topology(&self) -> &Topology {
        &self.shared.topology
    }

    /// Whether the broker is connected and the topology declared; for `/readyz`.
    pub fn is_connected(&self) -> bool {
        self.shared.current.borrow().is_some()
    }

    /// Waits until [`Bus::is_connected`]. Give it a limit of your own.
    pub async fn connected(&self) {
        let _ = self.connection().await;
    }

    /// A publisher with a channel of its own.
    pub fn publisher(&self) -> Publisher {
        Publisher::new(self.clone())
    }

    /// Deletes every exchange and queue under the prefix, with all messages: for the end of a test.
    /// Queues outlive their users otherwise, and each costs the broker something.
    ///
    /// # Errors
    /// When the broker does not do it.
    pub async fn remove_everything(&self) -> Result<(), BusError> {
        let removing = async {
            if let Some(connection) = self.connection().await {
                let channel = connection.create_channel().await?;
                self.topology().delete(&channel).await?;
            }
            Ok(())
        };
        match tokio::time::timeout(OPEN_LIMIT, removing).await {
            Ok(removed) => {
                removed.map_err(|error: lapin::Error| BusError::Remove(error.to_string()))
            }
            Err(_) => Err(BusError::Remove("no answer in time".into())),
        }
    }

    /// The live connection, waiting for one if need be.
    pub(crate) async fn connection(&self) -> Option<Arc<Connection>> {
        let mut current = self.shared.current.clone();
        current.wait_for(Option::is_some).await.ok()?.clone()
    }
}

/// Where the broker is, and whose certificate it shows.
struct Broker {
    uri: AMQPUri,
    /// PEM of who may sign it besides those whom the system trusts.
    tls: Option<String>,
}

/// The certificates in the file that an address names as its `cacertfile`; refused where nothing would be encrypted.
fn certificates(url: &str, scheme: &AMQPScheme) -> Result<Option<String>, BusError> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let named = query.split('&').find_map(|pair| pair.strip_prefix(CA_FILE));
    if named.is_some() && !matches!(scheme, AMQPScheme::AMQPS) {
        return Err(BusError::Url(format!(
            "{CA_FILE} is for amqps://…, and this address would connect without TLS"
        )));
    }
    named
        .map(|path| {
            std::fs::read_to_string(path)
                .map_err(|cause| BusError::Url(format!("{CA_FILE}{path}: {cause}")))
        })
        .transpose()
}

/// Connects, declares, waits for the end, and again.
async fn supervise(
    broker: Broker,
    topology: Topology,
    current: watch::Sender<Option<Arc<Connection>>>,
) {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
    loop {
        let opened = tokio::time::timeout(OPEN_LIMIT, open(&broker, &topology)).await;
        match opened {
            Ok(Ok(connection)) => {
                backoff.reset();
                tracing::info!("connected to RabbitMQ");
                let connection = Arc::new(connection);
                current.send_replace(Some(Arc::clone(&connection)));
                ended(&connection).await;
                current.send_replace(None);
                tracing::warn!("lost the connection to RabbitMQ");
            }
            Ok(Err(error)) => tracing::warn!(%error, "cannot connect to RabbitMQ yet"),
            Err(_) => tracing::warn!("cannot connect to RabbitMQ yet: no answer in time"),
        }
        tokio::time::sleep(backoff.delay()).await;
    }
}

async fn open(broker: &Broker, topology: &Topology) -> lapin::Result<Connection> {
    let name = std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_default();
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let uri = broker.uri.clone();
    let connection = match broker.tls.clone() {
        Some(signers) => {
            let tls = OwnedTLSConfig {
                identity: None,
                cert_chain: Some(signers),
            };
            let runtime = lapin::runtime::default_runtime()?;
            Connection::connect_uri_with_config(uri, properties, tls, runtime).await?
        }
        None => Connection::connect_uri(uri, properties).await?,
    };
    let channel = connection.create_channel().await?;
    topology.declare(&channel).await?;
    channel.close(200, "declared".into()).await?;
    Ok(connection)
}

/// Returns when the connection is no longer usable.
async fn ended(connection: &Connection) {
    let mut events = connection.events_listener();
    while connection.status().connected() {
        // An error event may concern one channel only, so the status decides; looking now and then
        // covers an end that sent no event.
        match tokio::time::timeout(LOOK_EVERY, events.next()).await {
            Ok(Some(Event::Error(error))) => tracing::debug!(%error, "RabbitMQ reported an error"),
            Ok(Some(Event::ConnectionBlocked(reason))) => {
                tracing::warn!(reason, "RabbitMQ holds back publishers");
            }
            Ok(Some(_)) | Err(_) => {}
            // No more events will come: fall back to looking.
            Ok(None) => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}
