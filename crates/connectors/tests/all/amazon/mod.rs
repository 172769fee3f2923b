//! Amazon through Apify.

mod reading;
mod samples;
mod sim;

use std::sync::LazyLock;

use connectors::amazon::{Amazon, SOURCE, Settings};

use crate::support::{egress, sources};

/// One with the default settings, which have no token.
fn connector() -> &'static Amazon {
    static CONNECTOR: LazyLock<Amazon> = LazyLock::new(|| Amazon::new(&settings(), egress()));
    &CONNECTOR
}

fn settings() -> Settings {
    Settings::read(&sources()).expect("good defaults")
}
