//! Making a live read.

use chrono::{DateTime, Utc};
use domain::listing::ListingRef;
use domain::observation::Observation;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::account::Account;
use super::calls::Ask;
use super::live::{
    Balance, Logistics, PriceRow, Prices, ProductRow, Products, Request, Stock, WarehouseRow,
};
use super::mapping::{Extent, Known, Shelf, grade, observation};
use super::members::Members;
use super::rows::{self, Price, Product, Rows, Warehouse};
use super::{Haier, SOURCE, answer, money};
use crate::live::{LiveAnswer, LiveCall};
use crate::{Credential, Outcome, Urgency, listing_url};

/// Somebody waits.
const URGENCY: Urgency = Urgency::High;

impl Haier {
    pub(super) async fn live_read(
        &self,
        call: &LiveCall,
        credential: &Credential,
    ) -> Result<LiveAnswer, Outcome> {
        let request = Request::read(call).map_err(|wrong| Outcome::hopeless(wrong.to_string()))?;
        let account = Account::read(credential)?;
        match request {
            Request::Products(codes) => self.live_products(&account, &codes).await,
            Request::Prices(codes) => {
                let prices = self.client.prices(&account, &codes, URGENCY).await?;
                live_prices(&account, &codes, &prices, Utc::now())
            }
            Request::Stock {
                product_code,
                county_code,
            } => self.live_stock(&account, product_code, county_code).await,
            Request::Balance => {
                let ask = Ask::Balance;
                let balance = self
                    .client
                    .read(&account, &ask, URGENCY, rows::balance)
                    .await?;
                body(&Balance::from(balance), Vec::new())
            }
            Request::Logistics {
                order_code,
                delivery_record_code,
                member_id,
            } => {
                let ask = Ask::Logistics {
                    order_code: &order_code,
                    delivery_record_code: delivery_record_code.as_deref(),
                    member_id,
                };
                let read = |data: &RawValue| logistics(data, &order_code);
                let logistics = self.client.read(&account, &ask, URGENCY, read).await?;
                body(&logistics, Vec::new())
            }
        }
    }

    async fn live_products(
        &self,
        account: &Account,
        codes: &[String],
    ) -> Result<LiveAnswer, Outcome> {
        let lists = match codes {
            [] => vec![self.client.full_list(account, URGENCY).await?],
            codes => self.client.products(account, codes, URGENCY).await?,
        };
        let now = Utc::now();
        let products: Vec<&Product> = good(&lists)?;
        let observations = products.iter().filter_map(|product| {
            let known = Known {
                product: Some(product),
                shelf: Shelf::unasked(account),
                ..Known::default()
            };
            observed(&product.code, known, now)
        });
        let observations = observations.collect();
        let shape = Products {
            not_found: missing(codes, products.iter().map(|product| &product.code)),
            products: products.into_iter().map(ProductRow::from).collect(),
        };
        body(&shape, observations)
    }

    async fn live_stock(
        &self,
        account: &Account,
        product_code: String,
        county_code: Option<String>,
    ) -> Result<LiveAnswer, Outcome> {
        let county_code = county_code
            .or_else(|| account.county.clone())
            .ok_or_else(|| {
                Outcome::hopeless("county_code: is required, because the credential has none")
            })?;
        let warehouses = self
            .client
            .stock(account, &product_code, &county_code, URGENCY)
            .await?;
        // Another county's stock would mix into the history of the credential's own.
        let own = account
            .county
            .as_ref()
            .is_none_or(|county| *county == county_code);
        let known = Known {
            shelf: Shelf::Told(Some(&county_code), &warehouses),
            ..Known::default()
        };
        let seen = observed(&product_code, known, Utc::now()).filter(|_| own);
        let shape = Stock {
            stock: rows::total(&warehouses),
            warehouses: warehouses.iter().map(WarehouseRow::from).collect(),
            product_code,
            county_code,
        };
        body(&shape, seen.into_iter().collect())
    }
}

fn live_prices(
    account: &Account,
    codes: &[String],
    lists: &[Rows<Price>],
    now: DateTime<Utc>,
) -> Result<LiveAnswer, Outcome> {
    let prices: Vec<&Price> = good(lists)?;
    let observations = prices.iter().filter_map(|price| {
        let known = Known {
            price: Some(price),
            shelf: Shelf::unasked(account),
            ..Known::default()
        };
        observed(&price.code, known, now)
    });
    let observations = observations.collect();
    let shape = Prices {
        not_found: missing(codes, prices.iter().map(|price| &price.code)),
        prices: prices.into_iter().map(PriceRow::from).collect(),
    };
    body(&shape, observations)
}

