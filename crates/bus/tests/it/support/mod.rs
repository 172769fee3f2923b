//! Waiting with a limit, and a network that breaks on demand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

/// The broker to test against.
pub async fn amqp_url() -> String {
    devstack::testing::shared_stack()
        .await
        .expect("engines")
        .amqp_url
        .clone()
}

/// Waits for a future, at most `seconds`.
pub async fn within<T>(seconds: u64, what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(seconds), future).await {
        Ok(value) => value,
        Err(_) => panic!("not within {seconds} s: {what}"),
    }
}

/// Waits for a state, at most `seconds`.
pub async fn eventually<F: Future<Output = bool>>(seconds: u64, what: &str, check: impl Fn() -> F) {
    within(seconds, what, async {
        while !check().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// A TCP proxy in front of the broker.
pub struct CuttingProxy {
    /// The broker's address through the proxy.
    pub url: String,
    cut: broadcast::Sender<()>,
    refuse: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
}

impl CuttingProxy {
    pub async fn before(url: &str) -> Self {
        let uri: lapin::uri::AMQPUri = url.parse().unwrap();
        let target = format!("{}:{}", uri.authority.host, uri.authority.port);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut through = uri;
        through.authority.host = "127.0.0.1".into();
        through.authority.port = listener.local_addr().unwrap().port();
        let (cut, _) = broadcast::channel(4);
        let (refuse, connections) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let refused = Arc::<AtomicUsize>::default();
        let (cutter, refusing, counted) = (cut.clone(), refuse.clone(), connections.clone());
        let counted_refusals = refused.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                if refusing.load(Ordering::SeqCst) {
                    counted_refusals.fetch_add(1, Ordering::SeqCst);
                    continue;
                }
                counted.fetch_add(1, Ordering::SeqCst);
                let (mut ended, target) = (cutter.subscribe(), target.clone());
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(target).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = ended.recv() => {}
                    }
                });
            }
        });
        Self {
            url: through.to_string(),
            cut,
            refuse,
            connections,
            refused,
        }
    }

    /// Ends all connections at once.
    pub fn cut(&self) {
        let _ = self.cut.send(());
    }

    /// Whether new connections are closed at once.
    pub fn refuse(&self, refuse: bool) {
        self.refuse.store(refuse, Ordering::SeqCst);
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Connections closed at once so far.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }
}
