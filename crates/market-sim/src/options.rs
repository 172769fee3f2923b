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

/// Client id that the simulated Haier platform knows unless told otherwise. Worth nothing anywhere else, like all
/// that follow.
pub const HAIER_CLIENT_ID: &str = "sim-haier-client";
/// Its client secret.
pub const HAIER_CLIENT_SECRET: &str = "sim-haier-secret";
/// The distributor behind it, who is also who the goods are sent to.
pub const HAIER_CUSTOMER: &str = "8800400500";
/// The distributor's password.
pub const HAIER_PASSWORD: &str = "sim-haier-password";
/// A county that the distributor's warehouses deliver to (any six digits do).
pub const HAIER_COUNTY: &str = "370212";

/// App key that the simulated 1688 platform knows unless told otherwise.
pub const ALIBABA1688_APP_KEY: &str = "1688001";
/// Its secret.
pub const ALIBABA1688_APP_SECRET: &str = "sim-1688-secret";
/// The refresh token of the account that authorised the app.
pub const ALIBABA1688_REFRESH_TOKEN: &str = "sim-1688-refresh-token";

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
    /// Port of the mail server; 0 takes any free one.
    pub smtp_port: u16,
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
    /// The only client that the simulated Haier platform knows.
    pub haier_client_id: String,
    /// Its secret.
    pub haier_client_secret: String,
    /// The distributor's code.
    pub haier_customer: String,
    /// The distributor's password.
    pub haier_password: String,
    /// How long a token of the Haier platform lives.
    pub haier_token_life: Duration,
    /// The only app that the simulated 1688 platform knows.
    pub alibaba1688_app_key: String,
    /// Its secret.
    pub alibaba1688_app_secret: String,
    /// The account's refresh token.
    pub alibaba1688_refresh_token: String,
    /// How long an access token of the 1688 platform lives.
    pub alibaba1688_token_life: Duration,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 0,
            smtp_port: 0,
            seed: 1,
            clock: Clock::default(),
            run_time: Duration::from_millis(300),
            hang_time: Duration::from_secs(120),
            public_base: None,
            apify_token: APIFY_TOKEN.to_owned(),
            popmart_client_key: Some(POPMART_CLIENT_KEY.to_owned()),
            popmart_sign_salt: Some(POPMART_SIGN_SALT.to_owned()),
            haier_client_id: HAIER_CLIENT_ID.to_owned(),
            haier_client_secret: HAIER_CLIENT_SECRET.to_owned(),
            haier_customer: HAIER_CUSTOMER.to_owned(),
            haier_password: HAIER_PASSWORD.to_owned(),
            haier_token_life: Duration::from_secs(3_600),
            alibaba1688_app_key: ALIBABA1688_APP_KEY.to_owned(),
            alibaba1688_app_secret: ALIBABA1688_APP_SECRET.to_owned(),
            alibaba1688_refresh_token: ALIBABA1688_REFRESH_TOKEN.to_owned(),
            alibaba1688_token_life: Duration::from_secs(36_000),
        }
    }
}
