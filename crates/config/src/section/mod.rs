//! One small file a section: its struct and what its keys accept.

pub(crate) mod amqp;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod cache;
pub(crate) mod crawl;
pub(crate) mod database;
pub(crate) mod egress;
pub(crate) mod history;
pub(crate) mod http;
pub(crate) mod ingest;
pub(crate) mod internal;
pub(crate) mod limits;
pub(crate) mod listen;
pub(crate) mod mail;
pub(crate) mod peers;
pub(crate) mod process;
pub(crate) mod redis;
pub(crate) mod secrets;
pub(crate) mod sources;
pub(crate) mod sync;
pub(crate) mod telemetry;
pub(crate) mod tenants;
pub(crate) mod web;
pub(crate) mod worker;

use crate::rule::Rules;

/// Every section with its rules.
pub(crate) const ALL: &[(&str, Rules)] = &[
    ("process", process::RULES),
    ("listen", listen::RULES),
    ("http", http::RULES),
    ("limits", limits::RULES),
    ("peers", peers::RULES),
    ("database", database::RULES),
    ("redis", redis::RULES),
    ("cache", cache::RULES),
    ("amqp", amqp::RULES),
    ("secrets", secrets::RULES),
    ("internal", internal::RULES),
    ("auth", auth::RULES),
    ("mail", mail::RULES),
    ("audit", audit::RULES),
    ("crawl", crawl::RULES),
    ("ingest", ingest::RULES),
    ("history", history::RULES),
    ("sync", sync::RULES),
    ("tenants", tenants::RULES),
    ("worker", worker::RULES),
    ("egress", egress::RULES),
    ("telemetry", telemetry::RULES),
    ("web", web::RULES),
];
