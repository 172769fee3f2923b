//! Credentials that were refused, as lines of the audit log.

use std::sync::Arc;

use ::audit::{Actor, Entry, Outcome, Recorder, Subject};
use async_trait::async_trait;

use crate::auth::{Refusal, RefusalKind, Refusals};

/// What the log calls it when somebody reads, or would, with a credential.
const ACTION: &str = "use_credential";

/// Keeps refused credentials in the audit log. [`watch`](super::watch) tells of requests that would change something by
/// itself, so only the others are told from here.
pub struct RefusedCredentials(Arc<dyn Recorder>);

impl RefusedCredentials {
    /// Gives them to `recorder`.
    #[must_use]
    pub fn new(recorder: Arc<dyn Recorder>) -> Self {
        Self(recorder)
    }
}

#[async_trait]
impl Refusals for RefusedCredentials {
    async fn refused(&self, refusals: Vec<Refusal>) {
        let reads = refusals
            .into_iter()
            .filter(|refusal| !refusal.origin.writes);
        let lines: Vec<Entry> = reads.map(line).collect();
        if lines.is_empty() {
            return;
        }
        let count = lines.len() as u64;
        if let Err(cause) = self.0.record(lines).await {
            metrics::counter!("audit_left_out_total").increment(count);
            tracing::warn!(
                error = format!("{cause:#}"),
                lines = count,
                "refused credentials are not in the audit log"
            );
        }
    }
}

/// Whoever shows a credential that is not taken need not be who it was given to: nobody is named as having acted, and
/// whose credential it was is what the line is about.
fn line(refusal: Refusal) -> Entry {
    let Refusal {
        kind,
        at: _, // the event's, a moment later
        tenant_id,
        subject,
        origin,
    } = refusal;
    let subject = subject.map_or_else(Subject::default, |id| Subject::new(credential(kind), id));
    let mut line = Entry::by(Actor::ANONYMOUS, ACTION, tenant_id, subject);
    line.outcome = Outcome::Refused(status(kind));
    line.reason = kind.as_str().to_owned();
    line.address = origin.address.to_string();
    line.user_agent = origin.user_agent.unwrap_or_default();
    line.trace_id = origin.trace_id.unwrap_or_default();
    line.details.insert("route".to_owned(), origin.route.into());
    line
}

/// What was shown, as far as the refusal tells.
const fn credential(kind: RefusalKind) -> &'static str {
    match kind {
        RefusalKind::UnknownKey | RefusalKind::RevokedKey | RefusalKind::Address => "api_key",
        RefusalKind::OtherTenant => "credential",
        RefusalKind::Expired
        | RefusalKind::BadToken
        | RefusalKind::SessionEnded
        | RefusalKind::CrossSite
        | RefusalKind::Replayed => "user",
    }
}

/// As the caller was told.
const fn status(kind: RefusalKind) -> u16 {
    match kind {
        RefusalKind::Address | RefusalKind::OtherTenant | RefusalKind::CrossSite => 403,
        RefusalKind::Expired
        | RefusalKind::BadToken
        | RefusalKind::UnknownKey
        | RefusalKind::RevokedKey
        | RefusalKind::SessionEnded
        | RefusalKind::Replayed => 401,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Mutex;

    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::auth::Origin;

    #[derive(Default)]
    struct Kept(Mutex<Vec<Entry>>);

    #[async_trait]
    impl Recorder for Kept {
        async fn record(&self, entries: Vec<Entry>) -> anyhow::Result<()> {
            self.0.lock().expect("not poisoned").extend(entries);
            Ok(())
        }
    }

    fn refusal(kind: RefusalKind, writes: bool) -> Refusal {
        Refusal {
            kind,
            at: DateTime::UNIX_EPOCH,
            tenant_id: Some(Uuid::from_u128(1)),
            subject: Some(Uuid::from_u128(2)),
            origin: Origin {
                address: IpAddr::from([203, 0, 113, 9]),
                writes,
                route: "/api/v1/products".to_owned(),
                user_agent: Some("curl".to_owned()),
                trace_id: None,
            },
        }
    }

    #[tokio::test]
    async fn a_read_with_a_revoked_key_is_a_line_and_a_write_is_left_to_its_request() {
        let kept = Arc::new(Kept::default());
        let recorder: Arc<dyn Recorder> = kept.clone();
        let sink = RefusedCredentials::new(recorder);
        let refused = vec![
            refusal(RefusalKind::RevokedKey, true),
            refusal(RefusalKind::RevokedKey, false),
        ];
        sink.refused(refused).await;
        let lines = kept.0.lock().expect("not poisoned").clone();
        let [line] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        assert_eq!(line.tenant_id, Some(Uuid::from_u128(1)));
        assert_eq!(line.subject, Subject::new("api_key", Uuid::from_u128(2)));
        assert_eq!(line.outcome, Outcome::Refused(401));
        assert_eq!(line.reason, "revoked_key");
        assert_eq!(line.details["route"], "/api/v1/products");
    }
}
