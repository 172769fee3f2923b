//! Many products at once: in calls of as many codes as the platform takes.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt};

use super::account::Account;
use super::calls::{Ask, CODES};
use super::client::Client;
use super::rows::{self, Price, Product, Rows, Warehouse};
use crate::{Outcome, Urgency};

/// What the calls said of a chunk of products, each call by itself.
pub(super) struct Chunk {
    pub products: Result<Rows<Product>, Outcome>,
    pub prices: Result<Rows<Price>, Outcome>,
}

impl Client {
    /// Products and prices of at most [`CODES`] codes, both calls at once.
    pub(super) async fn chunk(
        &self,
        account: &Account,
        codes: &[String],
        urgency: Urgency,
    ) -> Chunk {
        let (products, prices) = (Ask::Products(Some(codes)), Ask::Prices(codes));
        let (products, prices) = futures::join!(
            self.read(account, &products, urgency, rows::products),
            self.read(account, &prices, urgency, rows::prices),
        );
        Chunk { products, prices }
    }

    /// Everything that the distributor may order.
    ///
    /// # Errors
    /// The call's outcome; malformed when the list is empty, because a distributor without any goods and a broken
    /// answer look the same.
    pub(super) async fn full_list(
        &self,
        account: &Account,
        urgency: Urgency,
    ) -> Result<Rows<Product>, Outcome> {
        let list = self
            .read(account, &Ask::Products(None), urgency, rows::products)
            .await?;
        if list.good().next().is_none() {
            return Err(Outcome::malformed("the platform lists no products at all"));
        }
        Ok(list)
    }

    /// Products by their codes, in calls of [`CODES`].
    pub(super) async fn products(
        &self,
        account: &Account,
        codes: &[String],
        urgency: Urgency,
    ) -> Result<Vec<Rows<Product>>, Outcome> {
        let asks = codes.chunks(CODES).map(async |codes| {
            let ask = Ask::Products(Some(codes));
            self.read(account, &ask, urgency, rows::products).await
        });
        let asks: Vec<_> = asks.collect();
        futures::stream::iter(asks).buffered(2).try_collect().await
    }

    /// Prices by product codes, in calls of [`CODES`].
    pub(super) async fn prices(
        &self,
        account: &Account,
        codes: &[String],
        urgency: Urgency,
    ) -> Result<Vec<Rows<Price>>, Outcome> {
        let asks = codes.chunks(CODES).map(async |codes| {
            let ask = Ask::Prices(codes);
            self.read(account, &ask, urgency, rows::prices).await
        });
        let asks: Vec<_> = asks.collect();
        futures::stream::iter(asks).buffered(2).try_collect().await
    }

    /// What warehouses can deliver of one product to a county.
    pub(super) async fn stock(
        &self,
        account: &Account,
        code: &str,
        county: &str,
        urgency: Urgency,
    ) -> Result<Vec<Warehouse>, Outcome> {
        let ask = Ask::Stock {
            product_code: code,
            county_code: county,
        };
        self.read(account, &ask, urgency, rows::warehouses).await
    }

    /// The stock of several products in a county, as many at once as manners allow. A refusal of the account or of our pace
    /// ends the asking; what was not learnt is missing.
    pub(super) async fn stocks(
        &self,
        account: &Account,
        codes: &[String],
        county: &str,
        urgency: Urgency,
    ) -> BTreeMap<String, Vec<Warehouse>> {
        let asks: Vec<_> = codes
            .iter()
            .map(async |code| (code, self.stock(account, code, county, urgency).await))
            .collect();
        let mut told = BTreeMap::new();
        let mut answers = futures::stream::iter(asks).buffer_unordered(self.at_once());
        while let Some((code, answer)) = answers.next().await {
            match answer {
                Ok(warehouses) => drop(told.insert(code.clone(), warehouses)),
                Err(outcome) => {
                    tracing::warn!(
                        outcome = outcome.as_str(),
                        reason = outcome.reason(),
                        "stock was not learnt"
                    );
                    if matches!(
                        outcome,
                        Outcome::Blocked { .. } | Outcome::RateLimited { .. }
                    ) {
                        break;
                    }
                }
            }
        }
        told
    }
}
