//! Calling the running services as their operator.

use config::Config;
use rpc::{Peers, Tls};

/// The services, with the operator's token.
pub fn peers(config: &Config) -> anyhow::Result<Peers> {
    let tls = Tls::of(&config.internal)?;
    let urls = (&config.peers).into();
    let token = config.internal.operator_token.expose();
    Ok(Peers::over(&urls, token, tls.as_ref())?)
}
