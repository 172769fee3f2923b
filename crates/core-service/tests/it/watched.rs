//! Which watched listings a sync looks at again.

use contracts::catalog::v1::catalog_client::CatalogClient;
use contracts::catalog::v1::{ListWatchedRequest, ListWatchedResponse, Observation};
use uuid::Uuid;

use crate::observation::{Learnt, ago, seen};
use crate::stage::Stage;

/// Asks as crawler does.
async fn watched(
    stage: &Stage,
    tenant: Uuid,
    change: impl FnOnce(&mut ListWatchedRequest),
) -> ListWatchedResponse {
    let mut request = ListWatchedRequest {
        tenant_id: tenant.to_string(),
        source: "amazon".to_owned(),
        limit: 100,
        ..ListWatchedRequest::default()
    };
    change(&mut request);
    let (channel, stop) = stage.channel(&"r".repeat(16));
    let answer = rpc::sized!(CatalogClient::new(channel))
        .list_watched(request)
        .await;
    stop.cancel();
    answer.expect("answered").into_inner()
}

fn codes(answer: &ListWatchedResponse) -> Vec<&str> {
    let listings = answer.listings.iter();
    let mut codes: Vec<&str> = listings
        .map(|listing| listing.external_id.as_str())
        .collect();
    codes.sort_unstable();
    codes
}

#[tokio::test]
async fn what_moved_is_nearly_gone_or_is_of_a_brand_is_told_to_the_crawler() {
    let stage = Stage::new().await;
    let mine = stage.tenant;
    let of_brand = |asin: &str, brand: &str| {
        let mut found = seen(asin, ago(60), 0).price(2_000).titled("A thing");
        found.content.get_or_insert_default().brand = Some(brand.to_owned());
        found
    };
    let mut scarce = of_brand("B0SCARCE01", "100% Loop");
    scarce.values.get_or_insert_default().stock_quantity = Some(3);
    let hits = vec![
        of_brand("B0STEADY01", "Casarte"),
        of_brand("B0MOVED001", "Casarte"),
        scarce,
        seen("B0GONE0001", ago(60), 0).titled("A thing").gone(),
    ];
    stage.hits(mine, None, hits).await;
    let moved = seen("B0MOVED001", ago(30), 0).price(1_000);
    stage.hits(mine, None, vec![moved]).await;
    // A bare name makes a listing, and takes nothing from what is known of one.
    let bare = |asin: &str| Observation {
        values: None,
        ..seen(asin, ago(5), 0)
    };
    let named = stage
        .hits(mine, None, vec![bare("B0STEADY01"), bare("B0NEW00001")])
        .await;
    assert!(named.iter().all(|hit| hit.listing_id > 0), "{named:?}");
    let prices: i64 = stage
        .one("select count(*) from catalog.listing_state where price is not null")
        .await;
    assert_eq!(prices, 3, "none was lost");

    let all = watched(&stage, mine, |_| {}).await;
    assert_eq!((all.watched, all.listings.len()), (5, 5));
    assert_eq!(all.listings[0].marketplace, "US");
    let since = ago(45).timestamp();
    let prices = watched(&stage, mine, |wanted| {
        wanted.price_changed_since_unix = Some(since)
    })
    .await;
    assert_eq!(codes(&prices), ["B0MOVED001"]);
    let stock = watched(&stage, mine, |wanted| wanted.stock_at_most = Some(3)).await;
    assert_eq!(codes(&stock), ["B0GONE0001", "B0SCARCE01"]);
    let either = watched(&stage, mine, |wanted| {
        wanted.price_changed_since_unix = Some(since);
        wanted.stock_at_most = Some(3);
        wanted.brand = Some("casarte".to_owned());
    })
    .await;
    assert_eq!((either.watched, codes(&either)), (5, vec!["B0MOVED001"]));
    let literal = watched(&stage, mine, |wanted| {
        wanted.brand = Some("100%".to_owned())
    })
    .await;
    assert_eq!(codes(&literal), ["B0SCARCE01"]);
    let theirs = watched(&stage, stage.other_tenant, |_| {}).await;
    assert_eq!((theirs.watched, theirs.listings.len()), (0, 0));
}
