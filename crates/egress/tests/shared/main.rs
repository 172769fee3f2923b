//! Limits kept by several processes together, against a real Redis.

mod limits;
mod standing;
mod support;
mod urgency;
