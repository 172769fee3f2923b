//! The rows of the calls, as the vendor's field tables name them, misspellings included.

use std::collections::HashMap;

use domain::money::Money;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::answer;
use super::members::{Figure, Members, figure};
use super::money;
use crate::{Outcome, json};

/// A product that the distributor may or may not order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Product {
    pub code: String,
    pub model: Option<String>,
    pub group: Option<String>,
    pub brand: Option<String>,
    /// The main picture first, each once.
    pub images: Vec<String>,
    pub on_sale: Option<bool>,
    pub reason: Option<String>,
}

/// What a product costs the distributor. Amounts are positive; nothing, zero and less are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Price {
    pub code: String,
    pub supply: Option<Money>,
    pub invoice: Option<Money>,
    pub market: Option<Money>,
    /// As told: a share of the supply price by the vendor's formula, but amounts are seen too.
    pub direct_rebate: Option<Decimal>,
    /// A piece; may be zero.
    pub unit_rebate: Option<Money>,
    /// The rebate's kind, such as `COM`.
    pub policy: Option<String>,
    pub on_sale: Option<bool>,
    pub reason: Option<String>,
}

/// What one warehouse can deliver to a county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Warehouse {
    pub code: Option<String>,
    pub stock: i64,
    /// "0" the distributor's own, "1" one level up.
    pub grade: Option<String>,
    /// Orders until this time of the day go out with the day's.
    pub cut_time: Option<String>,
    /// When an order of now arrives, in the platform's words.
    pub achieve_by: Option<String>,
    /// Hours until it arrives.
    pub hours: Option<String>,
    /// Whether it is moved between warehouses first.
    pub transfer: Option<bool>,
}

/// The distributor's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Balance {
    pub sale_group_code: Option<String>,
    pub sale_group_name: Option<String>,
    pub payer_account_code: Option<String>,
    pub payer_account_name: Option<String>,
    pub balance: Money,
}

/// The rows of an answer by product code.
#[derive(Debug)]
pub(super) struct Rows<T> {
    /// In the answer's order; `Err` says what is wrong with a row.
    pub rows: Vec<(String, Result<T, String>)>,
    places: HashMap<String, usize>,
    /// Rows that name no product.
    pub nameless: usize,
}

