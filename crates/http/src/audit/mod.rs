//! The audit log, as requests feed it.
//!
//! [`surround`](crate::surround) puts [`watch`] around a service's routes.
//!
//! Reads pass untouched. Of everything else a line is kept: in the transaction that changes something (`db::TenantTx`
//! does so by itself), after the answer where there was none, and of refusals a moment later: in the log of the tenant
//! whose credential it was, where that proved so much before it was refused.

mod actions;
mod bounded;
mod refusals;

pub use refusals::RefusedCredentials;

use std::sync::Arc;

use ::audit::{Act, Actor, Outcome, Recorder, Subject};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{StatusCode, header};
use utoipa::openapi::OpenApi;

use self::actions::{Actions, subject};
use self::bounded::Bounded;
use crate::auth::Proven;
use crate::problem::Problem;
use crate::{ClientAddress, idempotency};

/// State of [`watch`]; cheap to clone.
#[derive(Clone)]
pub struct Audit(Arc<Shared>);

struct Shared {
    actions: Actions,
    recorder: Arc<dyn Recorder>,
    bounded: Bounded,
}

impl Audit {
    /// Names requests as this document's operations and gives to `recorder` what no transaction kept. Must run inside a
    /// Tokio runtime.
    #[must_use]
    pub fn new(document: &OpenApi, recorder: Arc<dyn Recorder>) -> Self {
        Self(Arc::new(Shared {
            actions: Actions::of(document),
            bounded: Bounded::new(Arc::clone(&recorder)),
            recorder,
        }))
    }

    /// What the request is for; nothing for a read or an unknown address.
    fn act(&self, request: &Request) -> Option<Act> {
        if request.method().is_safe() {
            return None;
        }
        let route = request.extensions().get::<MatchedPath>()?.as_str();
        let action = self.0.actions.find(request.method(), route)?;
        Some(Act::new(action, subject(route, request.uri().path())))
    }

    async fn settle(&self, act: &Act, proven: &Proven, answered: Answered) {
        match answered {
            Answered::Done if !act.is_kept() => {
                let line = act.entry(Outcome::Done);
                if line.actor == Actor::ANONYMOUS {
                    // Signing out with a token that nobody has changes nothing, and anybody may.
                    self.0.bounded.tell(line).await;
                } else if let Err(cause) = self.0.recorder.record(vec![line]).await {
                    // It is done all the same, and the caller should know that.
                    metrics::counter!("audit_lost_total").increment(1);
                    tracing::error!(
                        error = format!("{cause:#}"),
                        "a line of the audit log is lost"
                    );
                }
            }
            Answered::Refused(status, reason) => {
                act.refused_because(&reason);
                let refused = Outcome::Refused(status.as_u16());
                let mut line = act.entry(refused);
                if let (None, Some(owner)) = (line.tenant_id, proven.owner()) {
                    // Whoever shows it need not be who it was given to: nobody is named as having acted.
                    line.tenant_id = Some(owner.tenant_id);
                    line.subject = Subject::new(owner.kind, owner.id);
                }
                self.0.bounded.tell(line).await;
            }
            Answered::Done | Answered::Else => {}
        }
    }
}

/// What an answer means to the audit log.
enum Answered {
    Done,
    Refused(StatusCode, String),
    /// It failed, was in vain, or is what was answered, and kept, before.
    Else,
}

impl Answered {
    fn by(response: &Response) -> Self {
        let status = response.status();
        let replayed = response
            .headers()
            .contains_key(idempotency::REPLAYED_HEADER);
        if is_refusal(status) {
            let problem = response.extensions().get::<Problem>();
            let reason = problem.map_or_else(String::new, |problem| problem.detail.clone());
            Self::Refused(status, reason)
        } else if status.is_success() && !replayed {
            Self::Done
        } else {
            Self::Else
        }
    }
}

/// Of who asks or how often, other than of what is asked for.
const fn is_refusal(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    )
}

/// Middleware around a service's routes: the handler runs under what is known of its request.
pub async fn watch(State(audit): State<Audit>, request: Request, next: Next) -> Response {
    match audit.act(&request) {
        None => next.run(request).await,
        // Boxed: reads, which are most, need not carry it along.
        Some(act) => Box::pin(watched(audit, act, request, next)).await,
    }
}

async fn watched(audit: Audit, act: Act, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let proven = Proven::default();
    parts.extensions.insert(proven.clone());
    let agent = parts.headers.get(header::USER_AGENT);
    let agent = agent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let address = ClientAddress::of(&parts).0.to_string();
    // Refusals are kept outside of the request, whose trace is gone then.
    let trace_id = telemetry::propagation::current_trace_id().unwrap_or_default();
    let act = Arc::new(act.from(address, agent.as_deref().unwrap_or_default(), trace_id));
    let handled = next.run(Request::from_parts(parts, body));
    let response = ::audit::scope(Arc::clone(&act), handled).await;
    let answered = Answered::by(&response);
    audit.settle(&act, &proven, answered).await;
    response
}
