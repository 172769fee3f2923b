//! An answer without the question: which call it answers is told by the names of its fields.

use serde_json::value::RawValue;

use super::answer;
use super::mapping::{Extent, Known, Shelf, observation};
use super::members::Members;
use super::rows::{self, PRICE_FIELDS, PRODUCT_FIELDS, STOCK_FIELDS};
use crate::{Outcome, ReadCx};

/// What an answer of the products, the prices or the stock call says of the targets.
pub(super) fn read(body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
    told(body, cx).unwrap_or_else(|outcome| {
        let all = 0..cx.targets.len();
        all.map(|place| (place, outcome.clone())).collect()
    })
}

fn told(body: &[u8], cx: &ReadCx<'_>) -> Result<Vec<(usize, Outcome)>, Outcome> {
    let data = answer::data(body)?;
    let list = answer::list(data)?;
    let has = |fields: &[&str]| {
        let any = |raw: &&RawValue| Members::of(raw).is_some_and(|row| row.names(fields));
        list.iter().any(any)
    };
    if has(STOCK_FIELDS) && !has(&["productCode"]) {
        return stock(data, cx);
    }
    // Rows of both calls at once do not exist; what looks like prices is read as prices.
    if has(PRICE_FIELDS) {
        let prices = rows::prices(data)?;
        return Ok(each(cx, |code| {
            let price = prices.get(code)?;
            Ok(price.map(|price| Known {
                price: Some(price),
                ..Known::default()
            }))
        }));
    }
    if !list.is_empty() && !has(PRODUCT_FIELDS) {
        return Err(Outcome::malformed("the rows have none of the known fields"));
    }
    let products = rows::products(data)?;
    let mut outcomes = each(cx, |code| {
        let product = products.get(code)?;
        Ok(product.map(|product| Known {
            product: Some(product),
            ..Known::default()
        }))
    });
    // Asked for products, the platform leaves out those it does not have.
    let left_out: Vec<_> = (0..cx.targets.len())
        .filter(|place| outcomes.iter().all(|(told, _)| told != place))
        .map(|place| (place, Outcome::NotFound))
        .collect();
    outcomes.extend(left_out);
    Ok(outcomes)
}

fn each<'a>(
    cx: &ReadCx<'_>,
    find: impl Fn(&str) -> Result<Option<Known<'a>>, Outcome>,
) -> Vec<(usize, Outcome)> {
    let one = |(place, target): (usize, &crate::Target)| {
        let outcome = match find(&target.listing.external_id) {
            Ok(known) => Outcome::Observed(vec![observation(
                &target.listing,
                known?,
                Extent::Whole,
                cx.observed_at,
            )]),
            Err(outcome) => outcome,
        };
        Some((place, outcome))
    };
    cx.targets.iter().enumerate().filter_map(one).collect()
}

/// The stock call is about one product.
fn stock(data: &RawValue, cx: &ReadCx<'_>) -> Result<Vec<(usize, Outcome)>, Outcome> {
    let warehouses = rows::warehouses(data)?;
    let known = Known {
        shelf: Shelf::Told(None, &warehouses),
        ..Known::default()
    };
    let of = |target: &crate::Target| {
        let seen = observation(&target.listing, known, Extent::Whole, cx.observed_at);
        (0, Outcome::Observed(vec![seen]))
    };
    Ok(cx.targets.iter().take(1).map(of).collect())
}
