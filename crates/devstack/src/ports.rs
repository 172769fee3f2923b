//! Free loopback ports.

use std::net::{Ipv4Addr, TcpListener};

use rand::Rng;

use crate::{Error, Result};

/// Below the range from which the system takes ports for outgoing connections, so that none of
/// those can grab the port between our look and the engine's bind.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A port on 127.0.0.1 that nothing listens on: `preferred` if that is free.
///
/// # Errors
/// When none of many tried ones is free.
pub fn free_port(preferred: Option<u16>) -> Result<u16> {
    let mut random = rand::rng();
    preferred
        .into_iter()
        .chain(std::iter::repeat_with(|| random.random_range(RANGE)).take(200))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| Error::Other("no free port on 127.0.0.1".to_owned()))
}
