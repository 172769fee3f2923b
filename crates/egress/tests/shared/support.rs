//! What these tests share.

use std::net::SocketAddr;
use std::time::Duration;

use devstack::testing::TestEnv;
use egress::{Paused, Politeness, SharedLimits, Sharing, Turn, Urgency};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub const LIMIT: Duration = Duration::from_secs(30);
/// Long enough to see that nothing happens.
pub const MOMENT: Duration = Duration::from_millis(400);
pub const PATIENCE: Duration = Duration::from_secs(10);
pub const NO_GAP: Duration = Duration::ZERO;
/// Redis counts whole milliseconds.
pub const ROUNDING: Duration = Duration::from_millis(2);

pub async fn env() -> TestEnv {
    TestEnv::empty().await.expect("engines")
}

/// Patient with a Redis on a busy machine.
pub fn sharing(prefix: &str) -> Sharing {
    Sharing {
        answer_within: Duration::from_secs(5),
        retry_after: Duration::from_millis(100),
        ..Sharing::new(prefix, Duration::from_secs(60))
    }
}

/// As another process would have it.
pub fn process(url: &str, sharing: Sharing, concurrency: u16, gap: Duration) -> Politeness {
    let limits = SharedLimits::connect(url, sharing).expect("an address");
    Politeness::new(concurrency, gap..=gap).shared_by(&limits, "popmart")
}

pub async fn turn(politeness: &Politeness) -> Result<Turn, Paused> {
    tokio::time::timeout(
        LIMIT,
        politeness.turn(Urgency::Low, PATIENCE, Duration::ZERO),
    )
    .await
    .expect("an answer in time")
}

pub async fn no_turn(politeness: &Politeness) {
    let turn = tokio::time::timeout(
        MOMENT,
        politeness.turn(Urgency::High, PATIENCE, Duration::ZERO),
    )
    .await;
    assert!(turn.is_err(), "a turn beyond the limit");
}

/// Takes turns until one is refused.
pub async fn paused(politeness: &Politeness) -> Paused {
    let refusal = async {
        loop {
            match politeness
                .turn(Urgency::High, PATIENCE, Duration::ZERO)
                .await
            {
                Ok(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(paused) => return paused,
            }
        }
    };
    tokio::time::timeout(LIMIT, refusal)
        .await
        .expect("the pause is heard of")
}

/// As another process would have it, by rules that do not take long.
pub fn quick(url: &str, sharing: Sharing, rules: egress::Rules) -> Politeness {
    let limits = SharedLimits::connect(url, sharing).expect("an address");
    Politeness::new(3, NO_GAP..=NO_GAP)
        .rules(rules)
        .shared_by(&limits, "popmart")
}

/// The address of Redis, through the port of [`cuttable`].
pub fn through(redis: &str, address: SocketAddr) -> String {
    let mut through = url::Url::parse(redis).expect("a URL");
    through.set_port(Some(address.port())).expect("has a port");
    through.into()
}

/// Closes the way of [`cuttable`] and waits until nothing is on it.
pub async fn cut(up: &watch::Sender<bool>) {
    up.send_replace(false);
    let cut = async {
        while up.receiver_count() > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LIMIT, cut)
        .await
        .expect("no tunnel is left");
}

/// A way to Redis that is open while the switch is on. Each tunnel keeps a receiver of the switch.
pub async fn cuttable(redis: &str) -> (SocketAddr, watch::Sender<bool>) {
    let redis = url::Url::parse(redis).expect("a URL");
    let port = redis.port().expect("has a port");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (switch, up) = watch::channel(true);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut up = up.clone();
            if !*up.borrow_and_update() {
                continue;
            }
            tokio::spawn(async move {
                let mut far = TcpStream::connect(("127.0.0.1", port)).await?;
                tokio::select! {
                    ended = tokio::io::copy_bidirectional(&mut near, &mut far) => ended.map(drop),
                    _ = up.wait_for(|up| !up) => Ok(()),
                }
            });
        }
    });
    (address, switch)
}
