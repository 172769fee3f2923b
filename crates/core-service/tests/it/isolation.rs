//! What one tenant watches does not exist for another.

use axum::http::{Method, StatusCode};
use contracts::catalog::v1::Monitor;
use sea_orm::sqlx::{self, AssertSqlSafe};
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

#[tokio::test]
async fn another_tenants_ids_are_answered_like_unknown_ones() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0MINE0001").await;
    stage
        .crawled(vec![
            seen("B0MINE0001", ago(30), 1).price(2000),
            seen("B0MINE0001", ago(20), 2).price(1000),
        ])
        .await;
    let tracking = stage.get(MINE, "/trackings").await.body["items"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let alert = stage.get(MINE, "/alerts").await.body["items"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let unknown = "0199c3a0-0000-7000-8000-00000000dead";
    let rule = stage.get(MINE, "/alert-rules").await.body["items"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let patch = json!({ "interval_seconds": 600 });
    let rename = json!({ "name": "mine now" });
    let cases = [
        (
            Method::GET,
            "/products/{}",
            product.to_string(),
            "999999999",
            None,
        ),
        (
            Method::GET,
            "/products/{}/history",
            product.to_string(),
            "999999999",
            None,
        ),
        (
            Method::GET,
            "/products/{}/quality",
            product.to_string(),
            "999999999",
            None,
        ),
        (
            Method::GET,
            "/products/{}/statistics",
            product.to_string(),
            "999999999",
            None,
        ),
        (
            Method::GET,
            "/products/{}/history.csv",
            product.to_string(),
            "999999999",
            None,
        ),
        (
            Method::POST,
            "/products/{}/refresh",
            product.to_string(),
            "999999999",
            None,
        ),
        (
            Method::GET,
            "/trackings/{}",
            tracking.clone(),
            unknown,
            None,
        ),
        (
            Method::PATCH,
            "/trackings/{}",
            tracking.clone(),
            unknown,
            Some(&patch),
        ),
        (Method::DELETE, "/trackings/{}", tracking, unknown, None),
        (Method::POST, "/alerts/{}/ack", alert, unknown, None),
        (Method::GET, "/alert-rules/{}", rule.clone(), unknown, None),
        (
            Method::PATCH,
            "/alert-rules/{}",
            rule.clone(),
            unknown,
            Some(&rename),
        ),
        (Method::DELETE, "/alert-rules/{}", rule, unknown, None),
    ];
    for (method, path, foreign, unknown, body) in cases {
        let told = async |id: &str| {
            let answer = stage
                .call(THEIRS, method.clone(), &path.replace("{}", id), body, &[])
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            let mut problem = answer.body;
            for changing in ["instance", "trace_id"] {
                problem[changing] = Value::Null;
            }
            problem
        };
        let foreign = told(&foreign).await;
        assert_eq!(foreign, told(unknown).await, "{path}");
        assert_eq!(foreign, told("nonsense").await, "{path}");
    }
    for list in [
        "/products?variants=true",
        "/trackings",
        "/alerts",
        "/alert-rules",
    ] {
        assert_eq!(
            stage.get(THEIRS, list).await.body["items"],
            json!([]),
            "{list}"
        );
    }
    let shown = stage.get(MINE, &format!("/products/{product}")).await;
    assert_eq!(
        shown.status,
        StatusCode::OK,
        "and nothing changed for its owner"
    );
}

#[tokio::test]
async fn the_login_of_requests_sees_nothing_without_a_tenant() {
    let stage = Stage::new().await;
    stage.track(MINE, "B0MINE0002").await;
    stage
        .crawled(vec![
            seen("B0MINE0002", ago(30), 1).price(2000),
            seen("B0MINE0002", ago(20), 2).price(1000),
            seen("B0MINE0002", ago(10), 3).price(1_000_000),
        ])
        .await;
    let mut broken = seen("B0MINE0002", ago(5), 4).price(1);
    broken.values.as_mut().expect("values").price_minor = Some(0);
    stage.crawled(vec![broken]).await;
    let monitor = Monitor {
        id: "0199c3a0-0000-7000-8000-0000000000bb".into(),
        ..Monitor::default()
    };
    let hit = seen("B0MINE0003", ago(5), 0).price(2000);
    stage.hits(stage.tenant, Some(monitor), vec![hit]).await;
    for title in ["Lamp", "Another lamp"] {
        let mut look = seen("B0MINE0002", ago(4), 0).titled(title);
        look.observed_at_us += i64::from(title != "Lamp");
        stage.crawled(vec![look]).await;
    }
    for filled in ["quarantine", "refusal", "monitor_hit", "content_change"] {
        let count = stage
            .one::<i64>(&format!("select count(*) from catalog.{filled}"))
            .await;
        assert_eq!(count, 1, "{filled}");
    }
    // Every table and view that the api login may read at all, whoever adds one.
    let readable: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'catalog' and c.relkind in ('r', 'p', 'v', 'm')
           and has_table_privilege('bw_catalog_api', c.oid, 'select') order by 1",
    )
    .fetch_all(&stage.owner)
    .await
    .expect("names");
    for must in [
        "catalog.product",
        "catalog.product_history",
        "catalog.tracking",
        "catalog.alert",
        "catalog.watch",
        "catalog.monitor_hit",
        "catalog.product_quarantine",
        "catalog.product_refusal",
        "catalog.product_content_change",
    ] {
        assert!(
            readable.iter().any(|name| name == must),
            "{must} in {readable:?}"
        );
    }
    for hidden in [
        "catalog.listing",
        "catalog.listing_state",
        "catalog.history",
        "catalog.quarantine",
        "catalog.refusal",
        "catalog.spelling",
        "catalog.content_change",
        "catalog.content_said",
        "catalog.history_day",
        "catalog.history_bar",
        "catalog.history_mark",
        "catalog.history_kept",
    ] {
        assert!(
            !readable.iter().any(|name| name == hidden),
            "{hidden} in {readable:?}"
        );
    }
    let unknown = "set local app.tenant_id = '0199c3a0-0000-7000-8000-00000000dead'";
    for tenant in ["select 1", "set local app.tenant_id = ''", unknown] {
        for name in &readable {
            let mut tx = stage.api.begin().await.expect("begun");
            sqlx::raw_sql(tenant).execute(&mut *tx).await.expect("set");
            let count: i64 =
                sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {name}")))
                    .fetch_one(&mut *tx)
                    .await
                    .expect("a count");
            assert_eq!(count, 0, "{name} after {tenant}");
        }
    }
}

#[tokio::test]
async fn the_functions_of_requests_touch_only_the_tenants_own() {
    let stage = Stage::new().await;
    let hit = seen("B0MINE0004", ago(5), 0).price(2000);
    let monitor = Monitor {
        id: "0199c3a0-0000-7000-8000-0000000000cc".into(),
        ..Monitor::default()
    };
    let hits = stage
        .hits(stage.tenant, Some(monitor.clone()), vec![hit])
        .await;
    let listing = hits[0].listing_id;
    sqlx::query("update catalog.listing set owner_tenant_id = $1 where id = $2")
        .bind(stage.tenant)
        .bind(listing)
        .execute(&stage.owner)
        .await
        .expect("owned");
    let mut tx = stage.api.begin().await.expect("begun");
    let theirs = format!("set local app.tenant_id = '{}'", stage.other_tenant);
    sqlx::raw_sql(AssertSqlSafe(theirs))
        .execute(&mut *tx)
        .await
        .expect("set");
    let chosen: bool = sqlx::query_scalar("select catalog.choose_strategy($1, 'json_ld')")
        .bind(listing)
        .fetch_one(&mut *tx)
        .await
        .expect("an answer");
    assert!(!chosen, "another tenant's way of reading");
    let own: Option<i64> =
        sqlx::query_scalar("select catalog.own_tracked_listing('amazon', 'US', 'B0MINE0004')")
            .fetch_one(&mut *tx)
            .await
            .expect("an answer");
    assert_eq!(own, None);
    let raised: Vec<i64> = sqlx::query_scalar(
        "select listing_id from catalog.raise_new_listings(array[gen_random_uuid()], array[$1], array['null'::jsonb],
                                                           $2::uuid, 'mine', now())",
    )
    .bind(listing)
    .bind(&monitor.id)
    .fetch_all(&mut *tx)
    .await
    .expect("an answer");
    assert_eq!(raised, Vec::<i64>::new(), "another tenant's hit");
    let made: i64 = sqlx::query_scalar(
        "select listing_id from catalog.resolve_listings(array['amazon'], array['US'], array['B0MINE0004'],
                                                         array['https://a.example'], array[true])",
    )
    .fetch_one(&mut *tx)
    .await
    .expect("an answer");
    assert_ne!(made, listing, "a listing of one's own");
}

