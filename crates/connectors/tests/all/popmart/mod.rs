//! PopMart's shop.

mod fake;
mod reading;
mod remote;
mod samples;
mod searching;
mod sim;
mod unseen;

use std::sync::LazyLock;

use connectors::popmart::{Popmart, SOURCE, Settings};

use crate::support::{executor, sources};

/// One with the default settings, for reading. One for all: building a client takes longer than any
/// reading.
fn connector() -> &'static Popmart {
    static ONE: LazyLock<Popmart> = LazyLock::new(|| with(&settings()));
    &ONE
}

/// One that asks without pauses.
fn with(settings: &Settings) -> Popmart {
    Popmart::new(settings, executor(&hasty()))
}

/// One that asks without pauses, but not twice at once.
fn one_by_one(settings: &Settings) -> Popmart {
    let mut sources = hasty();
    sources.set("popmart", "concurrency", 1);
    Popmart::new(settings, executor(&sources))
}

fn hasty() -> config::Sources {
    let mut sources = sources();
    sources.set("popmart", "jitter_min_ms", 1);
    sources.set("popmart", "jitter_max_ms", 2);
    sources
}

fn settings() -> Settings {
    Settings::read(&sources()).expect("good defaults")
}
