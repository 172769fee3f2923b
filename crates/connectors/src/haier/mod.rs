//! Haier's open platform for distributors, read with a tenant's own credential.

mod about;
mod account;
mod answer;
pub mod calls;
#[cfg(test)]
mod cases;
mod client;
mod crawl;
mod goods;
pub mod live;
mod live_read;
mod mapping;
mod members;
mod money;
mod read;
mod rows;
mod search;
mod settings;
mod token;
mod tokens;

use async_trait::async_trait;
use domain::observation::Observation;
use domain::source::Source;

use crate::live::{LiveAnswer, LiveCall};
use crate::{
    About, Connector, Credential, Executor, Hits, Job, LeaseLost, Outcome, Progress, ReadCx,
    Search, Urgency, Work,
};
use client::Client;

pub use about::ABOUT;
pub use account::Account;
pub use settings::Settings;
pub use token::Token;

/// The name.
pub const SOURCE: Source = Source::named("haier");

/// The connector. Its tokens live as long as it does, so build one a process.
#[derive(Debug)]
pub struct Haier {
    client: Client,
    low_stock_below: u32,
}

impl Haier {
    /// A connector with these settings.
    pub fn new(settings: &Settings, executor: Executor) -> Self {
        Self {
            client: Client::new(settings, executor),
            low_stock_below: settings.low_stock_below,
        }
    }
}

#[async_trait]
impl Connector for Haier {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn read(&self, body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
        read::read(body, cx)
    }

    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost> {
        self.crawl_all(job, progress).await
    }

    async fn search(
        &self,
        search: &Search,
        work: Work<'_>,
        _: &dyn Progress,
    ) -> Result<Hits, Outcome> {
        self.sift(search, work).await
    }

    async fn check(&self, credential: &Credential) -> Result<String, Outcome> {
        let account = Account::read(credential)?;
        let ask = calls::Ask::Balance;
        let balance = self
            .client
            .read(&account, &ask, Urgency::High, rows::balance)
            .await?;
        // The balance itself is for those who ask for it.
        let name = balance.payer_account_name.or(balance.sale_group_name);
        Ok(name
            .or(balance.payer_account_code)
            .unwrap_or(account.customer))
    }

    async fn live(&self, call: &LiveCall, credential: &Credential) -> Result<LiveAnswer, Outcome> {
        self.live_read(call, credential).await
    }

    fn low_stock(&self, seen: &Observation) -> Option<bool> {
        let left = seen.values.stock_quantity;
        left.map(|left| i64::from(left) < i64::from(self.low_stock_below))
            .or_else(|| seen.values.in_stock.map(|in_stock| !in_stock))
    }

    #[cfg(test)]
    fn cases(&self) -> Option<crate::conformance::Cases> {
        Some(cases::cases())
    }
}
