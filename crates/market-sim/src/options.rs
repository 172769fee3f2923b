//! How a simulator is set up.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

/// Bearer token that the simulated Apify accepts unless told otherwise. Worth nothing anywhere else.
pub const APIFY_TOKEN: &str = "sim-apify-token";
/// Client key that the simulated PopMart accepts unless told otherwise. Worth nothing anywhere else.
pub const POPMART_CLIENT_KEY: &str = "sim-client-key";
/// Salt with which requests to the simulated PopMart are signed unless told otherwise. Worth nothing anywhere
/// else.
pub const POPMART_SIGN_SALT: &str = "sim-sign-salt";

/// Where the market's time comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// A clock that asks `now` each time.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Utc::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// How a simulator is set up. The default suits development: loopback, any free port.
#[derive(Debug, Clone)]
pub struct SimOptions {
    /// Address to listen on; loopback unless told otherwise.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// The market's seed.
    pub seed: u64,
    /// The market's time.
    pub clock: Clock,
    /// How long an actor run takes from start to success.
    pub run_time: Duration,
    /// How long a request hangs under a `timeout` fault.
    pub hang_time: Duration,
    /// Base of the picture URLs; without one it is taken from each request's `Host` header.
    pub public_base: Option<String>,
    /// The only token that the simulated Apify accepts.
    pub apify_token: String,
    /// The client key that PopMart requests must carry. `None` turns the signature check off.
    pub popmart_client_key: Option<String>,
    /// The salt that PopMart requests must be signed with. `None` turns the signature check off.
    pub popmart_sign_salt: Option<String>,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 0,
            seed: 1,
            clock: Clock::default(),
            run_time: Duration::from_millis(300),
            hang_time: Duration::from_secs(120),
            public_base: None,
            apify_token: APIFY_TOKEN.to_owned(),
            popmart_client_key: Some(POPMART_CLIENT_KEY.to_owned()),
            popmart_sign_salt: Some(POPMART_SIGN_SALT.to_owned()),
        }
    }
}
