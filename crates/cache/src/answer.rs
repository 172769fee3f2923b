//! What is kept, and under which name.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use uuid::Uuid;

/// A body and its ETag, each made once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// As it is sent.
    pub body: Bytes,
    /// The ETag, with its quotes.
    pub tag: HeaderValue,
}

/// Answers of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// In keys and metrics.
    pub name: &'static str,
    /// How long they are kept at most.
    pub life: Duration,
}

/// The name of an answer. The tenant is part of it: what is one tenant's is never found by another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The name of its class.
    pub class: &'static str,
    /// Whose it is.
    pub tenant: Uuid,
    /// What it is about.
    pub subject: i64,
    /// Which of several about the same; may be empty.
    pub variant: Box<str>,
}
