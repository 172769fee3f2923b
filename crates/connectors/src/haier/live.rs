//! Live reads: their parameters, and the shapes of their answers in the API.
//!
//! | name | parameters |
//! |---|---|
//! | `products` | `product_codes`: at most [`MAX_CODES`], joined with commas; without them everything that may be ordered |
//! | `prices` | `product_codes`: required, as above |
//! | `stock` | `product_code`: required; `county_code`: six digits, the credential's county without it |
//! | `balance` | none |
//! | `logistics` | `order_code`: required; `delivery_record_code`, `member_id` (a whole number) |
//!
//! In the answers, what the platform does not tell is null, and money is `{"amount":"19.99","currency":"CNY"}`.

use std::collections::BTreeMap;

use domain::money::Money;
use serde::Serialize;
use serde_json::Value;

use super::account::is_county;
use crate::live::LiveCall;

/// The names of the live reads.
pub const NAMES: [&str; 5] = ["products", "prices", "stock", "balance", "logistics"];
/// Most product codes of one live read.
pub const MAX_CODES: usize = 100;
/// Longest code of a product or an order, in characters.
const LONGEST: usize = 64;

/// A parameter that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Wrong {
    /// The parameter, by its name in the API.
    pub field: String,
    /// What is wrong with it, for people.
    pub message: String,
}

/// Whether a live read can be made of these parameters.
///
/// # Errors
/// The first parameter that is missing, unknown or wrong.
pub fn check(call: &LiveCall) -> Result<(), Wrong> {
    Request::read(call).map(drop)
}

/// A live read whose parameters are in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Products(Vec<String>),
    Prices(Vec<String>),
    Stock {
        product_code: String,
        county_code: Option<String>,
    },
    Balance,
    Logistics {
        order_code: String,
        delivery_record_code: Option<String>,
        member_id: Option<i64>,
    },
}

impl Request {
    pub fn read(call: &LiveCall) -> Result<Self, Wrong> {
        let given = Parameters(&call.parameters);
        match call.name.as_str() {
            "products" => {
                given.only(&["product_codes"])?;
                Ok(Self::Products(given.codes()?))
            }
            "prices" => {
                given.only(&["product_codes"])?;
                match given.codes()? {
                    codes if codes.is_empty() => Err(wrong("product_codes", "is required")),
                    codes => Ok(Self::Prices(codes)),
                }
            }
            "stock" => {
                given.only(&["product_code", "county_code"])?;
                let county_code = given.get("county_code").map(str::to_owned);
                if county_code.as_deref().is_some_and(|code| !is_county(code)) {
                    return Err(wrong("county_code", "must be six digits (GB/T 2260)"));
                }
                Ok(Self::Stock {
                    product_code: code("product_code", given.needed("product_code")?)?,
                    county_code,
                })
            }
            "balance" => {
                given.only(&[])?;
                Ok(Self::Balance)
            }
            "logistics" => {
                given.only(&["order_code", "delivery_record_code", "member_id"])?;
                let member_id = given.get("member_id").map(str::parse).transpose();
                Ok(Self::Logistics {
                    order_code: order("order_code", given.needed("order_code")?)?,
                    delivery_record_code: given
                        .get("delivery_record_code")
                        .map(|text| order("delivery_record_code", text))
                        .transpose()?,
                    member_id: member_id
                        .map_err(|_| wrong("member_id", "must be a whole number"))?,
                })
            }
            _ => Err(wrong(
                "name",
                format!("must be one of {}", NAMES.join(", ")),
            )),
        }
    }
}

/// Parameters as given.
struct Parameters<'a>(&'a BTreeMap<String, String>);

impl<'a> Parameters<'a> {
    /// A parameter; an empty one counts as absent.
    fn get(&self, name: &str) -> Option<&'a str> {
        let text = self.0.get(name)?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn needed(&self, name: &str) -> Result<&'a str, Wrong> {
        self.get(name).ok_or_else(|| wrong(name, "is required"))
    }

    fn only(&self, known: &[&str]) -> Result<(), Wrong> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(wrong(name, "is not a parameter of this read")),
            None => Ok(()),
        }
    }

    /// Product codes in their one form, each once.
    fn codes(&self) -> Result<Vec<String>, Wrong> {
        let mut codes: Vec<String> = Vec::new();
        let given = self.get("product_codes").unwrap_or_default();
        for text in given
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            let code = code("product_codes", text)?;
            if !codes.contains(&code) {
                codes.push(code);
            }
            if codes.len() > MAX_CODES {
                let message = format!("must not be more than {MAX_CODES}");
                return Err(wrong("product_codes", message));
            }
        }
        if codes.is_empty() && !given.is_empty() {
            return Err(wrong("product_codes", "names no product"));
        }
        Ok(codes)
    }
}

