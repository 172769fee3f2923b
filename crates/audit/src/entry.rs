//! One line of the audit log, before it has its time and number.

use serde_json::{Map, Value};
use uuid::Uuid;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ActorKind {
    User,
    ApiKey,
    Operator,
    System,
    Anonymous,
}

impl ActorKind {
    /// As in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiKey => "api_key",
            Self::Operator => "operator",
            Self::System => "system",
            Self::Anonymous => "anonymous",
        }
    }
}

/// Who acts, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// What they are.
    pub kind: ActorKind,
    /// The person or key.
    pub id: Option<Uuid>,
}

impl Actor {
    /// Nobody knows.
    pub const ANONYMOUS: Self = Self {
        kind: ActorKind::Anonymous,
        id: None,
    };
    /// Who runs this installation.
    pub const OPERATOR: Self = Self {
        kind: ActorKind::Operator,
        id: None,
    };
    /// Bellwether by itself.
    pub const SYSTEM: Self = Self {
        kind: ActorKind::System,
        id: None,
    };

    /// A person.
    #[must_use]
    pub const fn user(id: Uuid) -> Self {
        Self {
            kind: ActorKind::User,
            id: Some(id),
        }
    }

    /// A program.
    #[must_use]
    pub const fn api_key(id: Uuid) -> Self {
        Self {
            kind: ActorKind::ApiKey,
            id: Some(id),
        }
    }
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Such as `tracking`.
    pub kind: String,
    /// Its id; empty when there is one of a kind, or none.
    pub id: String,
}

impl Subject {
    /// A thing of this kind.
    pub fn new(kind: &str, id: impl ToString) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_string(),
        }
    }
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, with this HTTP status.
    Refused(u16),
}

impl Outcome {
    /// As in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused(_) => "refused",
        }
    }

    /// The status of a refusal; what was done was done whatever its answer says.
    #[must_use]
    pub const fn status(self) -> Option<u16> {
        match self {
            Self::Done => None,
            Self::Refused(status) => Some(status),
        }
    }
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// In whose log it stands; `None`: in the installation's.
    pub tenant_id: Option<Uuid>,
    /// Who.
    pub actor: Actor,
    /// What: an operation of the API's document, or a command of the operator.
    pub action: String,
    /// To what.
    pub subject: Subject,
    /// How it went.
    pub outcome: Outcome,
    /// Why it was refused, as the caller was told.
    pub reason: String,
    /// From where.
    pub address: String,
    /// With what program, as it says itself.
    pub user_agent: String,
    /// The session or key.
    pub credential: Option<Uuid>,
    /// Names the request in the logs of the processes; empty: whoever keeps the line knows.
    pub trace_id: String,
    /// What more is known.
    pub details: Map<String, Value>,
}

impl Entry {
    /// Something that was done outside of any request.
    pub fn by(actor: Actor, action: &str, tenant_id: Option<Uuid>, subject: Subject) -> Self {
        Self {
            tenant_id,
            actor,
            action: action.to_owned(),
            subject,
            outcome: Outcome::Done,
            reason: String::new(),
            address: String::new(),
            user_agent: String::new(),
            credential: None,
            trace_id: String::new(),
            details: Map::new(),
        }
    }
}
