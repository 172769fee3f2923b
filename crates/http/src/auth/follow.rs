//! Hearing of what ended, and telling what was used and refused.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::{Actor, Authenticator, Change, Principal, SessionRecord, Standing, believed::About};

/// When to listen again after a failure.
const AGAIN: Duration = Duration::from_millis(500);

/// Between two times that uses of keys are told.
const USES: Duration = Duration::from_secs(5);

/// So long the last uses may take when the process stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// Changes that are heeded in one go.
const AT_ONCE: usize = 1_000;

/// Whether a change is about what this caller showed.
fn concerns(change: &Change, principal: &Principal) -> bool {
    match (change, &principal.actor) {
        (Change::Tenant(id), _) => *id == principal.tenant_id,
        (Change::Session(id), Actor::User { session_id, .. }) => id == session_id,
        (Change::Member { tenant_id, user_id }, Actor::User { id, .. }) => {
            *tenant_id == principal.tenant_id && user_id == id
        }
        (Change::ApiKey(changed), Actor::ApiKey { id, .. }) => changed == id,
        _ => false,
    }
}

impl About for SessionRecord {
    fn ids(&self) -> [uuid::Uuid; 3] {
        [self.session_id, self.user_id, self.tenant_id]
    }

    fn is_changed_by(&self, change: &Change) -> bool {
        match change {
            Change::Member { tenant_id, user_id } => {
                *tenant_id == self.tenant_id && *user_id == self.user_id
            }
            Change::Tenant(id) => *id == self.tenant_id,
            Change::Session(id) => *id == self.session_id,
            Change::ApiKey(_) | Change::SigningKeys | Change::Everything => false,
        }
    }
}

impl Authenticator {
    /// Keeps up with the identity service until `stop`: what ended there is refused here within moments, instead of when
    /// the answers kept run out. Also tells it which keys are used, and passes refusals on.
    ///
    /// # Errors
    /// Never; the type is that of a supervised task.
    pub async fn follow(self, stop: CancellationToken) -> anyhow::Result<()> {
        tokio::join!(
            self.hear(&stop),
            self.tell_uses(&stop),
            self.shared.refusals.run(&stop)
        );
        Ok(())
    }

    /// Ends when what this caller showed is no longer good, or may not be. For answers that go on and on: whoever lost
    /// access must not listen on, and whoever has it connects again.
    pub fn ended(&self, principal: &Principal) -> impl Future<Output = ()> + Send + use<> {
        let mut changes = self.shared.changes.subscribe();
        let (authenticator, principal) = (self.clone(), principal.clone());
        async move {
            loop {
                match changes.recv().await {
                    // Something may have been missed. Were this the end, everybody would connect again whenever the
                    // identity service is started.
                    Ok(Change::Everything) | Err(RecvError::Lagged(_)) => {
                        if !authenticator.still_holds(&principal).await {
                            return;
                        }
                    }
                    Ok(change) if concerns(&change, &principal) => return,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return std::future::pending().await,
                }
            }
        }
    }

    /// Whether what this caller showed is as good as it was; while nobody can say, it is.
    async fn still_holds(&self, principal: &Principal) -> bool {
        let (shared, tenant_id) = (&self.shared, principal.tenant_id);
        let proven = match &principal.actor {
            Actor::User {
                id,
                role,
                session_id,
            } => {
                let ask = || shared.lookup.session(tenant_id, *session_id);
                let session = shared.sessions.find(*session_id, ask).await;
                session.map(|found| {
                    found.is_some_and(|session| {
                        let now = &session.value;
                        now.user_id == *id
                            && now.role == *role
                            && *now.tenant_slug == *principal.tenant_slug
                    })
                })
            }
            Actor::ApiKey { id, .. } => shared.api_keys.works(*id).await,
        };
        let stands = shared.standings.of(tenant_id).await;
        proven.unwrap_or(true)
            && stands.map_or(true, |told| matches!(told.value.standing, Standing::Active))
    }

    async fn hear(&self, stop: &CancellationToken) {
        let mut told = false;
        while !stop.is_cancelled() {
            let heard = tokio::select! {
                () = stop.cancelled() => return,
                heard = self.hear_once() => heard,
            };
            match heard {
                Ok(()) => told = false,
                // Once: services start in any order, and an absence may last.
                Err(error) if !told => {
                    told = true;
                    tracing::info!(%error, "changes of credentials are not heard yet");
                }
                Err(_) => {}
            }
            let _ = tokio::time::timeout(AGAIN, stop.cancelled()).await;
        }
    }

    async fn hear_once(&self) -> Result<(), super::LookupError> {
        let changes = self.shared.lookup.changes().await?;
        // Whatever was missed until now.
        self.heed(&[Change::Everything]).await;
        let mut changes = changes.ready_chunks(AT_ONCE);
        while let Some(changes) = changes.next().await {
            self.heed(&changes).await;
        }
        tracing::warn!(
            "changes of credentials are not heard; what was told is believed for seconds"
        );
        Ok(())
    }

    async fn heed(&self, changes: &[Change]) {
        let (shared, now) = (&self.shared, Instant::now());
        let mut of_many = Vec::new();
        for change in changes {
            shared.heard.note(change, now);
            match change {
                Change::Session(id) => shared.sessions.forget(id).await,
                Change::ApiKey(id) => shared.api_keys.forget(*id).await,
                Change::Member { .. } => of_many.push(*change),
                Change::Tenant(id) => {
                    shared.standings.believed.forget(id).await;
                    of_many.push(*change);
                }
                Change::SigningKeys => {
                    shared.signing_keys.doubt();
                    shared.tokens.clear();
                }
                Change::Everything => {
                    shared.signing_keys.doubt();
                    shared.sessions.doubt_all();
                    shared.api_keys.believed().doubt_all();
                    shared.standings.believed.doubt_all();
                    shared.tokens.clear();
                }
            }
        }
        if !of_many.is_empty() {
            shared.sessions.forget_changed(&of_many).await;
            shared.api_keys.believed().forget_changed(&of_many).await;
        }
        // Now that whoever looks again learns what is so. Nobody may be waiting.
        for change in changes {
            let _ = shared.changes.send(*change);
        }
    }

    async fn tell_uses(&self, stop: &CancellationToken) {
        while tokio::time::timeout(USES, stop.cancelled()).await.is_err() {
            let now = Instant::now();
            self.shared.tokens.sweep(now);
            self.shared.keys.sweep(now);
            if let Err(error) = self.shared.api_keys.tell_uses().await {
                tracing::debug!(%error, "uses of API keys are told later");
            }
        }
        let _ = tokio::time::timeout(FAREWELL, self.shared.api_keys.tell_uses()).await;
    }
}