fn code(field: &str, text: &str) -> Result<String, Wrong> {
    super::about::product_code(text).ok_or_else(|| {
        wrong(
            field,
            "must be letters, digits, hyphens and underscores, at most 40",
        )
    })
}

fn order(field: &str, text: &str) -> Result<String, Wrong> {
    let fits = text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
        .ok_or_else(|| wrong(field, format!("must be at most {LONGEST} characters")))
}

fn wrong(field: &str, message: impl Into<String>) -> Wrong {
    Wrong {
        field: field.to_owned(),
        message: message.into(),
    }
}

/// The answer of `products`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Products {
    /// In the platform's order.
    pub products: Vec<ProductRow>,
    /// Codes that were asked for and are not there.
    pub not_found: Vec<String>,
}

/// A product that the distributor may or may not order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProductRow {
    /// The product code.
    pub product_code: String,
    /// The model.
    pub model: Option<String>,
    /// The brand.
    pub brand: Option<String>,
    /// The product group.
    pub category: Option<String>,
    /// Addresses of pictures, the main one first.
    pub images: Vec<String>,
    /// Whether it may be ordered.
    pub on_sale: Option<bool>,
    /// Why it may not, in the platform's words.
    pub reason: Option<String>,
}

/// The answer of `prices`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prices {
    /// In the platform's order.
    pub prices: Vec<PriceRow>,
    /// Codes that were asked for and are not there.
    pub not_found: Vec<String>,
}

/// What a product costs the distributor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriceRow {
    /// The product code.
    pub product_code: String,
    /// The price that is shown and kept: the first of the three that is there.
    pub price: Option<Money>,
    /// Which one it is: `supply`, `invoice` or `market`.
    pub price_kind: Option<&'static str>,
    /// What Haier supplies at.
    pub supply_price: Option<Money>,
    /// What Haier invoices after rebates.
    pub invoice_price: Option<Money>,
    /// What the market pays.
    pub market_price: Option<Money>,
    /// The direct rebate as the platform tells it, a plain decimal: a share such as `0.05`, by some accounts an
    /// amount.
    pub direct_rebate: Option<String>,
    /// The rebate a piece.
    pub unit_rebate: Option<Money>,
    /// The rebate's kind, such as `COM`.
    pub rebate_policy: Option<String>,
    /// Whether it may be ordered.
    pub on_sale: Option<bool>,
    /// Why it may not, in the platform's words.
    pub reason: Option<String>,
}

/// The answer of `stock`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stock {
    /// The product code.
    pub product_code: String,
    /// The county that goods would go to.
    pub county_code: String,
    /// What all warehouses can deliver together.
    pub stock: Option<i32>,
    /// Each warehouse.
    pub warehouses: Vec<WarehouseRow>,
}

/// What one warehouse can deliver.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WarehouseRow {
    /// The warehouse.
    pub code: Option<String>,
    /// Pieces.
    pub stock: i64,
    /// `own`, or `upper` for one a level up.
    pub grade: Option<String>,
    /// Orders until this time of the day go out with the day's, such as `16:00`.
    pub cut_time: Option<String>,
    /// When an order of now arrives, in the platform's own words and time.
    pub arrives: Option<String>,
    /// Hours until it arrives, in the platform's words.
    pub hours: Option<String>,
    /// Whether it is moved between warehouses first.
    pub transfer: Option<bool>,
}

/// The answer of `balance`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Balance {
    /// The sales organisation.
    pub sale_group_code: Option<String>,
    /// Its name.
    pub sale_group_name: Option<String>,
    /// The paying account.
    pub payer_account_code: Option<String>,
    /// Its name.
    pub payer_account_name: Option<String>,
    /// What is on it; may be negative.
    pub balance: Money,
}

/// The answer of `logistics`. The fields of the entries are not documented: they are the platform's own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Logistics {
    /// The order.
    pub order_code: String,
    /// The order's way, event by event.
    pub events: Vec<Value>,
    /// Its deliveries.
    pub deliveries: Vec<Value>,
    /// Deliveries by others.
    pub third_party: Vec<Value>,
}
