//! Searching: a paid run, too, whose results are a list.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::listing::ListingRef;
use domain::observation::Observation;

use super::checkpoint::Ledger;
use super::row::Told;
use super::{Amazon, client, crawl, list, matching, query, read, shape};
use crate::json::Object;
use crate::{Hits, LeaseLost, Outcome, Progress, Search, Work};

pub(super) async fn search(
    amazon: &Amazon,
    search: &Search,
    work: Work<'_>,
    progress: &dyn Progress,
) -> Result<Hits, Outcome> {
    let order = query::order(&amazon.plan, search)?;
    amazon
        .client
        .ready()
        .map_err(|setup| Outcome::hopeless(setup.to_string()))?;
    let runs = amazon.runs(work.urgency);
    let ledger = Ledger::open(work.resume, progress);
    let ended = runs.complete(&order, &ledger).await.map_err(lost)??;

    let mut found = Found::default();
    let mut offset = 0;
    let trouble = loop {
        let page = match runs.page(&ended.run, offset).await {
            Ok(page) => page,
            Err(outcome) => break Some(outcome),
        };
        let items = match read::items(&page.answer.body) {
            Ok(items) => items,
            Err(what) => break Some(Outcome::malformed(what)),
        };
        for item in &items {
            found.take(Object::of(item), &search.marketplace, Utc::now());
        }
        offset += client::PAGE;
        if crawl::ends(items.len(), offset, page.total) {
            break None;
        }
    };
    runs.tell_cost(&ended, found.rows, progress).await;
    let whole = trouble.is_none() && ended.run.status == super::wire::RunStatus::Succeeded;
    if found.hits.is_empty() {
        return match (trouble, found.trouble) {
            // The shop says itself that there is nothing.
            (None, None) if found.nothing && whole => Ok(Hits::default()),
            (Some(outcome), _) | (None, Some(outcome)) => Err(outcome),
            (None, None) if whole => Err(Outcome::failed("the run ended without any result")),
            (None, None) => Err(ended.missing(None)),
        };
    }
    Ok(found.into_hits(search.limit, !whole))
}

fn lost(LeaseLost: LeaseLost) -> Outcome {
    Outcome::failed("the lease on this search is lost")
}

/// What was found, as it comes.
#[derive(Default)]
struct Found {
    /// (page, place on it), then the product.
    hits: Vec<((i32, i32), Observation)>,
    known: HashSet<ListingRef>,
    total: Option<u64>,
    rows: u64,
    /// A row says that there is nothing.
    nothing: bool,
    /// Why the last row that is no hit is none.
    trouble: Option<Outcome>,
}

impl Found {
    fn take(&mut self, row: Option<Object<'_>>, marketplace: &str, observed_at: DateTime<Utc>) {
        self.rows += 1;
        let Some(row) = row else {
            self.trouble = Some(Outcome::malformed("a result is not an object"));
            return;
        };
        match shape::no_product(row) {
            None => {}
            Some(Outcome::NotFound) => {
                self.nothing = true;
                return;
            }
            Some(outcome) => {
                self.trouble = Some(outcome);
                return;
            }
        }
        let total = row.count("resultCount");
        self.total = self.total.or(total.and_then(|total| total.try_into().ok()));
        let Some(listing) = matching::listing(row, marketplace) else {
            self.trouble = Some(Outcome::malformed("a result names no product"));
            return;
        };
        // Another country's shop is not what was searched.
        if listing.marketplace != marketplace {
            self.trouble = Some(Outcome::malformed("another country's shop answered"));
            return;
        }
        match shape::read(row, &listing, observed_at) {
            Err(outcome) => {
                tracing::debug!(reason = outcome.reason(), "a result cannot be read");
                self.trouble = Some(outcome);
            }
            // A sponsored place and the one earned are two rows of one product.
            Ok(seen) if self.known.insert(listing) => {
                let place = place(row);
                self.hits
                    .extend(seen.into_iter().take(1).map(|hit| (place, hit)));
            }
            Ok(_) => {}
        }
    }

    fn into_hits(mut self, limit: usize, cut: bool) -> Hits {
        // Pages are read at the same time; what tells no place keeps the order it came in.
        self.hits.sort_by_key(|(place, _)| *place);
        let more = cut || self.hits.len() > limit;
        let beyond = self
            .total
            .is_some_and(|total| total > self.hits.len() as u64);
        let found = self.hits.into_iter().take(limit).map(|(_, hit)| hit);
        Hits {
            found: found.collect(),
            total: self.total,
            more: more || beyond,
        }
    }
}

/// Where a row stood on its list.
fn place(row: Object<'_>) -> (i32, i32) {
    let list = row.object("categoryPageData").unwrap_or(row);
    let page = list.count("pageNumber").or_else(|| list::page(list));
    let place = ["productPosition", "searchResultPosition", "position"]
        .iter()
        .find_map(|key| list.count(key))
        .or_else(|| row.object("bestsellerPageData")?.count("position"));
    (page.unwrap_or(1), place.unwrap_or(i32::MAX))
}
