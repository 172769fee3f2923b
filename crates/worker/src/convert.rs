//! Our terms as messages.

use std::time::Duration;

use connectors::Outcome;
use contracts::catalog::v1 as catalog;
use contracts::catalog::v1::values::Offer as WireOffer;
use contracts::crawl::v1::{Failure, ItemOutcome, TaskItem};
use domain::listing::Content;
use domain::observation::{Observation, Offer, Values};

/// An observation on its way to core; `round` is that of the due fetch which saw it, and the owner
/// that of the listing.
pub(crate) fn observation(
    seen: &Observation,
    round: i64,
    owner_tenant_id: Option<&str>,
) -> catalog::Observation {
    catalog::Observation {
        source: seen.listing.source.as_str().to_owned(),
        marketplace: seen.listing.marketplace.clone(),
        external_id: seen.listing.external_id.clone(),
        parent_external_id: seen.parent_external_id.clone(),
        owner_tenant_id: owner_tenant_id.map(str::to_owned),
        observed_at_us: seen.observed_at.timestamp_micros(),
        round,
        values: Some(values(&seen.values)),
        content: seen.content.as_ref().map(content),
    }
}

fn values(values: &Values) -> catalog::Values {
    let offer = match values.offer {
        Offer::NotCollected => WireOffer::NotCollected,
        Offer::Offered => WireOffer::Offered,
        Offer::None => WireOffer::None,
    };
    let ranks = values.ranks.iter().map(|entry| catalog::CategoryRank {
        category: entry.category.clone(),
        rank: entry.rank,
    });
    catalog::Values {
        offer: offer.into(),
        currency: values.currency.clone(),
        price_minor: values.price,
        list_price_minor: values.list_price,
        buy_box_price_minor: values.buy_box_price,
        buy_box_seller: values.buy_box_seller.clone(),
        availability: values.availability.as_str().to_owned(),
        in_stock: values.in_stock,
        stock_quantity: values.stock_quantity,
        ranks: ranks.collect(),
        rating_hundredths: values.rating_hundredths,
        review_count: values.review_count,
    }
}

fn content(content: &Content) -> catalog::Content {
    let flags = content.flags;
    catalog::Content {
        url: content.url.clone(),
        title: content.title.clone(),
        brand: content.brand.clone(),
        series: content.series.clone(),
        category: content.category.clone(),
        images: content.images.clone(),
        features: content.features.clone(),
        attributes: content.attributes.clone().into_iter().collect(),
        description: content.description.clone(),
        videos: content.videos.clone(),
        flags: Some(catalog::Flags {
            new: flags.new,
            limited: flags.limited,
            pre_order: flags.pre_order,
            blind_box: flags.blind_box,
        }),
    }
}

/// Why somebody who waits gets nothing.
pub(crate) fn failure(outcome: &Outcome) -> Failure {
    Failure {
        outcome: outcome.as_str().to_owned(),
        reason: outcome.reason(),
        retry_after_seconds: outcome.retry_after().map(whole_seconds),
        retryable: outcome.retryable(),
    }
}

/// Rounded up, so that nobody comes too early.
pub(crate) fn whole_seconds(wait: Duration) -> u32 {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// What became of an item, for the crawler.
pub(crate) fn report(item: &TaskItem, outcome: &Outcome) -> ItemOutcome {
    ItemOutcome {
        target_id: item.target_id,
        fence: item.fence,
        round: item.round,
        outcome: outcome.as_str().to_owned(),
        reason: outcome.reason(),
        retry_after_seconds: outcome.retry_after().map(whole_seconds),
        retryable: outcome.retryable(),
        memo: None,
        changed: None,
        low_stock: None,
    }
}
