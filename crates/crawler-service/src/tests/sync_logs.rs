//! Wrong requests for syncs, the log of live reads and manual crawls, and what the clock does.

use chrono::{TimeDelta, Utc};
use http::StatusCode;
use serde_json::json;

use super::Stage;
use super::syncs::{HAIER, LOGS, counts, open};
use super::work::{outcome, report};

#[tokio::test]
async fn every_part_of_a_wrong_request_is_named() {
    let stage = Stage::new().await;
    let mine = stage.client("bw_mine");
    stage.supply("one").await;
    for (path, body, wrong) in [
        (HAIER, json!({"codes": ["not a code!"]}), "codes[0]"),
        (HAIER, json!({"mode": "full", "codes": ["A1"]}), "codes"),
        (HAIER, json!({"codes": ["A1"], "brand": "x"}), "codes"),
        (HAIER, json!({"marketplace": "US"}), "marketplace"),
        (
            "/api/v1/sync/popmart",
            json!({"codes": ["?"], "marketplace": "US"}),
            "codes[0]",
        ),
        ("/api/v1/sync/amazon", json!({}), "source"),
    ] {
        let refused = mine.post(path, body.clone()).await;
        assert_eq!(refused.fields(), [wrong], "{path} {body}");
    }
    let unknown = mine.post("/api/v1/sync/nowhere", json!({})).await;
    unknown.expect(StatusCode::NOT_FOUND);
    for query in ["type=x", "status=x", "from=x", "what=x"] {
        let refused = mine.get(&format!("{LOGS}?{query}")).await;
        let name = query.split('=').next().expect("a name").to_owned();
        assert_eq!(refused.fields(), [name]);
    }
    // 1688 lists nothing by itself.
    stage
        .execute(&format!(
            "insert into crawl.credential (tenant_id, source, sealed, fields) values ('{}', 'alibaba1688', '\\x01', '{{}}')",
            stage.tenant
        ))
        .await;
    let refused = mine
        .post("/api/v1/sync/alibaba1688", json!({"mode": "full"}))
        .await;
    assert_eq!(refused.fields(), ["category"]);
    let category = json!({"mode": "full", "category": "1031910"});
    let begun = mine.post("/api/v1/sync/alibaba1688", category).await;
    begun.expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn live_reads_and_manual_crawls_are_logged_and_old_logs_go() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let mine = stage.client("bw_mine_admin");
    stage.supply("one").await;
    stage.execute("delete from crawl.sync").await;
    mine.get("/api/v1/sources/haier/logistics?order_code=7")
        .await;
    let logs = mine
        .get(&format!("{LOGS}?type=logistics&status=failed&source=haier"))
        .await;
    let logs = logs.expect(StatusCode::OK);
    assert_eq!(logs["items"].as_array().map(Vec::len), Some(1), "{logs}");
    assert_eq!(counts(&logs["items"][0]), [1, 0, 1]);

    stage.track(1, 2).await;
    let body = json!({"product_ids": [1, 2]});
    let crawl = mine.post("/api/v1/crawl/manual", body).await;
    let crawl = crawl.expect(StatusCode::ACCEPTED);
    let running = mine.get(&format!("{LOGS}?type=manual")).await.body;
    let log = &running["items"][0];
    assert_eq!(
        (&log["crawl_id"], &log["status"]),
        (&crawl["crawl_id"], &json!("processing"))
    );
    assert_eq!((&log["source"], counts(log)), (&json!("amazon"), [2, 0, 0]));
    let task = stage.dispatch_one().await;
    let opened = open(&mut work, task).await;
    let outcomes = vec![
        outcome(&opened.items[0], "ok"),
        outcome(&opened.items[1], "malformed"),
    ];
    report(&mut work, task, outcomes).await;
    let log = stage.log(&log["id"]).await;
    assert_eq!(
        (&log["status"], counts(&log)),
        (&json!("partial"), [2, 1, 1])
    );
    assert_eq!(log["failures"][0]["code"], json!("B000000002"));

    // One whose crawl ended without a word ends as well.
    let body = json!({"product_ids": [1]});
    mine.post("/api/v1/crawl/manual", body)
        .await
        .expect(StatusCode::ACCEPTED);
    stage
        .execute("update crawl.crawl set status = 'cancelled', finished_at = now() where finished_at is null")
        .await;
    stage.upkeep().syncs(Utc::now()).await.expect("in order");
    let logs = mine.get(&format!("{LOGS}?type=manual&limit=1")).await.body;
    assert_eq!(logs["items"][0]["status"], json!("failed"));
    let all = mine.get(LOGS).await.body["items"].as_array().map(Vec::len);
    assert_eq!(all, Some(3));
    let year = Utc::now() + TimeDelta::days(365);
    stage.upkeep().syncs(year).await.expect("in order");
    assert_eq!(mine.get(LOGS).await.body["items"], json!([]));
}

#[tokio::test]
async fn the_clock_looks_after_catalogues_that_were_synced() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let mine = stage.client("bw_mine");
    stage.name(&[("A1", 11)]);
    stage.supply("one").await;
    stage.upkeep().syncs(Utc::now()).await.expect("in order");
    stage.list(&mut work, &["A1"]).await;
    stage.crawl(&mut work, &[("A1", "ok")]).await;
    let newest = async || mine.get(LOGS).await.body["items"][0].clone();
    stage.upkeep().syncs(Utc::now()).await.expect("in order");
    assert_eq!(
        newest().await["trigger"],
        json!("first_run"),
        "nothing is due"
    );
    let soon = Utc::now() + TimeDelta::hours(2);
    stage.upkeep().syncs(soon).await.expect("in order");
    let log = newest().await;
    assert_eq!(
        (&log["mode"], &log["trigger"]),
        (&json!("incremental"), &json!("periodic"))
    );
    stage.execute("update crawl.sync set phase = 'done', status = 'success', completed_at = now() where completed_at is null").await;
    let week = Utc::now() + TimeDelta::days(8);
    stage.upkeep().syncs(week).await.expect("in order");
    let log = newest().await;
    assert_eq!(
        (&log["mode"], &log["trigger"]),
        (&json!("full"), &json!("periodic"))
    );
}
