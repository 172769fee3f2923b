//! Searches: by words, by category, and within one supplier's shop.
//!
//! Sources: the platform's API pages of `keywordQuery` and `querySellerOfferList`, and a recorded page.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::listing::{Content, ListingRef};
use domain::observation::Observation;
use serde_json::{Map, Value, json};

use super::SOURCE;
use super::answer::{self, Answer};
use super::fields::{self, Told};
use super::mapping::priced;
use super::price;
use super::product::Attributes;
use super::text;
use crate::json::Object;
use crate::{Hits, MonitorKind, Outcome, Search, listing_url};

/// Marks a term that names a supplier's shop: `shop:<sellerOpenId>`, then words to narrow it.
const SHOP: &str = "shop:";

/// What is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Query {
    /// All offers.
    Offers {
        keyword: String,
        category: Option<i64>,
    },
    /// One supplier's.
    Shop {
        seller: String,
        keyword: String,
        category: Option<i64>,
    },
}

impl Query {
    /// From a search of ours. A supplier is no brand, so a shop is a keyword with a prefix.
    pub(super) fn of(search: &Search) -> Result<Self, Outcome> {
        let category = |text: &str| {
            fields::id(text.trim())
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| Outcome::hopeless("1688 names categories by number"))
        };
        let narrowed = search.category.as_deref().map(category).transpose()?;
        let term = search.term.trim();
        match search.kind {
            MonitorKind::Keyword => {
                let Some(shop) = term.strip_prefix(SHOP) else {
                    return Ok(Self::Offers {
                        keyword: term.to_owned(),
                        category: narrowed,
                    });
                };
                let shop = shop.trim();
                let (seller, keyword) = shop.split_once(char::is_whitespace).unwrap_or((shop, ""));
                if seller.is_empty() {
                    return Err(Outcome::hopeless("a shop is named as shop:<sellerOpenId>"));
                }
                Ok(Self::Shop {
                    seller: seller.to_owned(),
                    keyword: keyword.trim().to_owned(),
                    category: narrowed,
                })
            }
            MonitorKind::Category => Ok(Self::Offers {
                keyword: String::new(),
                category: Some(category(term)?),
            }),
            other => Err(Outcome::hopeless(format!(
                "1688 cannot be searched by {}",
                other.as_str()
            ))),
        }
    }

    /// `offerQueryParam` of a page, from 1.
    pub(super) fn parameter(&self, page: u32, size: u32, language: &str) -> String {
        let mut fields = Map::new();
        let (keyword, category) = match self {
            Self::Offers { keyword, category } => (keyword, category),
            Self::Shop {
                seller,
                keyword,
                category,
            } => {
                fields.insert("sellerOpenId".to_owned(), json!(seller));
                (keyword, category)
            }
        };
        // The search over all offers wants the keyword even where a category is all there is.
        if !keyword.is_empty() || matches!(self, Self::Offers { .. }) {
            fields.insert("keyword".to_owned(), json!(keyword));
        }
        if let Some(category) = category {
            fields.insert("categoryId".to_owned(), json!(category));
        }
        fields.insert("beginPage".to_owned(), json!(page));
        fields.insert("pageSize".to_owned(), json!(size));
        fields.insert("country".to_owned(), json!(language));
        Value::Object(fields).to_string()
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    hits: Vec<Observation>,
    known: HashSet<ListingRef>,
    total: Option<u64>,
    /// The source says, or it shows, that there is no page after this one.
    last: bool,
}

