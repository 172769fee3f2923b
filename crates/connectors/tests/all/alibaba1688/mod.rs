//! 1688's open platform.

mod gateway;
mod reading;
mod samples;
mod searching;
mod sim;
mod unseen;

use connectors::alibaba1688::{Alibaba1688, SOURCE, Settings};
use connectors::{Connector, Outcome};

use crate::support::{cx, executor, sources, target};

/// One with the default settings.
fn connector() -> Alibaba1688 {
    let sources = sources();
    let settings = Settings::read(&sources).expect("good defaults");
    Alibaba1688::new(&settings, executor(&sources))
}

/// What a body says of one listing; `None` when it does not mention it.
fn read(body: &[u8], id: &str) -> Option<Outcome> {
    let targets = [target(SOURCE, "CN", id)];
    let outcomes = connector().read(body, &cx(&targets));
    outcomes.into_iter().map(|(_, outcome)| outcome).next()
}
