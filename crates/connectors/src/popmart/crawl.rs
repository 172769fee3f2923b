//! Fetching targets: each product once, however many of its SKUs are asked for.

use chrono::{DateTime, Utc};

use super::address::{Form, Named};
use super::fields::Wrong;
use super::goods::Goods;
use super::plan::Ask;
use super::reading::{local, telling};
use super::regions::Region;
use super::search::Walk;
use super::settings::{Numbers, Uuids};
use super::shop::Shop;
use crate::json::Object;
use crate::{Outcome, Target};

/// A product that is asked for, and the places of its targets.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) region: Option<&'static Region>,
    pub(crate) id: &'a str,
    pub(crate) places: Vec<usize>,
}

/// The products of some targets, in their order.
pub(crate) fn wanted(targets: &[Target]) -> Vec<Wanted<'_>> {
    let mut all: Vec<Wanted<'_>> = Vec::new();
    for (place, target) in targets.iter().enumerate() {
        let region = Region::of(&target.listing.marketplace);
        let id = Named::of(&target.listing.external_id).product;
        let same = all
            .iter_mut()
            .find(|wanted| wanted.id == id && wanted.region == region);
        match same {
            Some(wanted) => wanted.places.push(place),
            None => all.push(Wanted {
                region,
                id,
                places: vec![place],
            }),
        }
    }
    all
}

/// How a product is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Signed(&'static Region),
    Rpc(&'static Region),
    /// Together with others, from the files of collections.
    Files(&'static Region),
}

impl Shop<'_> {
    /// How to read a product: its id's form decides which generation knows it.
    pub(crate) fn way(&self, wanted: &Wanted<'_>) -> Result<Way, Outcome> {
        let region = wanted
            .region
            .ok_or_else(|| Outcome::hopeless("the shop does not sell in this country"))?;
        match (
            Form::of(wanted.id),
            self.settings.numbers,
            self.settings.uuids,
        ) {
            (Some(Form::Number), Numbers::Rest, _) => Ok(Way::Signed(region)),
            (Some(Form::Number), Numbers::Cdn, _) => Ok(Way::Files(region)),
            (Some(Form::Number), Numbers::None, _) => Err(Outcome::hopeless(
                "products with a number belong to an API that is not configured (sources.popmart.numbers)",
            )),
            (Some(Form::Uuid), _, Uuids::Rpc) => Ok(Way::Rpc(region)),
            (Some(Form::Uuid), _, Uuids::None) => Err(Outcome::hopeless(
                "products with a uuid belong to an API that is not configured (sources.popmart.uuids)",
            )),
            (None, ..) => Err(Outcome::hopeless("this is no product's id")),
        }
    }

    /// The outcomes of a product's targets, asked for alone.
    pub(crate) async fn fetch(
        &self,
        targets: &[Target],
        wanted: &Wanted<'_>,
        way: Way,
    ) -> Vec<(usize, Outcome)> {
        let fetched = match way {
            Way::Signed(region) => self.numbered(region, wanted.id).await,
            Way::Rpc(region) => self.identified(region, wanted.id).await,
            Way::Files(_) => Err(Outcome::hopeless("files are read together")),
        };
        let observed_at = Utc::now();
        let told = |place: &usize| {
            let target = targets.get(*place)?;
            let outcome = match &fetched {
                Ok(goods) => telling(target, observed_at).asked(goods),
                Err(outcome) => outcome.clone(),
            };
            Some((*place, outcome))
        };
        wanted.places.iter().filter_map(told).collect()
    }

    /// Looks for products in the files of the configured collections of a country. What is in none
    /// of them is not known to be gone.
    pub(crate) async fn fetch_files(
        &self,
        region: &'static Region,
        targets: &[Target],
        mut wanted: Vec<&Wanted<'_>>,
    ) -> Vec<(usize, Outcome)> {
        let mut told = Vec::new();
        let mut trouble = None;
        for id in &self.settings.cdn_collections {
            let ask = Ask::FileOfCollection(id.clone());
            let mut walk = Walk::new(*self, region, &ask);
            while !wanted.is_empty() {
                let page = match walk.next().await {
                    Ok(Some(page)) => page,
                    Ok(None) | Err(Outcome::NotFound) => break,
                    Err(outcome) => {
                        trouble = Some(outcome);
                        break;
                    }
                };
                let observed_at = Utc::now();
                for row in page
                    .fresh
                    .iter()
                    .filter_map(|place| page.list.rows.get(*place))
                {
                    let id = Object::of(row).and_then(|row| row.text("id"));
                    let Some(at) = wanted.iter().position(|w| Some(w.id) == id.as_deref()) else {
                        continue;
                    };
                    let found = wanted.swap_remove(at);
                    let goods = page.list.dialect.row(row, local(region.country));
                    told.extend(outcomes(targets, found, &goods, observed_at));
                }
                if page.last {
                    break;
                }
            }
            if trouble.is_some() {
                break;
            }
        }
        let left = trouble.unwrap_or_else(|| {
            Outcome::failed(
                "the product is in none of the collections that sources.popmart.cdn_collections names",
            )
        });
        for wanted in wanted {
            told.extend(wanted.places.iter().map(|place| (*place, left.clone())));
        }
        told
    }
}

fn outcomes(
    targets: &[Target],
    wanted: &Wanted<'_>,
    goods: &Result<Goods, Wrong>,
    observed_at: DateTime<Utc>,
) -> Vec<(usize, Outcome)> {
    let told = |place: &usize| {
        let target = targets.get(*place)?;
        let outcome = match goods {
            Ok(goods) => telling(target, observed_at).asked(goods),
            Err(wrong) => Outcome::malformed(wrong.clone()),
        };
        Some((*place, outcome))
    };
    wanted.places.iter().filter_map(told).collect()
}