impl Found {
    /// Takes a page; whether another is worth asking for.
    pub(super) fn take(
        &mut self,
        body: &[u8],
        limit: usize,
        now: DateTime<Utc>,
    ) -> Result<bool, Outcome> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|_| Outcome::malformed("the answer is not the platform's JSON"))?;
        let page = match answer::read(&body) {
            Answer::Page(page) => page,
            Answer::Refused(refusal) => return Err(refusal.outcome()),
            _ => return Err(Outcome::malformed("the answer is no page of a search")),
        };
        let told = page.list("data").len();
        let rows = rows(page, now);
        let total = page.count("totalRecords");
        if rows.is_empty() && told > 0 {
            return Err(Outcome::malformed("no row of the page can be read"));
        }
        if told == 0 && self.hits.is_empty() && total.is_some_and(|total| total > 0) {
            return Err(Outcome::malformed(
                "the page counts records, but holds none of them",
            ));
        }
        self.total = total.and_then(|total| total.try_into().ok()).or(self.total);
        let before = self.hits.len();
        for row in rows {
            if self.known.insert(row.listing.clone()) {
                self.hits.push(row);
            }
        }
        // A page with nothing new is the end, whatever the source says: some repeat their last page
        // for ever.
        let new = self.hits.len() > before;
        let at_end = match (page.count("currentPage"), page.count("totalPage")) {
            (Some(current), Some(pages)) => current >= pages,
            _ => false,
        };
        self.last = !new || at_end;
        Ok(!self.last && self.hits.len() < limit)
    }

    /// What was found, up to the limit.
    pub(super) fn hits(mut self, limit: usize) -> Hits {
        let more = self.hits.len() > limit || !self.last;
        self.hits.truncate(limit);
        Hits {
            found: self.hits,
            total: self.total,
            more,
        }
    }
}

/// The rows of a page that name an offer.
pub(super) fn rows(page: Object<'_>, now: DateTime<Utc>) -> Vec<Observation> {
    let seller = page.text("sellerOpenId");
    page.objects("data")
        .filter_map(|row| observation(row, seller.as_deref(), now))
        .collect()
}

fn observation(row: Object<'_>, seller: Option<&str>, now: DateTime<Utc>) -> Option<Observation> {
    let listing = listing_url::from_id(SOURCE, "CN", &row.id("offerId")?).ok()?;
    let prices = row.object("priceInfo");
    let price = prices.map_or(price::Price::Absent, |prices| {
        price::price(&prices.price("price"), &prices.price("promotionPrice"))
    });
    let mut values = priced(price);
    values.rating_hundredths = row.stars("tradeScore");
    let mut known = Attributes::default();
    for (ours, theirs) in [
        ("title_translated", "subjectTrans"),
        ("monthly_sales", "monthSold"),
        ("sold", "soldOut"),
        ("repurchase_rate", "repurchaseRate"),
        ("min_order_quantity", "minOrderQuantity"),
        ("category_id", "thirdCategoryId"),
        ("supplier", "companyName"),
        ("supplier_id", "sellerOpenId"),
    ] {
        known.set(ours, row.text(theirs));
    }
    if let Some(seller) = seller {
        known.set("supplier_id", Some(seller.to_owned()));
    }
    let path: Vec<String> = ["topCategoryId", "secondCategoryId", "thirdCategoryId"]
        .iter()
        .filter_map(|name| row.text(name))
        .collect();
    known.set("category_ids", Some(path.join(" > ")));
    if let Some(prices) = prices {
        let consign = prices.price("consignPrice").yuan().map(price::figure);
        known.set("consign_price", consign);
    }
    known.set(
        "created_at",
        row.text("createDate").and_then(|at| text::time(&at)),
    );
    let tags: Vec<&str> = ["isJxhy", "isOnePsale", "isSelect", "isPatentProduct"]
        .into_iter()
        .filter(|name| row.flag(name) == Some(true))
        .collect();
    known.set("tags", Some(tags.join(", ")));
    known.set(
        "supplier_identities",
        Some(row.texts("sellerIdentities").join(", ")),
    );
    Some(Observation {
        values,
        content: Some(Content {
            url: Some(listing_url::page(&listing)),
            title: row.text("subject").or_else(|| row.text("subjectTrans")),
            images: text::addresses(
                ["imageUrl", "whiteImage"]
                    .iter()
                    .filter_map(|name| row.text(name)),
            ),
            attributes: known.0,
            ..Content::default()
        }),
        listing,
        parent_external_id: None,
        observed_at: now,
    })
}
