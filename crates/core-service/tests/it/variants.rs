//! Variants come with their parents.

use contracts::catalog::v1::outcome::Status::{Changed, Duplicate, Refused};
use sea_orm::sqlx;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const PARENT: &str = "B0PARENT01";
const CHILD: &str = "B0CHILD001";

#[tokio::test]
async fn a_variant_of_a_known_parent_is_made_and_watched_by_all_who_watch_it() {
    let stage = Stage::new().await;
    let parent = stage.track(MINE, PARENT).await;
    assert_eq!(
        stage
            .crawled(vec![seen(CHILD, ago(40), 1).price(900)])
            .await[0]
            .0,
        Refused
    );
    let outcomes = stage
        .crawled(vec![
            seen(PARENT, ago(30), 1).price(1000),
            seen(CHILD, ago(30), 1)
                .variant_of(PARENT)
                .price(900)
                .titled("Blue"),
            seen("B0ORPHAN01", ago(30), 1)
                .variant_of("B0NOBODY01")
                .price(900),
        ])
        .await;
    assert_eq!(
        outcomes.iter().map(|o| o.0).collect::<Vec<_>>(),
        [Changed, Changed, Refused]
    );
    let again = stage
        .crawled(vec![seen(CHILD, ago(29), 1).variant_of(PARENT).price(901)])
        .await;
    assert_eq!(again[0].0, Duplicate, "a variant's round is its parent's");

    let variants = stage
        .get(MINE, &format!("/products?parent_id={parent}"))
        .await
        .body;
    let child = &variants["items"][0];
    assert_eq!(
        (&child["title"], &child["parent_id"]),
        (&"Blue".into(), &parent.into())
    );
    assert!(child["tracking_id"].is_null());
    let listed = stage.get(MINE, "/products").await.body;
    assert_eq!(
        listed["items"].as_array().map(Vec::len),
        Some(1),
        "variants hide behind their parent"
    );
    assert_eq!(
        stage.get(MINE, "/products?variants=true").await.body["items"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );

    // Somebody else begins to track the parent and sees the variant too.
    let path = format!("/products/{}", child["id"]);
    assert_eq!(stage.get(THEIRS, &path).await.status, 404);
    stage.track(THEIRS, PARENT).await;
    assert_eq!(stage.get(THEIRS, &path).await.status, 200);
    let refresh = stage
        .post(THEIRS, &format!("{path}/refresh"), &serde_json::json!({}))
        .await;
    assert_eq!(refresh.status, 202, "{}", refresh.body);
}

#[tokio::test]
async fn a_variant_with_a_target_of_its_own_counts_both_rounds_apart() {
    let stage = Stage::new().await;
    stage.track(MINE, PARENT).await;
    let child = stage.track(MINE, CHILD).await;
    assert_eq!(
        stage
            .crawled(vec![seen(CHILD, ago(30), 40).variant_of(PARENT).price(900)])
            .await[0]
            .0,
        Changed
    );
    assert_eq!(
        stage
            .crawled(vec![seen(CHILD, ago(20), 1).price(800)])
            .await[0]
            .0,
        Changed
    );
    let shown = stage.get(MINE, &format!("/products/{child}")).await.body;
    assert_eq!(shown["price"]["amount"], "8.00");
    assert!(
        shown["parent_id"].is_i64() && shown["tracking_id"].is_string(),
        "{shown}"
    );

    // The variant stays watched through its parent when its own tracking ends, and goes with the parent's.
    let end = |id: String| {
        let stage = &stage;
        async move {
            stage
                .call(
                    MINE,
                    axum::http::Method::DELETE,
                    &format!("/trackings/{id}"),
                    None,
                    &[],
                )
                .await
                .status
        }
    };
    let own = shown["tracking_id"].as_str().expect("an id").to_owned();
    assert_eq!(end(own).await, 204);
    let path = format!("/products/{child}");
    assert_eq!(stage.get(MINE, &path).await.status, 200);
    let parent = stage.get(MINE, "/products").await.body["items"][0]["tracking_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(end(parent).await, 204);
    assert_eq!(stage.get(MINE, &path).await.status, 404);
    assert_eq!(
        stage.one::<i64>("select count(*) from catalog.watch").await,
        0
    );
}

#[tokio::test]
async fn a_tracking_ends_after_the_batch_that_is_making_variants() {
    let stage = Stage::new().await;
    let parent = stage.track(MINE, PARENT).await;
    let tracking: uuid::Uuid = stage.one("select id from catalog.tracking").await;
    // As ingest does it: the parent's row, then the variant and a watch for all who watch the parent.
    let mut batch = stage.owner.begin().await.expect("begins");
    sqlx::query("select from catalog.listing where id = $1 for update")
        .bind(parent)
        .execute(&mut *batch)
        .await
        .expect("held");
    let path = format!("/trackings/{tracking}");
    let end = stage.call(MINE, axum::http::Method::DELETE, &path, None, &[]);
    let make = async {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock'";
        let limit = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        while stage.one::<i64>(waiting).await == 0 {
            assert!(tokio::time::Instant::now() < limit, "it does not wait");
        }
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "with made as (
                 insert into catalog.listing (source, marketplace, external_id, parent_id, url)
                 values ('amazon', 'US', '{CHILD}', {parent}, '') returning id),
             state as (insert into catalog.listing_state (listing_id) select id from made)
             insert into catalog.watch (tenant_id, listing_id)
             select tenant_id, made.id from catalog.watch, made where listing_id = {parent}"
        )))
        .execute(&mut *batch)
        .await
        .expect("made");
        batch.commit().await.expect("commits");
    };
    let (ended, ()) = tokio::join!(end, make);
    assert_eq!(ended.status, 204, "{}", ended.body);
    assert_eq!(
        stage.one::<i64>("select count(*) from catalog.watch").await,
        0
    );
}
