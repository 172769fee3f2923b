//! `bellwether history`: whole histories in and out, as CSV.

mod columns;
mod console;
mod export;
mod import;
mod reader;
mod row;
mod sender;
#[cfg(test)]
mod tests;

use std::fmt;

use clap::Subcommand;
use config::{Config, ProcessKind};
use contracts::identity::v1::GetPlanLimitsRequest;
use contracts::identity::v1::identity_client::IdentityClient;
use rpc::Peers;
use tonic::Code;
use uuid::Uuid;

use crate::usage::Usage;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Store past observations from a CSV file
    Import(import::Arguments),
    /// Write every observation of a source as CSV
    Export(export::Arguments),
}

/// Some rows were refused, and told; the others are stored. Ends with exit code 65.
#[derive(Debug)]
pub struct RowsRefused(pub u64);

impl fmt::Display for RowsRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 row was refused"),
            count => write!(f, "{count} rows were refused"),
        }
    }
}

impl std::error::Error for RowsRefused {}

/// Does it.
pub async fn run(command: Command) -> anyhow::Result<()> {
    let config = Config::load_for(ProcessKind::Operator, None)?;
    let peers = crate::operator::peers(&config)?;
    match command {
        Command::Import(arguments) => import::run(&peers, &arguments).await,
        Command::Export(arguments) => export::run(&peers, &arguments).await,
    }
}

/// Whose listings: a source of a country, and a tenant for those that belong to one.
#[derive(Debug, Clone, clap::Args)]
pub struct Where {
    /// The source, such as amazon
    #[arg(long)]
    source: String,
    /// The country, as an ISO 3166 code
    #[arg(long)]
    marketplace: String,
    /// The id of the tenant whose own listings they are: for haier and alibaba1688, which are read with its account
    #[arg(long)]
    tenant: Option<Uuid>,
}

impl Where {
    fn marketplace(&self) -> String {
        self.marketplace.trim().to_ascii_uppercase()
    }

    /// Tells at once what no row could make good.
    async fn check(&self, peers: &Peers) -> anyhow::Result<()> {
        let mut known = connectors::sources().map(|source| source.to_string());
        if !known.any(|name| name == self.source) {
            let all: Vec<String> = connectors::sources()
                .map(|source| source.to_string())
                .collect();
            let all = all.join(", ");
            let told = format!("`{}` is not a source; there are {all}", self.source);
            return Err(Usage(told).into());
        }
        let marketplace = self.marketplace();
        if marketplace.len() != 2 || !marketplace.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let told = format!("`{}` is not an ISO 3166 country code", self.marketplace);
            return Err(Usage(told).into());
        }
        let Some(tenant) = self.tenant else {
            return Ok(());
        };
        let request = GetPlanLimitsRequest {
            tenant_id: tenant.to_string(),
        };
        let known = rpc::sized!(IdentityClient::new(peers.user.clone()))
            .get_plan_limits(request)
            .await;
        match known {
            Ok(_) => Ok(()),
            Err(status) if status.code() == Code::NotFound => {
                Err(Usage(format!("there is no tenant {tenant}")).into())
            }
            Err(status) => Err(anyhow::anyhow!("ask for the tenant: {}", status.message())),
        }
    }
}
