//! Haier's platform for distributors.

mod asking;
mod live;
mod reading;
mod samples;
mod sim;
mod unseen;
mod upstream;

use connectors::haier::{Haier, SOURCE, Settings};
use connectors::{Connector, Credential, Job, Target, Urgency, Work};

use crate::support::{Recorder, executor, sources, target};

/// One that asks this address without pauses.
fn connector(base_url: &str) -> Haier {
    with(base_url, "")
}

/// As [`connector`], with something before the token.
fn with(base_url: &str, token_prefix: &str) -> Haier {
    let mut sources = sources();
    sources.set("haier", "base_url", base_url);
    sources.set("haier", "token_prefix", token_prefix);
    sources.set("haier", "jitter_min_ms", 0);
    sources.set("haier", "jitter_max_ms", 1);
    let settings = Settings::read(&sources).expect("good settings");
    Haier::new(&settings, executor(&sources))
}

/// A credential with these changes; an empty text takes a field away.
fn credential(changes: &[(&str, &str)]) -> Credential {
    let mut fields: std::collections::BTreeMap<String, String> = [
        ("client_id", market_sim::HAIER_CLIENT_ID),
        ("client_secret", market_sim::HAIER_CLIENT_SECRET),
        ("customer_code", market_sim::HAIER_CUSTOMER),
        ("password", market_sim::HAIER_PASSWORD),
    ]
    .into_iter()
    .chain(changes.iter().copied())
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect();
    fields.retain(|_, text| !text.is_empty());
    Credential::new(fields)
}

fn work(credential: &Credential) -> Work<'_> {
    Work {
        resume: None,
        urgency: Urgency::High,
        credential: Some(credential),
    }
}

async fn crawl(connector: &dyn Connector, credential: &Credential, targets: &[Target]) -> Recorder {
    let recorder = Recorder::default();
    let work = work(credential);
    connector
        .crawl(Job { targets, work }, &recorder)
        .await
        .expect("the lease lives");
    recorder
}

fn code(code: &str) -> Target {
    target(SOURCE, "CN", code)
}
