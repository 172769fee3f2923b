//! What a body says of the targets that were asked for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::money::Currency;
use serde_json::{Map, Value};

use super::address::Named;
use super::answer::{Answer, Dialect, List, recognise};
use super::fields::Wrong;
use super::goods::{Figures, Goods, Sku};
use super::observe::Telling;
use super::regions::Region;
use super::rpc;
use crate::json::Object;
use crate::{Outcome, ReadCx, Target};

/// Each target's outcome by its place, as far as the body speaks of it.
pub(crate) fn read(body: &[u8], cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
    let everybody = |outcome: Outcome| {
        let told = |place| (place, outcome.clone());
        (0..cx.targets.len()).map(told).collect()
    };
    let answer = match recognise(body) {
        Ok(answer) => answer,
        Err(outcome) => return everybody(outcome),
    };
    match answer {
        Answer::Nothing => everybody(Outcome::NotFound),
        Answer::Details(dialect, object) => details(dialect, &object, cx),
        Answer::List(list) => rows(&list, cx),
        Answer::Stock(stock) => stock_of(cx, |goods| apply_stock(goods, &stock)),
        Answer::Boxes(free) => stock_of(cx, |goods| {
            goods.figures.stocked = Some(free > 0);
            goods.figures.quantity = i32::try_from(free).ok();
            Ok(())
        }),
    }
}

/// What people pay with in a country, where an answer names no currency.
pub(crate) fn local(marketplace: &str) -> Option<Currency> {
    Region::of(marketplace).and_then(Region::currency)
}

pub(crate) fn telling(target: &Target, observed_at: DateTime<Utc>) -> Telling<'_> {
    Telling {
        listing: &target.listing,
        observed_at,
    }
}

/// The product that was asked for, or what is wrong with the answer.
pub(crate) fn product(
    dialect: Dialect,
    object: &Map<String, Value>,
    wanted: &str,
    local: Option<Currency>,
) -> Result<Goods, Outcome> {
    let goods = dialect
        .details(Object(object), local)
        .map_err(Outcome::malformed)?;
    if goods.id == wanted {
        Ok(goods)
    } else {
        Err(Outcome::malformed(
            "the shop answered about another product",
        ))
    }
}

fn details(
    dialect: Dialect,
    object: &Map<String, Value>,
    cx: &ReadCx<'_>,
) -> Vec<(usize, Outcome)> {
    let told = |target: &Target| {
        let wanted = Named::of(&target.listing.external_id).product;
        match product(dialect, object, wanted, local(&target.listing.marketplace)) {
            Ok(goods) => telling(target, cx.observed_at).asked(&goods),
            Err(outcome) => outcome,
        }
    };
    cx.targets.iter().map(told).enumerate().collect()
}

fn rows(list: &List, cx: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
    let mut by_id: HashMap<String, &Value> = HashMap::new();
    for row in &list.rows {
        if let Some(id) = Object::of(row).and_then(|row| row.text("id")) {
            by_id.entry(id.to_ascii_lowercase()).or_insert(row);
        }
    }
    let outcome = |target: &Target| {
        let wanted = Named::of(&target.listing.external_id).product;
        let row = by_id.get(wanted)?;
        let local = local(&target.listing.marketplace);
        Some(match list.dialect.row(row, local) {
            Ok(goods) => telling(target, cx.observed_at).asked(&goods),
            Err(wrong) => Outcome::Malformed { what: wrong },
        })
    };
    let outcomes = cx.targets.iter().map(outcome).enumerate();
    outcomes
        .filter_map(|(place, outcome)| Some((place, outcome?)))
        .collect()
}

/// Stock alone: figures of the one product that was asked about, and nothing of its content.
fn stock_of(
    cx: &ReadCx<'_>,
    fill: impl Fn(&mut Goods) -> Result<(), Wrong>,
) -> Vec<(usize, Outcome)> {
    let told = |target: &Target| {
        let mut goods = Goods {
            id: Named::of(&target.listing.external_id).product.to_owned(),
            ..Goods::default()
        };
        if let Err(wrong) = fill(&mut goods) {
            return Outcome::malformed(wrong);
        }
        let mut outcome = telling(target, cx.observed_at).asked(&goods);
        if let Outcome::Observed(seen) = &mut outcome {
            for observation in seen {
                observation.content = None;
            }
        }
        outcome
    };
    cx.targets.iter().map(told).enumerate().collect()
}

/// Puts the shop's own count of each SKU in the place of what the details said. SKUs that only the
/// count knows are added without a price.
pub(crate) fn apply_stock<'a>(
    goods: &mut Goods,
    stock: impl IntoIterator<Item = (&'a String, &'a Value)>,
) -> Result<(), Wrong> {
    let places: HashMap<String, usize> = goods
        .skus
        .iter()
        .enumerate()
        .filter_map(|(place, sku)| Some((sku.id.clone()?, place)))
        .collect();
    for (id, units) in stock {
        let units = rpc::units(units)?;
        let id = id.to_ascii_lowercase();
        let (stocked, quantity) = (Some(units > 0), rpc::counted(Some(units)));
        match places.get(&id).and_then(|place| goods.skus.get_mut(*place)) {
            Some(sku) => (sku.figures.stocked, sku.figures.quantity) = (stocked, quantity),
            None => goods.skus.push(Sku {
                id: Some(id),
                figures: Figures {
                    stocked,
                    quantity,
                    ..Figures::default()
                },
                ..Sku::default()
            }),
        }
    }
    goods.each_sku_once();
    Ok(())
}