impl<T: PartialEq> Rows<T> {
    fn read(
        data: &RawValue,
        row: impl Fn(String, &Members<'_>) -> Result<T, String>,
    ) -> Result<Self, Outcome> {
        let mut all = Self {
            rows: Vec::new(),
            places: HashMap::new(),
            nameless: 0,
        };
        for raw in answer::list(data)? {
            let members = Members::of(raw);
            let code = members.as_ref().and_then(|m| m.text(&["productCode"]));
            match (members, code) {
                (Some(members), Some(code)) => {
                    let code = code.to_ascii_uppercase();
                    all.add(code.clone(), row(code, &members));
                }
                _ => all.nameless += 1,
            }
        }
        Ok(all)
    }

    /// A row that is repeated counts once; rows of one product that differ are worth nothing.
    fn add(&mut self, code: String, row: Result<T, String>) {
        match self.places.get(&code) {
            None => {
                self.places.insert(code.clone(), self.rows.len());
                self.rows.push((code, row));
            }
            Some(&place) if self.rows[place].1 != row => {
                self.rows[place].1 = Err(format!("{code} is told twice, and differently"));
            }
            Some(_) => {}
        }
    }

    /// The row of a product: `Ok(None)` when the answer does not mention it.
    pub fn get(&self, code: &str) -> Result<Option<&T>, Outcome> {
        let Some(&place) = self.places.get(code) else {
            return match self.nameless {
                0 => Ok(None),
                _ => Err(Outcome::malformed("a row names no product")),
            };
        };
        match &self.rows[place].1 {
            Ok(row) => Ok(Some(row)),
            Err(what) => Err(Outcome::malformed(what.clone())),
        }
    }

    /// The rows that can be read.
    pub fn good(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().filter_map(|(_, row)| row.as_ref().ok())
    }
}

/// The rows of the products call.
pub(super) fn products(data: &RawValue) -> Result<Rows<Product>, Outcome> {
    Rows::read(data, |code, members| {
        let main = members.texts(&["productImageUrl"]);
        let large = members.texts(&["productLageUrls", "productLargeUrls"]);
        let images = json::distinct(main.into_iter().chain(large).filter_map(picture));
        Ok(Product {
            code,
            model: members.text(&["productModel"]),
            group: members.text(&["productGroupNamd", "productGroupName"]),
            brand: members.text(&["productBrandName"]),
            images,
            on_sale: members.flag(&["isSales"]),
            reason: members.text(&["noSalesReason"]),
        })
    })
}

/// Fields that only rows of the products call have.
pub(super) const PRODUCT_FIELDS: &[&str] = &[
    "productModel",
    "productGroupNamd",
    "productGroupName",
    "productBrandName",
    "productImageUrl",
    "productLageUrls",
    "noSalesReason",
];
/// Fields that only rows of the prices call have.
pub(super) const PRICE_FIELDS: &[&str] = &[
    "supplyPrice",
    "invoicePrice",
    "marketPrice",
    "stockRebatePolicy",
    "rebateMoney",
];
/// Fields that only entries of the stock call have.
pub(super) const STOCK_FIELDS: &[&str] = &["secCode", "stock", "warehouseGrade", "timelinessData"];

/// The rows of the prices call.
pub(super) fn prices(data: &RawValue) -> Result<Rows<Price>, Outcome> {
    Rows::read(data, |code, members| {
        let (mut direct_rebate, mut policy) = (None, None);
        // The vendor's table lists this field twice: as the rebate and as the code of its kind.
        for raw in members.all(&["stockRebatePolicy"]) {
            match figure(raw) {
                Figure::Number(number) => direct_rebate = direct_rebate.or(Some(number)),
                Figure::Unreadable(code) => policy = policy.or_else(|| json::clean(&code)),
                Figure::Nothing => {}
            }
        }
        Ok(Price {
            code,
            supply: positive(members, "supplyPrice")?,
            invoice: positive(members, "invoicePrice")?,
            market: positive(members, "marketPrice")?,
            direct_rebate,
            // Said in passing: a word in it does not spoil the prices.
            unit_rebate: match members.figure(&["rebateMoney"]) {
                Figure::Number(number) if !number.is_sign_negative() => money::cny(number),
                _ => None,
            },
            policy,
            on_sale: members.flag(&["isSales"]),
            reason: members.text(&["reason"]),
        })
    })
}

/// The warehouses of the stock call.
pub(super) fn warehouses(data: &RawValue) -> Result<Vec<Warehouse>, Outcome> {
    let mut all: Vec<Warehouse> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for raw in answer::list(data)? {
        let told = Members::of(raw).unwrap_or_default();
        let stock = match told.figure(&["stock"]) {
            Figure::Number(number) if number.fract().is_zero() && !number.is_sign_negative() => {
                i64::try_from(number.trunc()).ok()
            }
            _ => None,
        };
        let stock = stock.ok_or_else(|| Outcome::malformed("a warehouse tells no stock"))?;
        let time = told.raw(&["timelinessData"]).and_then(Members::of);
        let time = time.unwrap_or_default();
        let warehouse = Warehouse {
            code: told.text(&["secCode"]),
            stock,
            grade: told.text(&["warehouseGrade"]),
            cut_time: time.text(&["cutTime"]),
            achieve_by: time.text(&["achieveUserOrderCut"]),
            hours: time.text(&["hour"]),
            transfer: time.flag(&["isTranfer", "isTransfer"]),
        };
        let known = warehouse.code.as_ref().and_then(|code| places.get(code));
        match known {
            None => {
                places.extend(warehouse.code.clone().map(|code| (code, all.len())));
                all.push(warehouse);
            }
            Some(&known) if all[known] == warehouse => {}
            Some(_) => {
                return Err(Outcome::malformed(
                    "a warehouse is told twice, and differently",
                ));
            }
        }
    }
    Ok(all)
}

/// What all warehouses hold together; `None` when it is beyond counting.
pub(super) fn total(warehouses: &[Warehouse]) -> Option<i32> {
    let sum = warehouses
        .iter()
        .try_fold(0_i64, |sum, warehouse| sum.checked_add(warehouse.stock))?;
    i32::try_from(sum).ok()
}

/// The answer of the balance call.
pub(super) fn balance(data: &RawValue) -> Result<Balance, Outcome> {
    let accounts = answer::list(data)?;
    let [account] = accounts.as_slice() else {
        let what = format!("{} accounts instead of one", accounts.len());
        return Err(Outcome::malformed(what));
    };
    let account =
        Members::of(account).ok_or_else(|| Outcome::malformed("the account is no object"))?;
    let balance = match account.figure(&["payerAccountBalance"]) {
        Figure::Number(number) => money::cny(number),
        _ => None,
    };
    Ok(Balance {
        sale_group_code: account.text(&["saleGroupCode"]),
        sale_group_name: account.text(&["saleGroupName"]),
        payer_account_code: account.text(&["payerAccountCode"]),
        payer_account_name: account.text(&["payerAccountName"]),
        balance: balance.ok_or_else(|| Outcome::malformed("the account tells no balance"))?,
    })
}

fn positive(members: &Members<'_>, name: &str) -> Result<Option<Money>, String> {
    match members.figure(&[name]) {
        Figure::Nothing => Ok(None),
        Figure::Number(number) => match money::cny(number) {
            Some(money) => Ok(Some(money).filter(|money| money.minor > 0)),
            None => Err(format!("{name} is no amount: {number}")),
        },
        Figure::Unreadable(text) => Err(format!("{name} is no amount: {text}")),
    }
}

/// An address of a picture that a browser can open.
fn picture(text: String) -> Option<String> {
    if let Some(rest) = text.strip_prefix("//") {
        return Some(format!("https://{rest}"));
    }
    (text.starts_with("https://") || text.starts_with("http://")).then_some(text)
}
