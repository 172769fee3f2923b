//! Amazon through Apify.

mod reading;
mod runs;
mod samples;
mod searching;
mod sim;
mod stub;
mod unseen;

use std::sync::LazyLock;

use connectors::amazon::{Amazon, SOURCE, Settings};

use crate::support::{executor, sources};

/// One with the default settings, which have no token.
fn connector() -> &'static Amazon {
    static CONNECTOR: LazyLock<Amazon> = LazyLock::new(|| build(&settings()));
    &CONNECTOR
}

fn build(settings: &Settings) -> Amazon {
    Amazon::new(settings, executor(&sources())).expect("good settings")
}

/// The defaults, without the times that only the real upstream needs.
fn settings() -> Settings {
    let mut settings = Settings::read(&sources()).expect("good defaults");
    settings.poll_wait_seconds = 1;
    settings.start_grace_seconds = 1;
    settings.cost_settle_seconds = 0;
    settings
}

fn secret(text: &str) -> config::Secret {
    serde_json::from_value(serde_json::json!(text)).expect("a secret")
}
