//! One bucket and whom it is for.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use uuid::Uuid;

use super::{Class, lease::Lease};

/// Who is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// All requests from a place.
    Place(IpNet),
    /// Those without a valid credential.
    Anonymous(IpNet),
    /// Attempts to sign in.
    SignIn(IpNet),
    /// Sessions that are renewed or ended.
    Renew(IpNet),
    /// All requests of a tenant.
    Tenant(Uuid),
    /// Those of one key or person of it.
    Caller(Uuid, Uuid),
    /// Those of a class.
    Class(Uuid, Class),
}

impl Subject {
    /// In Redis. Everything of a tenant's names it.
    fn key(&self) -> String {
        match self {
            Self::Place(place) => format!("place:{place}"),
            Self::Anonymous(place) => format!("place:{place}:anonymous"),
            Self::SignIn(place) => format!("place:{place}:sign_in"),
            Self::Renew(place) => format!("place:{place}:renew"),
            Self::Tenant(tenant) => format!("tenant:{tenant}"),
            Self::Caller(tenant, caller) => format!("tenant:{tenant}:caller:{caller}"),
            Self::Class(tenant, class) => format!("tenant:{tenant}:{}", class.as_str()),
        }
    }

    /// In answers and metrics.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Place(_) => "address",
            Self::Anonymous(_) => "anonymous",
            Self::SignIn(_) => "sign_in",
            Self::Renew(_) => "renew",
            Self::Tenant(_) => "tenant",
            Self::Caller(..) => "key",
            Self::Class(_, class) => class.as_str(),
        }
    }
}

/// A bucket in use.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) subject: Subject,
    pub(super) key: String,
    lease: Mutex<Lease>,
    /// Held by whoever asks Redis for more; others wait for what it brings.
    pub(super) refill: tokio::sync::Mutex<()>,
}

impl Lane {
    pub(super) fn new(subject: Subject, per_minute: u32) -> Self {
        Self {
            subject,
            key: subject.key(),
            lease: Mutex::new(Lease::new(per_minute)),
            refill: tokio::sync::Mutex::default(),
        }
    }

    /// What is known of it here. Never held over an await.
    pub(super) fn lease(&self) -> MutexGuard<'_, Lease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
