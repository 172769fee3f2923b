//! A mail server that keeps what it gets: a real SMTP conversation on a port of its own, and what came, over HTTP.

mod http;
mod inbox;
mod smtp;

pub(crate) use http::router;
pub(crate) use inbox::{Inbox, MailFault};
pub(crate) use smtp::serve;
