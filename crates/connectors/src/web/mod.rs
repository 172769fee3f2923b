//! Any product page: what it says of itself in structured data.

mod about;
mod address;
mod availability;
mod country;
mod decide;
mod decode;
mod finding;
mod html;
mod locale;
mod open_graph;
mod page;
mod price;
mod query;
mod rating;
mod reading;
mod refusal;
mod schema;
mod settings;
mod text;
mod visible;

use async_trait::async_trait;
use domain::source::Source;

use crate::{About, Connector, Executor, Job, LeaseLost, Outcome, Progress, ReadCx};

pub use about::ABOUT;
pub use settings::Settings;

/// The name.
pub const SOURCE: Source = Source::named("web");

/// The connector.
#[derive(Debug)]
pub struct Web {
    _executor: Executor,
}

impl Web {
    /// A connector with these settings.
    pub fn new(_: &Settings, executor: Executor) -> Self {
        Self {
            _executor: executor,
        }
    }
}

#[async_trait]
impl Connector for Web {
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
