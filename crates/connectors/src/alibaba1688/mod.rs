//! 1688's open platform, read with a tenant's own credential.

mod about;
mod settings;

use async_trait::async_trait;
use domain::source::Source;

use crate::{About, Connector, Executor, Job, LeaseLost, Outcome, Progress, ReadCx};

pub use about::ABOUT;
pub use settings::Settings;

/// The name.
pub const SOURCE: Source = Source::named("alibaba1688");

/// The connector.
#[derive(Debug)]
pub struct Alibaba1688 {
    _executor: Executor,
}

impl Alibaba1688 {
    /// A connector with these settings.
    pub fn new(_: &Settings, executor: Executor) -> Self {
        Self {
            _executor: executor,
        }
    }
}

#[async_trait]
impl Connector for Alibaba1688 {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn read(&self, _: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
        let unread = Outcome::malformed("not read yet");
        (0..cx.targets.len())
            .map(|place| (place, unread.clone()))
            .collect()
    }

    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost> {
        for place in 0..job.targets.len() {
            progress
                .outcome(place, Outcome::hopeless("not read yet"))
                .await?;
        }
        Ok(())
    }
}