/// All rows, or what is wrong with one.
fn good<T: PartialEq>(lists: &[Rows<T>]) -> Result<Vec<&T>, Outcome> {
    let mut all = Vec::new();
    for list in lists {
        for (_, row) in &list.rows {
            all.push(row.as_ref().map_err(Outcome::malformed)?);
        }
    }
    Ok(all)
}

fn missing<'a>(asked: &[String], told: impl Iterator<Item = &'a String>) -> Vec<String> {
    let told: Vec<&String> = told.collect();
    asked
        .iter()
        .filter(|code| !told.contains(code))
        .cloned()
        .collect()
}

/// A row for the catalogue. Live reads know a part of a listing only.
fn observed(code: &str, known: Known<'_>, now: DateTime<Utc>) -> Option<Observation> {
    let listing: ListingRef = listing_url::from_id(SOURCE, money::MARKETPLACE, code).ok()?;
    Some(observation(&listing, known, Extent::Part, now))
}

fn logistics(data: &RawValue, order_code: &str) -> Result<Logistics, Outcome> {
    let told = match answer::list(data)?.as_slice() {
        [one] => Members::of(one),
        _ => None,
    };
    let told = told.ok_or_else(|| Outcome::malformed("the logistics are no object"))?;
    let lists = [
        "getAllLogisticsInfoByOrderCode",
        "getStockDeliveryLogisticsRecord",
        "getStockDeliveryLogisticsRecordThirdparty",
    ];
    if !told.names(&lists) {
        return Err(Outcome::malformed("the logistics have none of their lists"));
    }
    let list = |name: &str| match told.raw(&[name]) {
        None => Ok(Vec::new()),
        Some(raw) => serde_json::from_str::<Vec<Value>>(raw.get())
            .map_err(|_| Outcome::malformed(format!("{name} is no list"))),
    };
    Ok(Logistics {
        order_code: order_code.to_owned(),
        events: list(lists[0])?,
        deliveries: list(lists[1])?,
        third_party: list(lists[2])?,
    })
}

fn body(shape: &impl Serialize, observations: Vec<Observation>) -> Result<LiveAnswer, Outcome> {
    let body = serde_json::to_value(shape)
        .map_err(|error| Outcome::hopeless(format!("the answer has no JSON form: {error}")))?;
    Ok(LiveAnswer { body, observations })
}

impl From<&Product> for ProductRow {
    fn from(product: &Product) -> Self {
        let Product {
            code,
            model,
            group,
            brand,
            images,
            on_sale,
            reason,
        } = product.clone();
        Self {
            product_code: code,
            model,
            brand,
            category: group,
            images,
            on_sale,
            reason,
        }
    }
}

impl From<&Price> for PriceRow {
    fn from(told: &Price) -> Self {
        let shown = told.shown();
        let Price {
            code,
            supply,
            invoice,
            market,
            direct_rebate,
            unit_rebate,
            policy,
            on_sale,
            reason,
        } = told.clone();
        Self {
            product_code: code,
            price: shown.map(|(_, price)| price),
            price_kind: shown.map(|(kind, _)| kind.as_str()),
            supply_price: supply,
            invoice_price: invoice,
            market_price: market,
            direct_rebate: direct_rebate.map(|rebate| rebate.normalize().to_string()),
            unit_rebate,
            rebate_policy: policy,
            on_sale,
            reason,
        }
    }
}

impl From<&Warehouse> for WarehouseRow {
    fn from(warehouse: &Warehouse) -> Self {
        let grade = grade(warehouse).map(str::to_owned);
        let Warehouse {
            code,
            stock,
            grade: _,
            cut_time,
            achieve_by,
            hours,
            transfer,
        } = warehouse.clone();
        Self {
            code,
            stock,
            grade,
            cut_time,
            arrives: achieve_by,
            hours,
            transfer,
        }
    }
}

impl From<rows::Balance> for Balance {
    fn from(told: rows::Balance) -> Self {
        let rows::Balance {
            sale_group_code,
            sale_group_name,
            payer_account_code,
            payer_account_name,
            balance,
        } = told;
        Self {
            sale_group_code,
            sale_group_name,
            payer_account_code,
            payer_account_name,
            balance,
        }
    }
}
