//! Who is doing what in the request under way, for the audit log.
//!
//! A layer around the routes begins an [`Act`] for every request that may change something and runs the handler under it
//! ([`scope`]). Whoever finds out more says so here: the extractor of the caller ([`identified`]), a handler that made
//! something ([`about`]). A database transaction that changes something puts the act's [`Entry`] beside the change
//! ([`Act::entry`]) and says that it is kept ([`Act::kept`]); what no transaction kept, the layer gives to its [`Recorder`].
//!
//! This stands apart from HTTP and from the database because both use it and neither should know the other.

mod act;
mod entry;

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

pub use act::Act;
pub use entry::{Actor, ActorKind, Entry, Outcome, Subject};

tokio::task_local! {
    static UNDER_WAY: Arc<Act>;
}

/// Keeps entries that no transaction of the request kept.
#[async_trait]
pub trait Recorder: Send + Sync + 'static {
    /// Keeps them all, or none.
    async fn record(&self, entries: Vec<Entry>) -> anyhow::Result<()>;
}

/// Runs `work` under `act`.
pub async fn scope<F: Future>(act: Arc<Act>, work: F) -> F::Output {
    UNDER_WAY.scope(act, work).await
}

/// What is under way; nothing in a read, and nothing outside of requests.
#[must_use]
pub fn current() -> Option<Arc<Act>> {
    UNDER_WAY.try_with(Arc::clone).ok()
}

/// `work` under what is under way here, for a task of its own.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let act = current();
    async move {
        match act {
            Some(act) => scope(act, work).await,
            None => work.await,
        }
    }
}

/// It is known who acts, in which tenant, and by which session or key.
pub fn identified(tenant_id: Uuid, actor: Actor, credential: Option<Uuid>) {
    if let Some(act) = current() {
        act.identified(tenant_id, actor, credential);
    }
}

/// It is about this thing rather than the one that the address names: say it before the change is committed.
pub fn about(kind: &str, id: impl ToString) {
    if let Some(act) = current() {
        act.about(Subject::new(kind, id));
    }
}

/// Something more that is worth keeping, such as which role was given. Never a secret.
pub fn detail(name: &str, value: impl Into<serde_json::Value>) {
    if let Some(act) = current() {
        act.detail(name, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act() -> Arc<Act> {
        Arc::new(Act::new("create_tracking", Subject::new("tracking", "")))
    }

    #[tokio::test]
    async fn what_is_found_out_on_the_way_stands_in_the_entry() {
        let act = act();
        let (tenant, person, session) =
            (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        scope(Arc::clone(&act), async {
            identified(tenant, Actor::user(person), Some(session));
            tokio::spawn(carried(async { about("tracking", 7) }))
                .await
                .expect("done");
            detail("role", "viewer");
        })
        .await;
        let entry = act.entry(Outcome::Done);
        assert_eq!(entry.tenant_id, Some(tenant));
        assert_eq!(entry.actor, Actor::user(person));
        assert_eq!(entry.credential, Some(session));
        assert_eq!(entry.subject, Subject::new("tracking", 7));
        assert_eq!(entry.details["role"], "viewer");
    }

    #[tokio::test]
    async fn outside_of_a_request_nothing_is_kept_and_nothing_fails() {
        about("tracking", 7);
        detail("a", 1);
        assert!(current().is_none());
        assert_eq!(carried(async { 5 }).await, 5);
    }

    #[test]
    fn an_act_is_kept_once() {
        let act = act();
        assert!(!act.is_kept());
        act.kept();
        assert!(act.is_kept());
    }
}
