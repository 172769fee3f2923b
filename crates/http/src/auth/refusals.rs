//! Credentials that were refused, on their way to whoever writes them down.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use async_trait::async_trait;
use axum::extract::{FromRequestParts, MatchedPath};
use chrono::{DateTime, Utc};
use http::{header, request::Parts};
use ipnet::IpNet;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{ApiError, ClientAddress};

/// Refusals that may wait to be written down.
const WAITING: usize = 1_024;
/// Of one place so many a minute are told: whoever tries a million keys must not fill anybody's log.
const A_MINUTE: u32 = 30;
/// Places counted in a minute; of more nothing is told.
const PLACES: usize = 10_000;
/// Longest user agent that is passed on.
const LONGEST_AGENT: usize = 200;

/// Why a credential was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// An access token past its end.
    Expired,
    /// An access token that is not ours, or changed.
    BadToken,
    /// Not an API key, or nobody's.
    UnknownKey,
    /// An API key that was revoked or has expired.
    RevokedKey,
    /// An API key from an address off its list.
    Address,
    /// The session ended, or its person has another role or left.
    SessionEnded,
    /// The host names another tenant than the credential's.
    OtherTenant,
    /// A cookie on a request of another site.
    CrossSite,
    /// A refresh token that was used before.
    Replayed,
}

impl RefusalKind {
    /// As in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::BadToken => "bad_token",
            Self::UnknownKey => "unknown_key",
            Self::RevokedKey => "revoked_key",
            Self::Address => "address",
            Self::SessionEnded => "session_ended",
            Self::OtherTenant => "other_tenant",
            Self::CrossSite => "cross_site",
            Self::Replayed => "replayed",
        }
    }
}

/// Where a request comes from and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// Whether it may change something.
    pub writes: bool,
    /// The route's pattern; `none` where nothing matched.
    pub route: String,
    /// What the client calls itself, cut.
    pub user_agent: Option<String>,
    /// The request's trace.
    pub trace_id: Option<String>,
}

impl Origin {
    /// As a request tells.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let route = parts.extensions.get::<MatchedPath>();
        let agent = parts.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|value| value.to_str().ok());
        Self {
            address: ClientAddress::of(parts).0,
            writes: !parts.method.is_safe(),
            route: route.map_or("none", MatchedPath::as_str).to_owned(),
            user_agent: agent.map(|text| text.chars().take(LONGEST_AGENT).collect()),
            trace_id: telemetry::propagation::current_trace_id(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::of(parts))
    }
}

/// A credential that was refused. What it says of a tenant or a subject was proven by the credential itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub kind: RefusalKind,
    /// When.
    pub at: DateTime<Utc>,
    /// Whose credential it was, if that is certain.
    pub tenant_id: Option<Uuid>,
    /// The user or API key, if that is certain.
    pub subject: Option<Uuid>,
    /// From where, to where.
    pub origin: Origin,
}

/// Where refusals are written down.
#[async_trait]
pub trait Refusals: Send + Sync + 'static {
    /// Takes some, oldest first. What fails here is lost: nothing may wait for it.
    async fn refused(&self, refusals: Vec<Refusal>);
}

/// Writes them to the process' log.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogRefusals;

#[async_trait]
impl Refusals for LogRefusals {
    async fn refused(&self, refusals: Vec<Refusal>) {
        for refusal in refusals {
            let origin = &refusal.origin;
            tracing::info!(
                kind = refusal.kind.as_str(),
                tenant.id = refusal.tenant_id.map(tracing::field::display),
                subject.id = refusal.subject.map(tracing::field::display),
                client.address = %origin.address,
                http.route = origin.route,
                refused.trace_id = origin.trace_id,
                "credential refused"
            );
        }
    }
}

/// Counts every refusal and passes on as many as somebody can read.
pub(super) struct Desk {
    sender: mpsc::Sender<Refusal>,
    receiver: tokio::sync::Mutex<mpsc::Receiver<Refusal>>,
    places: Mutex<Places>,
    sink: OnceLock<Arc<dyn Refusals>>,
}

/// Of which place how many were told in which minute.
#[derive(Default)]
struct Places {
    minute: i64,
    told: HashMap<IpNet, u32>,
}

impl Places {
    fn admit(&mut self, place: IpNet, at: DateTime<Utc>) -> bool {
        let minute = at.timestamp().div_euclid(60);
        if minute != self.minute {
            self.minute = minute;
            self.told.clear();
        }
        if self.told.len() >= PLACES && !self.told.contains_key(&place) {
            return false;
        }
        let told = self.told.entry(place).or_default();
        *told += 1;
        *told <= A_MINUTE
    }
}

impl Default for Desk {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            sender,
            receiver: tokio::sync::Mutex::new(receiver),
            places: Mutex::default(),
            sink: OnceLock::new(),
        }
    }
}

impl Desk {
    /// Where they go; only the first time counts.
    pub(super) fn send_to(&self, sink: Arc<dyn Refusals>) {
        let _ = self.sink.set(sink);
    }

    /// Takes one, at once.
    pub(super) fn take(&self, refusal: Refusal) {
        metrics::counter!("auth_refusals_total", "kind" => refusal.kind.as_str()).increment(1);
        let place = ClientAddress(refusal.origin.address).place();
        let admitted = self
            .places
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .admit(place, refusal.at);
        if !admitted || self.sender.try_send(refusal).is_err() {
            metrics::counter!("auth_refusals_untold_total").increment(1);
        }
    }

    /// Passes them on until `stop`, and then what is left.
    pub(super) async fn run(&self, stop: &CancellationToken) {
        const AT_ONCE: usize = 100;
        let mut receiver = self.receiver.lock().await;
        let mut batch = Vec::with_capacity(AT_ONCE);
        loop {
            tokio::select! {
                biased;
                _ = receiver.recv_many(&mut batch, AT_ONCE) => {}
                () = stop.cancelled() => return,
            }
            let batch = std::mem::take(&mut batch);
            match self.sink.get() {
                Some(sink) => sink.refused(batch).await,
                None => LogRefusals.refused(batch).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_place_only_so_many_a_minute_are_told() {
        let mut places = Places::default();
        let place = |n: u8| IpNet::from(IpAddr::from([203, 0, 113, n]));
        let at = DateTime::UNIX_EPOCH;
        let told = (0..100).filter(|_| places.admit(place(1), at)).count();
        assert_eq!(told, 30);
        assert!(places.admit(place(2), at), "another place");
        assert!(places.admit(place(1), at + chrono::TimeDelta::minutes(1)));
        for n in 0..20_000_u32 {
            let host = IpAddr::from((0x0a00_0000 + n).to_be_bytes());
            places.admit(host.into(), at);
        }
        assert!(places.told.len() <= PLACES);
    }
}
