//! Going through the lists of a plan.

use std::collections::HashSet;

use chrono::Utc;
use domain::listing::ListingRef;
use egress::Request;
use serde_json::{Value, json};

use super::SOURCE;
use super::address::Form;
use super::answer::{Answer, List};
use super::fields::Wrong;
use super::goods::Goods;
use super::observe::Telling;
use super::pages::{Pages, Step};
use super::plan::{Ask, Keep, Plan};
use super::reading::local;
use super::regions::Region;
use super::requests::{Asking, CDN_PAGE, REST_PAGE, RPC_COLLECTION_PAGE, RPC_PAGE};
use super::shop::Shop;
use crate::json::{Object, text};
use crate::{Hits, Outcome};

/// Most rows of the calendar of new products.
const RPC_NEW: u64 = 100;

impl Ask {
    /// The request for a page.
    fn page(&self, asking: Asking<'_>, page: u64) -> Result<Request, Outcome> {
        match self {
            Self::Search(term) => asking.search(term, page),
            Self::Collection(id) => asking.collection(id, page),
            Self::Category(id) => asking.category(id, page),
            Self::FileOfCollection(id) => asking.file_of_collection(id, page),
            Self::FileOfNew => asking.file_of_new(),
            Self::RpcSearch(term) => asking.rpc(
                "search/public_search",
                &json!({"q": term, "page": page, "pageSize": RPC_PAGE, "isIncludePopNow": true}),
            ),
            Self::RpcCollection { id, category } => asking.rpc(
                "ec/spu/public_FindSummariesByCollectionId",
                &json!({
                    "page": page,
                    "pageSize": RPC_COLLECTION_PAGE,
                    "sortWay": "recommend",
                    "businessTypes": ["shop", "draw"],
                    "categoryId": category.iter().collect::<Vec<_>>(),
                    "ipId": [],
                    "includeAllOptions": true,
                    "collectionId": id,
                }),
            ),
            Self::RpcNew => asking.rpc(
                "ec/spu/findNewProductCalendar",
                &json!({"limit": RPC_NEW, "businessTypes": ["shop", "draw"], "homeVisible": true}),
            ),
        }
    }

    fn page_size(&self) -> u64 {
        match self {
            Self::Search(_) | Self::Collection(_) | Self::Category(_) => REST_PAGE,
            Self::FileOfCollection(_) | Self::FileOfNew => CDN_PAGE,
            Self::RpcSearch(_) => RPC_PAGE,
            Self::RpcCollection { .. } => RPC_COLLECTION_PAGE,
            Self::RpcNew => RPC_NEW,
        }
    }

    /// Whether there is one page only.
    fn is_single(&self) -> bool {
        matches!(self, Self::FileOfNew | Self::RpcNew)
    }

    /// Whether a page that is not full is the last, where nothing says how many there are. Files go
    /// on until one is not there.
    fn ends_short(&self) -> bool {
        !matches!(self, Self::FileOfCollection(_))
    }

    /// Whether the list cannot be empty: it is the whole shop.
    fn is_everything(&self) -> bool {
        matches!(self, Self::RpcSearch(term) if term.is_empty())
    }
}

/// One page's rows that no page before has held.
pub(crate) struct Page {
    pub(crate) list: List,
    pub(crate) fresh: Vec<usize>,
    pub(crate) last: bool,
}

/// A list on its way.
pub(crate) struct Walk<'a> {
    shop: Shop<'a>,
    region: &'static Region,
    ask: &'a Ask,
    pages: Pages,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(shop: Shop<'a>, region: &'static Region, ask: &'a Ask) -> Self {
        Self {
            shop,
            region,
            ask,
            pages: Pages::default(),
        }
    }

    /// The next page; `None` after the last file.
    pub(crate) async fn next(&mut self) -> Result<Option<Page>, Outcome> {
        let page = self.pages.next();
        let ask = self.ask;
        let answer = self
            .shop
            .ask(self.region, |asking| ask.page(asking, page))
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            // The file after the last is not there.
            Err(Outcome::NotFound) if page > 1 => return Ok(None),
            Err(outcome) => return Err(outcome),
        };
        let list = match answer {
            Answer::List(list) => list,
            Answer::Nothing => return Err(Outcome::NotFound),
            _ => {
                return Err(Outcome::malformed(
                    "the shop answered with something else than a list",
                ));
            }
        };
        if page == 1 && list.rows.is_empty() && ask.is_everything() {
            return Err(Outcome::malformed(format!(
                "the shop lists nothing at all for {}, as it does for an area that it does not know",
                self.region.country
            )));
        }
        let (fresh, step) = self.pages.take(&list, ask.page_size(), ask.ends_short())?;
        Ok(Some(Page {
            list,
            fresh,
            last: step == Step::End || ask.is_single(),
        }))
    }
}

