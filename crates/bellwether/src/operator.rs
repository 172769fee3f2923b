//! Calling the running services as their operator.

use config::Config;
use rpc::Peers;

/// The services, with the operator's token.
pub fn peers(config: &Config) -> anyhow::Result<Peers> {
    Ok(Peers::over_tcp(
        &(&config.peers).into(),
        config.internal.operator_token.expose(),
    )?)
}
