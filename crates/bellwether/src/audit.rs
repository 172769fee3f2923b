//! `bellwether audit`: who did what, in one tenant, in all, or to the installation itself.

use chrono::{DateTime, Utc};
use config::{Config, ProcessKind};
use contracts::identity::v1::audit_client::AuditClient;
use contracts::identity::v1::{AuditLine, ListAuditLogRequest};
use serde_json::json;

use crate::operator;

/// Which lines, and how they are shown.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only of the tenant with this slug
    #[arg(long, conflicts_with = "installation")]
    tenant: Option<String>,
    /// Only what concerns no single tenant, such as sign-ins that were refused
    #[arg(long)]
    installation: bool,
    /// Only this operation, as the API's document names it
    #[arg(long)]
    action: Option<String>,
    /// Only by the person or key with this id, or by a kind: user, api_key, operator, system, anonymous
    #[arg(long)]
    actor: Option<String>,
    /// Only what was done, or what was refused
    #[arg(long, value_parser = ["done", "refused"])]
    outcome: Option<String>,
    /// Only at this instant or after, as RFC 3339
    #[arg(long)]
    from: Option<DateTime<Utc>>,
    /// Only before this instant, as RFC 3339
    #[arg(long)]
    to: Option<DateTime<Utc>>,
    /// At most so many, the newest
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    /// One JSON object a line, with everything that is known
    #[arg(long)]
    json: bool,
}

/// Shows them, newest first.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load_for(ProcessKind::Operator, None)?;
    let peers = operator::peers(&config)?;
    let mut client = rpc::sized!(AuditClient::new(peers.user));
    let request = ListAuditLogRequest {
        tenant: arguments.tenant,
        installation_only: arguments.installation,
        action: arguments.action,
        actor: arguments.actor,
        outcome: arguments.outcome,
        from_unix: arguments.from.map(|at| at.timestamp()),
        to_unix: arguments.to.map(|at| at.timestamp()),
        limit: arguments.limit,
    };
    let answer = client.list_audit_log(request).await;
    let mut lines = answer
        .map_err(|status| anyhow::anyhow!("{}", status.message()))?
        .into_inner();
    while let Some(line) = lines.message().await? {
        if arguments.json {
            println!("{}", whole(&line)?);
        } else {
            println!("{}", short(&line));
        }
    }
    Ok(())
}

/// What one reads on a terminal.
fn short(line: &AuditLine) -> String {
    let or = |text: &str, other: &str| match text {
        "" => other.to_owned(),
        text => plain(text),
    };
    let subject = match line.subject_id.as_str() {
        "" => plain(&line.subject_kind),
        id => format!("{}:{}", plain(&line.subject_kind), plain(id)),
    };
    let outcome = match line.status {
        0 => line.outcome.clone(),
        status => format!("{} {status}", line.outcome),
    };
    format!(
        "{}  {}  {}  {}  {subject}  {outcome}  {}  {}",
        line.at,
        or(&line.tenant, "-"),
        or(&line.actor_name, &line.actor_kind),
        line.action,
        or(&line.address, "-"),
        plain(&line.reason),
    )
    .trim_end()
    .to_owned()
}

/// What strangers wrote must not steer a terminal.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { '?' } else { letter })
        .collect()
}

/// What a program reads.
fn whole(line: &AuditLine) -> anyhow::Result<serde_json::Value> {
    let AuditLine {
        id,
        tenant,
        at,
        actor_kind,
        actor_id,
        actor_name,
        action,
        subject_kind,
        subject_id,
        outcome,
        status,
        reason,
        address,
        user_agent,
        credential,
        trace_id,
        details_json,
    } = line;
    let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let details: serde_json::Value = serde_json::from_str(details_json)?;
    Ok(json!({
        "id": id, "tenant": told(tenant), "at": at,
        "actor": { "kind": actor_kind, "id": told(actor_id), "name": told(actor_name) },
        "action": action, "subject": { "kind": subject_kind, "id": told(subject_id) },
        "outcome": outcome, "status": (*status != 0).then_some(status), "reason": told(reason),
        "address": told(address), "user_agent": told(user_agent), "credential": told(credential),
        "trace_id": told(trace_id), "details": details,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_who_did_what_and_steers_no_terminal() {
        let line = AuditLine {
            at: "2026-01-02T03:04:05Z".into(),
            tenant: "acme".into(),
            actor_kind: "user".into(),
            actor_name: "owner@acme.example".into(),
            action: "revoke_api_key".into(),
            subject_kind: "api_key".into(),
            subject_id: "7\u{1b}[2J".into(),
            outcome: "refused".into(),
            status: 403,
            address: "203.0.113.9".into(),
            reason: "no".into(),
            details_json: "{}".into(),
            ..AuditLine::default()
        };
        assert_eq!(
            short(&line),
            "2026-01-02T03:04:05Z  acme  owner@acme.example  revoke_api_key  api_key:7?[2J  refused 403  203.0.113.9  no"
        );
        let whole = whole(&line).expect("JSON");
        assert_eq!(whole["status"], 403);
        assert!(whole["credential"].is_null());
    }
}