#[tokio::test]
async fn a_rule_is_tried_on_ones_own_products_and_made_for_ones_own_trackings_only() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0MINE0005").await;
    stage
        .crawled(vec![seen("B0MINE0005", ago(30), 1).price(2000)])
        .await;
    let tracking = stage.get(MINE, "/trackings").await.body["items"][0]["id"].clone();
    let mine = stage.get(MINE, "/alert-rules").await.body["items"][0]["id"].clone();
    let unknown = json!("0199c3a0-0000-7000-8000-00000000dead");
    let rule = json!({ "condition": { "test": "content" } });
    let tried = async |body: Value| stage.post(THEIRS, "/alert-rules/test", &body).await.status;
    for body in [
        json!({ "rule": rule, "product_id": product }),
        json!({ "rule": rule, "product_id": 999_999_999 }),
        json!({ "rule": rule, "tracking_id": tracking }),
        json!({ "rule": rule, "tracking_id": unknown }),
        json!({ "rule_id": mine, "product_id": product }),
    ] {
        assert_eq!(tried(body.clone()).await, StatusCode::NOT_FOUND, "{body}");
    }
    let made = async |tracking: &Value| {
        let body = json!({ "condition": { "test": "content" }, "tracking_id": tracking });
        let answer = stage.post(THEIRS, "/alert-rules", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.body["errors"].clone()
    };
    assert_eq!(made(&tracking).await, made(&unknown).await);
    let filtered = format!(
        "/alert-rules?tracking_id={}",
        tracking.as_str().expect("an id")
    );
    assert_eq!(stage.get(THEIRS, &filtered).await.body["items"], json!([]));
}
