//! Searches over all offers and within one shop.

use serde_json::{Value, json};

use super::{
    detail::{created, offer_id, promotion, yuan},
    gateway::{Answer, Asked},
    success,
};
use crate::{images, market::Source, server::FaultKind, world::Seen};

/// Most rows of a page.
const PAGE: usize = 50;

/// `product.search.keywordQuery` and, with a seller, `product.search.querySellerOfferList`; `None` when the
/// parameter lacks what the call needs.
pub(super) fn answer(asked: &Asked<'_>, seller: Option<&str>) -> Option<Answer> {
    let page = usize::try_from(asked.number("beginPage")?)
        .ok()
        .filter(|page| *page > 0)?;
    let size = usize::try_from(asked.number("pageSize")?)
        .ok()
        .filter(|size| *size > 0)?
        .min(PAGE);
    if asked.text("country").is_empty() || seller == Some("") {
        return None;
    }
    let words: Vec<String> = asked
        .text("keyword")
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let category = asked.number("categoryId");
    let found: Vec<Seen> = asked
        .world
        .all(Source::Alibaba1688, None)
        .into_iter()
        .filter(|seen| seen.snapshot.sellable && fits(seen, &words, category, seller))
        .collect();
    let pages = found.len().div_ceil(size);
    let endless = asked.spoiled(FaultKind::EndlessPages);
    let (start, pages) = match endless {
        true => (0, 9_999),
        false => ((page - 1).saturating_mul(size), pages),
    };
    let rows = found.iter().skip(start).take(size);
    let mut rows: Vec<Value> = rows.map(|seen| row(seen, &asked.base)).collect();
    if asked.spoiled(FaultKind::DuplicateRows) {
        rows = rows
            .into_iter()
            .flat_map(|row| [row.clone(), row])
            .collect();
    }
    let mut result = json!({
        "totalRecords": found.len(),
        "totalPage": pages,
        "pageSize": size,
        "currentPage": page,
        "data": rows,
    });
    if let Some(seller) = seller {
        result["sellerOpenId"] = json!(seller);
    }
    Some((success(&result), Vec::new()))
}

/// Whether an offer is among what is searched: each word stands in its title or in the translation.
fn fits(seen: &Seen, words: &[String], category: Option<i64>, seller: Option<&str>) -> bool {
    let Some(wholesale) = seen.listing.wholesale() else {
        return false;
    };
    let text = format!("{} {}", seen.listing.title, wholesale.english).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
        && category.is_none_or(|category| wholesale.categories.contains(&category))
        && seller.is_none_or(|seller| wholesale.supplier.open_id == seller)
}

fn row(seen: &Seen, base: &str) -> Value {
    let (listing, snapshot) = (&seen.listing, &seen.snapshot);
    let english = listing.wholesale().map(|wholesale| &wholesale.english);
    let id = offer_id(seen);
    json!({
        "imageUrl": images::url(base, &listing.key, 1),
        "subject": listing.title,
        "subjectTrans": english,
        "offerId": id,
        "isJxhy": false,
        "priceInfo": {
            "price": yuan(snapshot.list_price.or(snapshot.price)),
            "consignPrice": null,
            "promotionPrice": promotion(snapshot.list_price, snapshot.price),
        },
        "repurchaseRate": "27%",
        "monthSold": snapshot.bought_past_month.unwrap_or(0) / 12,
        "isOnePsale": true,
        "sellerIdentities": ["tp_member"],
        "tradeScore": "4.8",
        "createDate": created(id),
    })
}