/// Goes through the lists until `limit` hits.
pub(crate) async fn search(
    shop: Shop<'_>,
    region: &'static Region,
    plan: &Plan,
    limit: usize,
) -> Result<Hits, Outcome> {
    let mut finding = Finding {
        region,
        plan,
        limit,
        seen: HashSet::new(),
        hits: Hits::default(),
    };
    let mut missing = None;
    let mut answered = false;
    for (place, ask) in plan.asks.iter().enumerate() {
        let mut walk = Walk::new(shop, region, ask);
        loop {
            match walk.next().await {
                Ok(Some(page)) => {
                    answered = true;
                    let full = finding.take(&page)?;
                    if full {
                        let others = place + 1 < plan.asks.len();
                        finding.hits.more |= others || !page.last;
                        return Ok(finding.hits);
                    }
                    if page.last {
                        break;
                    }
                }
                Ok(None) => break,
                Err(Outcome::NotFound) => {
                    missing = Some(Outcome::NotFound);
                    break;
                }
                Err(outcome) => return Err(outcome),
            }
        }
    }
    match missing {
        Some(outcome) if !answered => Err(outcome),
        _ => Ok(finding.hits),
    }
}

/// Hits on their way.
struct Finding<'a> {
    region: &'static Region,
    plan: &'a Plan,
    limit: usize,
    seen: HashSet<String>,
    hits: Hits,
}

impl Finding<'_> {
    /// Takes a page's hits; whether there are enough.
    fn take(&mut self, page: &Page) -> Result<bool, Outcome> {
        if self.plan.keep == Keep::All && self.plan.asks.len() == 1 {
            self.hits.total = page.list.total.or(self.hits.total);
        }
        let observed_at = Utc::now();
        let (mut read, mut wrong) = (0_usize, None);
        for place in &page.fresh {
            let Some(row) = page.list.rows.get(*place) else {
                continue;
            };
            let goods = match self.row(&page.list, row) {
                Ok(goods) => goods,
                Err(cause) => {
                    tracing::warn!(source = SOURCE.as_str(), %cause, "a row cannot be read");
                    wrong = Some(cause);
                    continue;
                }
            };
            read += 1;
            let Some(mut goods) = goods.filter(|goods| self.plan.keep.keeps(goods)) else {
                continue;
            };
            goods.new |= self.plan.new;
            let listing = ListingRef {
                source: SOURCE,
                marketplace: self.region.country.to_owned(),
                external_id: goods.id.clone(),
            };
            if !self.seen.insert(goods.id.clone()) {
                continue;
            }
            if self.hits.found.len() >= self.limit {
                self.hits.more = true;
                return Ok(true);
            }
            let telling = Telling {
                listing: &listing,
                observed_at,
            };
            self.hits.found.push(telling.product(&goods));
        }
        match wrong {
            // One broken row is told to the log; a page of them is another shape than known.
            Some(cause) if read == 0 => Err(Outcome::malformed(format!(
                "no row of the list can be read: {cause}"
            ))),
            _ => Ok(self.hits.found.len() >= self.limit),
        }
    }

    /// A row as goods; `None` for one of another country, which lists sometimes hold.
    fn row(&self, list: &List, row: &Value) -> Result<Option<Goods>, Wrong> {
        let node = Object::of(row).ok_or("a row is no object")?;
        let mut areas = node.list("areaCodes").iter().filter_map(text).peekable();
        let foreign = areas.peek().is_some()
            && !areas.any(|area| area.eq_ignore_ascii_case(self.region.country));
        if foreign {
            return Ok(None);
        }
        let goods = list.dialect.row(row, local(self.region.country))?;
        if Form::of(&goods.id).is_none() {
            return Err(format!("`{}` is no product's id", goods.id));
        }
        Ok(Some(goods))
    }
}
