//! Listings of one tenant: read with its own credential, or as it chose.

use axum::http::{Method, StatusCode};
use contracts::catalog::v1::Observation;
use contracts::catalog::v1::outcome::Status::{Changed, Refused};
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const CODE: &str = "GA0TEST01";
const PAGE: &str = "https://shop.example/lamp?colour=red";

fn haier() -> Value {
    json!({ "source": "haier", "marketplace": "CN", "external_id": CODE })
}

fn distributed(owner: Option<uuid::Uuid>, minutes: i64, round: i64) -> Observation {
    Observation {
        source: "haier".into(),
        marketplace: "CN".into(),
        external_id: CODE.into(),
        owner_tenant_id: owner.map(|owner| owner.to_string()),
        ..seen(CODE, ago(minutes), round)
    }
}

#[tokio::test]
async fn a_distributors_goods_belong_to_the_tenant_that_reads_them() {
    let stage = Stage::new().await;
    let mine = stage.post(MINE, "/trackings", &haier()).await;
    let theirs = stage.post(THEIRS, "/trackings", &haier()).await;
    assert_eq!(mine.status, StatusCode::CREATED, "{}", mine.body);
    assert_eq!(theirs.status, StatusCode::CREATED, "{}", theirs.body);
    assert_ne!(mine.body["product_id"], theirs.body["product_id"]);
    assert_eq!(mine.body["interval_seconds"], 3_600);
    let told = stage.tracking_changed("tracking.created").await;
    assert_eq!(told.owner_tenant_id, Some(stage.other_tenant.to_string()));
    assert_eq!(told.url, "");

    let outcomes = stage
        .crawled(vec![
            distributed(Some(stage.tenant), 30, 1).price(120_000),
            distributed(None, 30, 1).price(1),
        ])
        .await;
    assert_eq!([outcomes[0].0, outcomes[1].0], [Changed, Refused]);
    assert_eq!(outcomes[1].1, "unknown listing", "nobody's is no listing");

    let path = |id: &Value| format!("/products/{id}");
    let shown = stage.get(MINE, &path(&mine.body["product_id"])).await.body;
    assert_eq!(shown["price"]["amount"], "1200.00");
    assert_eq!(shown["url"], Value::Null, "these goods have no page");
    let other = stage
        .get(THEIRS, &path(&theirs.body["product_id"]))
        .await
        .body;
    assert_eq!(other["price"], Value::Null, "each has its own figures");
    for (key, foreign) in [(THEIRS, &mine.body), (MINE, &theirs.body)] {
        for page in ["", "/history", "/quality"] {
            let path = format!("{}{page}", path(&foreign["product_id"]));
            assert_eq!(
                stage.get(key, &path).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }
    // Even a watch that should not be there shows nothing.
    sea_orm::sqlx::query("insert into catalog.watch (tenant_id, listing_id) values ($1, $2)")
        .bind(stage.other_tenant)
        .bind(mine.body["product_id"].as_i64())
        .execute(&stage.owner)
        .await
        .expect("inserted");
    let path = path(&mine.body["product_id"]);
    for page in ["", "/history", "/quality"] {
        let answer = stage.get(THEIRS, &format!("{path}{page}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
    }
}

#[tokio::test]
async fn who_chooses_how_a_page_is_read_gets_a_listing_of_its_own() {
    let stage = Stage::new().await;
    let public = stage
        .post(MINE, "/trackings", &json!({ "url": PAGE }))
        .await;
    assert_eq!(public.status, StatusCode::CREATED, "{}", public.body);
    assert_eq!(public.body["strategy"], Value::Null);
    let told = stage.tracking_changed("tracking.created").await;
    assert_eq!((told.url.as_str(), told.owner_tenant_id), (PAGE, None));

    let chosen = json!({ "url": format!("{PAGE}#reviews"), "strategy": "microdata" });
    let own = stage.post(THEIRS, "/trackings", &chosen).await;
    assert_eq!(own.status, StatusCode::CREATED, "{}", own.body);
    assert_ne!(own.body["product_id"], public.body["product_id"]);
    assert_eq!(own.body["strategy"], "microdata");
    let told = stage.tracking_changed("tracking.created").await;
    assert_eq!(told.owner_tenant_id, Some(stage.other_tenant.to_string()));
    assert_eq!(
        (told.strategy.as_deref(), told.url.as_str()),
        (Some("microdata"), PAGE)
    );
    let product = format!("/products/{}", own.body["product_id"]);
    assert_eq!(
        stage.get(THEIRS, &product).await.body["strategy"],
        "microdata"
    );
    assert_eq!(
        stage.get(THEIRS, "/trackings").await.body["items"][0]["strategy"],
        "microdata"
    );

    let again = stage
        .post(THEIRS, "/trackings", &json!({ "url": PAGE }))
        .await;
    assert_eq!(
        again.status,
        StatusCode::OK,
        "the choice is remembered: {}",
        again.body
    );
    assert_eq!(again.body["id"], own.body["id"]);

    let patch = json!({ "strategy": "json_ld" });
    let tracking = |body: &Value| format!("/trackings/{}", body["id"].as_str().expect("an id"));
    let changed = stage
        .call(
            THEIRS,
            Method::PATCH,
            &tracking(&own.body),
            Some(&patch),
            &[],
        )
        .await;
    assert_eq!(changed.body["strategy"], "json_ld", "{}", changed.body);
    let told = stage.tracking_changed("tracking.updated").await;
    assert_eq!(told.strategy.as_deref(), Some("json_ld"));
    let refused = stage
        .call(
            MINE,
            Method::PATCH,
            &tracking(&public.body),
            Some(&patch),
            &[],
        )
        .await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.body
    );
    assert_eq!(refused.body["errors"][0]["field"], "strategy");
    let bad = json!({ "strategy": "guess" });
    let refused = stage
        .call(THEIRS, Method::PATCH, &tracking(&own.body), Some(&bad), &[])
        .await;
    assert_eq!(refused.body["errors"][0]["field"], "strategy");
}
