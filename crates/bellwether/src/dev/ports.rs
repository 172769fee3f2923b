//! Which ports a start uses.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, bail};
use devstack::free_port;

use super::config_file::GrpcPorts;

/// The variable that asks for a certain port.
const PORT_VARIABLE: &str = "BELLWETHER_PORT";
/// Where the simulated markets are if nothing else is there.
pub const MARKET_SIM: u16 = 8090;
/// Where people expect the page.
const USUAL: u16 = 8080;

/// The page's port: the one asked for, else 8080, else any free one.
pub fn http() -> anyhow::Result<u16> {
    if let Some(asked) = std::env::var(PORT_VARIABLE)
        .ok()
        .filter(|text| !text.is_empty())
    {
        let port = asked
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .with_context(|| {
                format!("{PORT_VARIABLE}={asked} is not a port; use a number from 1 to 65535")
            })?;
        if !is_free(port) {
            bail!("port {port} ({PORT_VARIABLE}) is taken; stop what uses it or choose another");
        }
        return Ok(port);
    }
    Ok(free_port(Some(USUAL))?)
}

/// One port for the gRPC of all services in one process.
pub fn grpc_of_one_process() -> anyhow::Result<GrpcPorts> {
    let port = free_port(None)?;
    Ok(GrpcPorts {
        user: port,
        core: port,
        crawler: port,
        worker: port,
    })
}

/// The fixed ports of four separate processes; all must be free.
pub fn of_four_processes() -> anyhow::Result<GrpcPorts> {
    let taken: Vec<String> = (8001..=8004)
        .chain(9001..=9004)
        .filter(|port| !is_free(*port))
        .map(|port| port.to_string())
        .collect();
    if !taken.is_empty() {
        bail!(
            "the four services need ports 8001-8004 and 9001-9004; taken: {}",
            taken.join(", ")
        );
    }
    Ok(GrpcPorts {
        user: 9001,
        crawler: 9002,
        core: 9003,
        worker: 9004,
    })
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
