//! The API's words: creating, paging, ETags, bad input.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{CRAWL_ID, MINE, Stage};

#[tokio::test]
async fn tracking_the_same_product_again_answers_with_the_tracking_there_is() {
    let stage = Stage::new().await;
    let body = json!({ "source": "popmart", "marketplace": "us", "external_id": "1372", "tags": ["toys"] });
    let first = stage.post(MINE, "/trackings", &body).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(first.body["interval_seconds"], 300);
    assert_eq!(first.body["tags"], json!(["toys"]));
    let again =
        json!({ "url": "https://www.popmart.com/us/products/1372/labubu", "interval": 600 });
    let again = stage.post(MINE, "/trackings", &again).await;
    assert_eq!(
        (again.status, &again.body["id"]),
        (StatusCode::OK, &first.body["id"])
    );
    assert_eq!(again.body["interval_seconds"], 300, "unchanged");
    assert_eq!(again.body["last_outcome"], "ok");
    assert_eq!(stage.events("tracking.created").await.len(), 1);
    let told = stage.tracking_changed("tracking.created").await;
    assert_eq!(
        (told.source.as_str(), told.marketplace.as_str()),
        ("popmart", "US")
    );
    assert_eq!(
        (told.external_id.as_str(), told.interval_seconds, told.live),
        ("1372", 300, true)
    );

    let listed = stage
        .get(
            MINE,
            &format!("/trackings?product_id={}", first.body["product_id"]),
        )
        .await
        .body;
    assert_eq!(listed["items"][0]["next_due_at"], "2030-03-17T17:46:40Z");
    let path = format!("/trackings/{}", first.body["id"].as_str().expect("an id"));
    assert_eq!(
        stage
            .call(MINE, Method::DELETE, &path, None, &[])
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(stage.get(MINE, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.events("tracking.deleted").await.len(), 1);
    let anew = stage.post(MINE, "/trackings", &body).await;
    assert_eq!(anew.status, StatusCode::CREATED, "it can be tracked anew");
    assert_ne!(anew.body["id"], first.body["id"]);
    assert_eq!(anew.body["product_id"], first.body["product_id"]);
}

#[tokio::test]
async fn lengths_are_counted_in_characters() {
    let stage = Stage::new().await;
    let tag = |length| "潮".repeat(length);
    let body =
        |length| json!({"url": "https://www.amazon.com/dp/B0CHARS001", "tags": [tag(length)]});
    let refused = stage.post(MINE, "/trackings", &body(51)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(refused.body["errors"][0]["field"], "tags[0]");
    let made = stage.post(MINE, "/trackings", &body(50)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.body["tags"][0], tag(50));
}

#[tokio::test]
async fn a_change_of_a_tracking_is_shown_and_told() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0PATCH001").await;
    let listed = stage.get(MINE, "/trackings").await.body;
    let path = format!(
        "/trackings/{}",
        listed["items"][0]["id"].as_str().expect("an id")
    );
    let change = json!({ "interval_seconds": 900, "tags": ["a", "b"], "status": "paused" });
    let changed = stage
        .call(MINE, Method::PATCH, &path, Some(&change), &[])
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let shown = stage.get(MINE, &path).await.body;
    for (field, value) in change.as_object().expect("an object") {
        assert_eq!(&shown[field], value, "{field}");
    }
    let told = stage.tracking_changed("tracking.updated").await;
    assert_eq!(
        (told.interval_seconds, told.live, told.listing_id),
        (900, false, product)
    );
    let refresh = stage
        .post(MINE, &format!("/products/{product}/refresh"), &json!({}))
        .await;
    assert_eq!(refresh.status, StatusCode::CONFLICT, "{}", refresh.body);

    let change = json!({ "status": "active" });
    let changed = stage
        .call(MINE, Method::PATCH, &path, Some(&change), &[])
        .await;
    assert_eq!(
        changed.body["tags"],
        json!(["a", "b"]),
        "what is not named stays"
    );
    assert_eq!(
        stage
            .one::<i64>("select version from catalog.tracking")
            .await,
        3
    );
    assert!(stage.tracking_changed("tracking.updated").await.live);
    assert_eq!(
        stage
            .call(MINE, Method::DELETE, &path, None, &[])
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    assert!(!stage.tracking_changed("tracking.deleted").await.live);
}

#[tokio::test]
async fn an_idempotency_key_replays_the_first_answer() {
    let stage = Stage::new().await;
    let key = [("idempotency-key", "a-key")];
    let track = |asin: &str| json!({ "url": format!("https://www.amazon.com/dp/{asin}") });
    let (one, other) = (track("B0IDEMP001"), track("B0IDEMP002"));
    let first = stage
        .call(MINE, Method::POST, "/trackings", Some(&one), &key)
        .await;
    let again = stage
        .call(MINE, Method::POST, "/trackings", Some(&one), &key)
        .await;
    assert_eq!(
        (first.status, &first.body),
        (StatusCode::CREATED, &again.body)
    );
    assert_eq!(again.status, StatusCode::CREATED);
    let different = stage
        .call(MINE, Method::POST, "/trackings", Some(&other), &key)
        .await;
    assert_eq!(different.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_the_database_cannot_hold_is_refused_in_words() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0BADTEXT0").await;
    let long_ago = "-200000-01-01T00:00:00Z";
    for path in [
        "/products?q=a%00b".to_owned(),
        "/products?brand=%00".to_owned(),
    ] {
        let answer = stage.get(MINE, &path).await;
        assert_eq!(answer.status, 422, "{path}: {}", answer.body);
        assert!(
            answer.body["detail"]
                .as_str()
                .expect("words")
                .contains("Correct it")
        );
    }
    for field in ["from", "to"] {
        let path = format!("/products/{product}/history?{field}={long_ago}");
        let answer = stage.get(MINE, &path).await;
        assert_eq!(answer.status, 422, "{path}: {}", answer.body);
        assert_eq!(answer.body["errors"][0]["field"], field);
    }
    let body = json!({"url": "https://www.amazon.com/dp/B0BADTEXT1", "tags": ["a\u{0}b"]});
    let answer = stage.post(MINE, "/trackings", &body).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
}

#[tokio::test]
async fn lists_filter_sort_and_page() {
    let stage = Stage::new().await;
    let mut observations = Vec::new();
    for (n, (title, price)) in [("Blue lamp", 3000), ("red Lamp", 1000), ("Chair", 2000)]
        .into_iter()
        .enumerate()
    {
        let asin = format!("B0LISTS00{n}");
        stage.track(MINE, &asin).await;
        let mut look = seen(&asin, ago(30), 1).price(price).titled(title);
        let content = look.content.as_mut().expect("content");
        content.brand = Some(if n == 2 { "Sitz" } else { "Licht" }.into());
        content.category = Some(
            if n == 2 {
                "Home > Chairs"
            } else {
                "Home > Lamps"
            }
            .into(),
        );
        content.flags = Some(contracts::catalog::v1::Flags {
            limited: n == 0,
            ..Default::default()
        });
        observations.push(if n == 1 { look.gone_now() } else { look });
    }
    observations.push(seen("B0LISTS003", ago(30), 1).price(1));
    stage.track(MINE, "B0LISTS003").await;
    stage.crawled(observations).await;
    let titles = async |query: &str| -> Vec<Value> {
        let answer = stage.get(MINE, &format!("/products{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| item["title"].clone())
            .collect()
    };
    assert_eq!(titles("?q=LAMP").await.len(), 2);
    assert_eq!(titles("?q=lamp%20licht%20red").await, ["red Lamp"]);
    assert_eq!(titles("?q=B0LISTS002").await, ["Chair"]);
    assert_eq!(
        titles("?q=100%25").await,
        Vec::<Value>::new(),
        "a percent sign is no wildcard"
    );
    assert_eq!(titles("?brand=Sitz").await, ["Chair"]);
    assert_eq!(titles("?category=Home%20%3E%20Lamps").await.len(), 2);
    assert_eq!(titles("?category=Home").await.len(), 3);
    assert_eq!(titles("?type=limited").await, ["Blue lamp"]);
    assert_eq!(titles("?in_stock=false").await, ["red Lamp"]);
    assert_eq!(titles("?source=popmart").await, Vec::<Value>::new());
    assert_eq!(
        titles("?sort=title&source=amazon").await,
        [
            json!("Blue lamp"),
            json!("Chair"),
            json!("red Lamp"),
            Value::Null
        ]
    );
    assert_eq!(
        titles("?sort=-price&q=l").await.first(),
        Some(&json!("Blue lamp"))
    );

    for sort in [
        "-created_at",
        "-last_changed_at",
        "title",
        "price",
        "-price",
        "rank",
        "-rank",
    ] {
        let mut seen = Vec::new();
        let mut path = format!("/products?limit=1&sort={sort}");
        loop {
            let page = stage.get(MINE, &path).await;
            assert_eq!(page.status, StatusCode::OK, "{sort}: {}", page.body);
            seen.push(page.body["items"][0]["id"].as_i64().expect("an id"));
            let Some(cursor) = page.body["next_cursor"].as_str() else {
                break;
            };
            path = format!("/products?limit=1&sort={sort}&cursor={cursor}");
        }
        let whole: Vec<i64> = stage
            .get(MINE, &format!("/products?sort={sort}"))
            .await
            .body["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| item["id"].as_i64().expect("an id"))
            .collect();
        assert_eq!(seen, whole, "{sort}");
        assert_eq!(seen.len(), 4, "{sort}");
    }

    // The cheapest is not offered any more: it has no price, and comes last either way.
    stage
        .crawled(vec![seen("B0LISTS003", ago(10), 2).gone()])
        .await;
    let places = ["?sort=price", "?sort=-price"].map(async |sort| {
        let shown = titles(sort).await;
        shown.iter().position(Value::is_null).expect("listed")
    });
    for place in places {
        assert!(place.await >= 2, "behind all that have a price");
    }
}

/// Nobody offers it any more.
trait GoneNow {
    fn gone_now(self) -> Self;
}

impl GoneNow for contracts::catalog::v1::Observation {
    fn gone_now(mut self) -> Self {
        self.values = None;
        self.gone()
    }
}

#[tokio::test]
async fn reads_carry_an_etag_and_a_product_can_be_refreshed() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0ETAG0001").await;
    stage
        .crawled(vec![seen("B0ETAG0001", ago(30), 1).price(2000)])
        .await;
    for path in [
        format!("/products/{product}"),
        format!("/products/{product}/history"),
        "/products".to_owned(),
        "/alerts".to_owned(),
    ] {
        let first = stage.get(MINE, &path).await;
        let tag = first.etag.expect("an ETag");
        let again = stage
            .call(MINE, Method::GET, &path, None, &[("if-none-match", &tag)])
            .await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
    }
    let refresh = stage
        .post(MINE, &format!("/products/{product}/refresh"), &json!({}))
        .await;
    assert_eq!(
        (refresh.status, refresh.body),
        (StatusCode::ACCEPTED, json!({ "crawl_id": CRAWL_ID }))
    );
}

#[tokio::test]
async fn with_crawler_gone_trackings_are_still_listed() {
    let stage = Stage::with_crawler(false).await;
    let product = stage.track(MINE, "B0ALONE001").await;
    let listed = stage.get(MINE, "/trackings").await;
    assert_eq!(listed.status, StatusCode::OK);
    assert_eq!(listed.body["items"][0]["product_id"], product);
    assert!(listed.body["items"][0]["next_due_at"].is_null());
    let refresh = stage
        .post(MINE, &format!("/products/{product}/refresh"), &json!({}))
        .await;
    assert_eq!(
        refresh.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        refresh.body
    );
}

#[tokio::test]
async fn bad_input_is_refused_in_words() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0WORDS001").await;
    let url = "https://www.amazon.com/dp/B0WORDS002";
    for (body, field) in [
        (json!({ "url": "ftp://shop.example/1" }), "url"),
        (json!({ "url": "http://127.0.0.1/1" }), "url"),
        (json!({ "url": "http://[::1]:8080/1" }), "url"),
        (json!({ "url": "http://localhost/1" }), "url"),
        (json!({ "url": "https://me:secret@shop.example/1" }), "url"),
        (json!({ "url": url, "strategy": "json_ld" }), "strategy"),
        (
            json!({ "url": "https://shop.example/1", "strategy": "guess" }),
            "strategy",
        ),
        (
            json!({ "source": "web", "marketplace": "ZZ", "external_id": "10.0.0.1/p" }),
            "external_id",
        ),
        (json!({ "url": url, "colour": "red" }), "colour"),
        (
            json!({ "url": url, "interval_seconds": -5 }),
            "interval_seconds",
        ),
        (
            json!({ "url": url, "interval_seconds": 604_801 }),
            "interval_seconds",
        ),
        (
            json!({ "url": url, "rules": [{ "kind": "price", "percent": 0 }] }),
            "rules[0].percent",
        ),
        (
            json!({ "url": url, "rules": [{ "kind": "smell", "percent": 5 }] }),
            "rules[0].kind",
        ),
        (
            json!({ "url": url, "rules": [{ "kind": "rank", "percent": 5 }, { "kind": "rank", "percent": 6 }] }),
            "rules",
        ),
        (json!({ "url": url, "source": "amazon" }), "url"),
        (
            json!({ "source": "amazon", "marketplace": "XX", "external_id": "B0WORDS002" }),
            "marketplace",
        ),
        (
            json!({ "source": "amazon", "marketplace": "US", "external_id": "!" }),
            "external_id",
        ),
        (
            json!({ "source": "ebay", "marketplace": "US", "external_id": "1" }),
            "source",
        ),
        (json!({ "source": "amazon" }), "marketplace"),
        (json!({}), "url"),
    ] {
        let answer = stage.post(MINE, "/trackings", &body).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body}: {}",
            answer.body
        );
        assert_eq!(
            answer.body["errors"][0]["field"], field,
            "{body}: {}",
            answer.body
        );
    }
    for path in [
        "/products?source=ebay".to_owned(),
        "/products?sort=smell".to_owned(),
        "/products?type=big".to_owned(),
        "/products?in_stock=maybe".to_owned(),
        "/products?colour=red".to_owned(),
        "/products?cursor=nonsense".to_owned(),
        "/products?limit=0".to_owned(),
        "/alerts?kind=smell".to_owned(),
        format!("/products/{product}/history?metric=smell"),
        format!("/products/{product}/history?points=1"),
        format!("/products/{product}/history?from=yesterday"),
        format!("/products/{product}/history?from=2030-01-01T00:00:00Z"),
    ] {
        let answer = stage.get(MINE, &path).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}: {}",
            answer.body
        );
        assert!(
            answer.body["errors"][0]["message"].is_string(),
            "{path}: {}",
            answer.body
        );
    }
    let foreign = stage.get(MINE, "/products?sort=price&limit=1").await.body;
    assert!(foreign["next_cursor"].is_null());
}
