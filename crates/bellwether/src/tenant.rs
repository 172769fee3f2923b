//! `bellwether tenant`: the tenants of the running installation, and what an operator does with them.

use anyhow::bail;
use chrono::DateTime;
use clap::{Subcommand, ValueEnum};
use config::{Config, ProcessKind};
use contracts::identity::v1::tenants_client::TenantsClient;
use contracts::identity::v1::{
    DeleteTenantRequest, ListTenantsRequest, RestoreTenantRequest, ResumeTenantRequest,
    SetTenantPlanRequest, ShowTenantRequest, SuspendTenantRequest, TenantRecord,
};
use tonic::{Code, Status};

use crate::operator;
use crate::usage::Usage;

/// Tenants of one answer.
const PAGE: u32 = 200;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show all tenants
    List {
        /// Only those
        #[arg(long)]
        status: Option<Standing>,
    },
    /// Show one tenant
    Show {
        /// The tenant's slug
        slug: String,
    },
    /// Close a tenant: sign-in, requests and crawling for it end until it is resumed; nothing is deleted
    Suspend {
        /// The tenant's slug
        slug: String,
        /// What its people are told, as a sentence
        #[arg(long)]
        reason: String,
    },
    /// Open a suspended tenant again
    Resume {
        /// The tenant's slug
        slug: String,
    },
    /// Move a tenant to another plan
    Plan {
        /// The tenant's slug
        slug: String,
        /// The plan's code
        plan: String,
    },
    /// Delete a tenant with all that is in it, after the days of grace
    Delete {
        /// The tenant's slug
        slug: String,
        /// Without the days of grace: nothing brings it back
        #[arg(long)]
        now: bool,
        /// Yes, this tenant is meant
        #[arg(long)]
        yes: bool,
    },
    /// Keep a tenant that waits to be deleted
    Restore {
        /// The tenant's slug
        slug: String,
    },
}

/// How tenants stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Standing {
    /// As they should
    Active,
    /// Closed by an operator
    Suspended,
    /// Waiting to be erased
    Deleting,
    /// Being erased
    Erasing,
}

impl Standing {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
            Self::Erasing => "erasing",
        }
    }
}

/// Does it.
pub async fn run(command: Command) -> anyhow::Result<()> {
    let config = Config::load_for(ProcessKind::Operator, None)?;
    let peers = operator::peers(&config)?;
    let mut tenants = rpc::sized!(TenantsClient::new(peers.user));
    let answer = match command {
        Command::List { status } => return list(tenants, status).await,
        Command::Show { slug } => tenants.show_tenant(ShowTenantRequest { slug }).await,
        Command::Suspend { slug, reason } => {
            let request = SuspendTenantRequest { slug, reason };
            tenants.suspend_tenant(request).await
        }
        Command::Resume { slug } => tenants.resume_tenant(ResumeTenantRequest { slug }).await,
        Command::Plan { slug, plan } => {
            let request = SetTenantPlanRequest { slug, plan };
            tenants.set_tenant_plan(request).await
        }
        Command::Delete { slug, now, yes } => {
            if !yes {
                bail!(Usage(format!(
                    "this would delete all that {slug} has; say --yes if that is meant"
                )));
            }
            let request = DeleteTenantRequest { slug, now };
            tenants.delete_tenant(request).await
        }
        Command::Restore { slug } => tenants.restore_tenant(RestoreTenantRequest { slug }).await,
    };
    show(&answer.map_err(refused)?.into_inner());
    Ok(())
}

async fn list(
    mut tenants: TenantsClient<rpc::Channel>,
    status: Option<Standing>,
) -> anyhow::Result<()> {
    println!(
        "{:<24} {:<12} {:<10} {:>7}  {:<17} name",
        "slug", "plan", "status", "members", "since"
    );
    let mut after = String::new();
    let mut count = 0;
    loop {
        let request = ListTenantsRequest {
            status: status.map(Standing::as_str).unwrap_or_default().to_owned(),
            after: after.clone(),
            limit: PAGE,
        };
        let page = tenants.list_tenants(request).await.map_err(refused)?;
        let page = page.into_inner().tenants;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.slug);
        count += page.len();
        for tenant in page {
            println!(
                "{:<24} {:<12} {:<10} {:>7}  {:<17} {}",
                tenant.slug,
                tenant.plan,
                tenant.status,
                tenant.members,
                at(tenant.created_at_unix),
                plain(&tenant.name)
            );
        }
    }
    println!("{count} tenants");
    Ok(())
}

fn show(tenant: &TenantRecord) {
    let mut lines = vec![
        ("slug", tenant.slug.clone()),
        ("name", plain(&tenant.name)),
        ("id", tenant.id.clone()),
        ("plan", tenant.plan.clone()),
        ("status", tenant.status.clone()),
        ("since", at(tenant.created_at_unix)),
        ("members", tenant.members.to_string()),
        ("owners", tenant.owners.join(", ")),
    ];
    if !tenant.suspended_for.is_empty() {
        lines.push(("suspended", plain(&tenant.suspended_for)));
    }
    if let Some(unix) = tenant.delete_at_unix {
        lines.push(("erased on", at(unix)));
    }
    for (name, value) in lines {
        println!("{name:<10} {value}");
    }
}

fn at(unix: i64) -> String {
    let at = DateTime::from_timestamp(unix, 0);
    at.map(|at| at.format("%Y-%m-%d %H:%MZ").to_string())
        .unwrap_or_default()
}

/// Text that a tenant chose, without what could steer a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A refusal is the operator's to correct; anything else is a failure.
fn refused(status: Status) -> anyhow::Error {
    match status.code() {
        Code::NotFound => Usage("there is no tenant with this slug".to_owned()).into(),
        Code::InvalidArgument | Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted => {
            Usage(status.message().to_owned()).into()
        }
        _ => anyhow::anyhow!("user-service: {}", status.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_steer_the_terminal() {
        assert_eq!(plain("Acme\u{1b}[31m\n"), "Acme[31m");
        assert_eq!(at(0), "1970-01-01 00:00Z");
    }
}
