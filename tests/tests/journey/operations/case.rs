//! What the walks must know of an operation.

use reqwest::Method;
use serde_json::Value;

use super::ids::Ids;

/// What a caller needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Public,
    /// To be a person who is signed in; a key is not.
    Person,
    /// The permission of this name.
    Read,
    /// See above.
    Write,
    /// See above.
    Crawl,
    /// See above.
    Admin,
    /// To be an owner who is signed in; a key is not, whatever its scopes.
    Owner,
}

impl Needs {
    /// Whether a key with this scope is enough.
    pub fn granted_by(self, scope: &str) -> bool {
        match self {
            Self::Public => true,
            Self::Person | Self::Owner => false,
            Self::Read => matches!(scope, "read" | "write" | "admin"),
            Self::Write => matches!(scope, "write" | "admin"),
            Self::Crawl => matches!(scope, "crawl" | "admin"),
            Self::Admin => scope == "admin",
        }
    }

    /// Whether somebody with this role who is signed in has enough.
    pub fn held_by(self, role: &str) -> bool {
        match self {
            Self::Public | Self::Person => true,
            Self::Read => matches!(role, "viewer" | "member" | "admin" | "owner"),
            Self::Write | Self::Crawl => matches!(role, "member" | "admin" | "owner"),
            Self::Admin => matches!(role, "admin" | "owner"),
            Self::Owner => role == "owner",
        }
    }
}

/// How the walk of the audit log makes it succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// By the first request, in the tenant of the walk.
    ByItself,
    /// By the first request, in the demo tenant, which has what it needs.
    InTheDemo,
    /// By the first request; its line is in the log of the tenant that its answer signs in to.
    WhereItSignsIn,
    /// By the first request; its line is in the log of the installation, because no tenant is known.
    InTheInstallation,
    /// Not by a walk, for this reason; being refused has to leave a line all the same.
    Seldom(&'static str),
}

/// An operation.
pub struct Case {
    /// `operationId` of the document.
    pub name: &'static str,
    /// What a caller needs.
    pub needs: Needs,
    /// Ways to ask; the first is the one that succeeds.
    pub asks: Vec<Ask>,
    /// How it succeeds.
    pub done: Done,
    /// Which ids its answer gives: a name, and where the answer has it.
    pub gives: Vec<(&'static str, &'static str)>,
}

/// A request with ids left open: `{tracking}` stands for one.
#[derive(Clone)]
pub struct Ask {
    /// Its method.
    pub method: Method,
    /// Path and query.
    pub address: &'static str,
    /// JSON.
    pub body: Option<Value>,
    /// The host it is asked at, if it matters.
    pub host: Option<&'static str>,
}

/// An operation and the request that succeeds.
pub fn case(name: &'static str, needs: Needs, ask: Ask) -> Case {
    Case {
        name,
        needs,
        asks: vec![ask],
        done: Done::ByItself,
        gives: Vec::new(),
    }
}

impl Case {
    /// One more way to ask that names something of a tenant.
    pub fn also(mut self, ask: Ask) -> Self {
        self.asks.push(ask);
        self
    }

    /// How it succeeds, if not by itself.
    pub fn done(self, done: Done) -> Self {
        Self { done, ..self }
    }

    /// Its answer gives the id `name` at this JSON pointer.
    pub fn gives(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.gives.push((name, pointer));
        self
    }

    /// Whether it may change something.
    pub fn is_unsafe(&self) -> bool {
        self.asks[0].method != Method::GET
    }
}

pub fn get(address: &'static str) -> Ask {
    ask(Method::GET, address, None)
}

pub fn post(address: &'static str) -> Ask {
    ask(Method::POST, address, None)
}

pub fn delete(address: &'static str) -> Ask {
    ask(Method::DELETE, address, None)
}

pub fn patch(address: &'static str, body: Value) -> Ask {
    ask(Method::PATCH, address, Some(body))
}

pub fn put(address: &'static str, body: Value) -> Ask {
    ask(Method::PUT, address, Some(body))
}

fn ask(method: Method, address: &'static str, body: Option<Value>) -> Ask {
    Ask {
        method,
        address,
        body,
        host: None,
    }
}

impl Ask {
    /// With this body.
    pub fn with(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    /// At this host.
    pub fn at(self, host: &'static str) -> Self {
        Self {
            host: Some(host),
            ..self
        }
    }

    /// The ids it names.
    pub fn names(&self) -> Vec<&str> {
        let body = self.body.as_ref().map(texts).unwrap_or_default();
        let mut names = named(self.address);
        names.extend(body.into_iter().flat_map(named));
        names
    }

    /// Whether it names something that belongs to a tenant.
    pub fn names_a_tenants(&self) -> bool {
        self.names().into_iter().any(Ids::is_a_tenants)
    }

    /// With these ids.
    pub fn filled(&self, ids: &Ids) -> anyhow::Result<(String, Option<Value>)> {
        let address = ids.fill(self.address)?;
        let body = self
            .body
            .as_ref()
            .map(|body| ids.fill_json(body))
            .transpose()?;
        Ok((address, body))
    }
}

/// The texts in a body.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// What stands in braces.
fn named(text: &str) -> Vec<&str> {
    let parts = text.split('{').skip(1);
    parts
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}
