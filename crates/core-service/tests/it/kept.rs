//! Answers that are kept: never another tenant's, never older than what is known, in any process.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use core_service::answers::{feed, warm};
use core_service::retention::reckon;
use db::Replica;
use sea_orm::sqlx;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

/// A stage whose process hears what changes and keeps answers.
async fn keeping() -> (Stage, CancellationToken) {
    let stage = Stage::new().await;
    let stop = CancellationToken::new();
    hear(&stage, &stop).await;
    (stage, stop)
}

async fn hear(stage: &Stage, stop: &CancellationToken) {
    let answers = stage.state.answers().clone();
    let pool = stage.pools.system.clone();
    tokio::spawn(feed::run(answers.clone(), pool, stop.clone()));
    until(async || answers.cache().is_trusted()).await;
}

/// Waits for a state.
async fn until(reached: impl AsyncFn() -> bool) {
    for _ in 0..1_000 {
        if reached().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never reached");
}

/// Changes a price behind everybody's back: without triggers, so that nobody is told.
async fn secretly(stage: &Stage, id: i64, price: i64) {
    let sql = format!(
        "update catalog.listing_state set price = {price}, known_price = {price} where listing_id = {id}"
    );
    let mut connection = stage.owner.acquire().await.expect("a connection");
    for sql in [
        "set session_replication_role = replica".to_owned(),
        sql,
        "reset session_replication_role".to_owned(),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .expect("changed");
    }
}

async fn price(stage: &Stage, key: &str, id: i64) -> Value {
    let answer = stage.get(key, &format!("/products/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["price"]["amount"].clone()
}

#[tokio::test]
async fn an_answer_is_kept_until_what_it_shows_changes() {
    let (stage, _stop) = keeping().await;
    let id = stage.track(MINE, "B0KEPT0001").await;
    stage
        .crawled(vec![seen("B0KEPT0001", ago(60), 1).price(1999)])
        .await;
    let path = format!("/products/{id}");
    let first = stage.get(MINE, &path).await;
    assert_eq!(first.body["price"]["amount"], "19.99");
    secretly(&stage, id, 1998).await;
    let again = stage.get(MINE, &path).await;
    assert_eq!(again.body, first.body, "kept");
    assert_eq!(again.etag, first.etag);
    let tag = first.etag.expect("a tag");
    let unchanged = stage
        .call(
            MINE,
            axum::http::Method::GET,
            &path,
            None,
            &[("if-none-match", &tag)],
        )
        .await;
    assert_eq!(unchanged.status, 304);
    // Ingest in this process: at once, with the title and what did not change.
    stage
        .crawled(vec![
            seen("B0KEPT0001", ago(50), 2).price(2099).titled("Lamp"),
        ])
        .await;
    let changed = stage.get(MINE, &path).await;
    assert_eq!(changed.body["price"]["amount"], "20.99");
    assert_eq!(changed.body["title"], "Lamp");
    assert_ne!(changed.etag.as_deref(), Some(&*tag));
    // Another process: as soon as it is heard.
    let sql = format!(
        "with changed as (update catalog.listing set title = 'Chair' where id = {id} returning 1)
                       select count(*) from changed"
    );
    let _: i64 = stage.one(&sql).await;
    until(async || stage.get(MINE, &path).await.body["title"] == "Chair").await;
}

#[tokio::test]
async fn histories_and_statistics_are_kept_as_well() {
    let (stage, _stop) = keeping().await;
    let id = stage.track(MINE, "B0KEPT0002").await;
    stage
        .crawled(vec![seen("B0KEPT0002", ago(60), 1).price(1999)])
        .await;
    let history = format!("/products/{id}/history?metric=price");
    let statistics = format!("/products/{id}/statistics");
    let before = (
        stage.get(MINE, &history).await.body,
        stage.get(MINE, &statistics).await.body,
    );
    assert_eq!(
        before.0["metrics"]["price"]["v"].as_array().map(Vec::len),
        Some(1)
    );
    stage
        .crawled(vec![seen("B0KEPT0002", ago(30), 2).price(2999)])
        .await;
    let after = (
        stage.get(MINE, &history).await.body,
        stage.get(MINE, &statistics).await.body,
    );
    assert_eq!(
        after.0["metrics"]["price"]["v"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(after.1["looks"], 2, "{}", after.1);
    let wider = stage
        .get(MINE, &format!("/products/{id}/history?metric=price,rank"))
        .await
        .body;
    assert!(
        wider["metrics"]["rank"].is_object(),
        "another question has another answer"
    );
    let theirs = stage.get(THEIRS, &history).await;
    assert_eq!(theirs.status, 404);
}

#[tokio::test]
async fn late_looks_and_what_becomes_of_their_days_are_heard_by_every_process() {
    let (stage, stop) = keeping().await;
    let second = stage.second();
    let answers = second.state().answers().clone();
    let pool = stage.pools.system.clone();
    tokio::spawn(feed::run(answers.clone(), pool, stop.clone()));
    until(async || answers.cache().is_trusted()).await;
    let id = stage.track(MINE, "B0KEPT0006").await;
    let path = format!("/products/{id}/history?metric=price");
    let points = async || {
        // All that was committed before is heard.
        stage.state.answers().settle(&stage.pools.system).await;
        let history = second.get(MINE, &path).await.body;
        history["metrics"]["price"]["v"]
            .as_array()
            .map_or(0, Vec::len)
    };
    let look = |days: i64, price| {
        let at = ago(0) - TimeDelta::days(days);
        seen("B0KEPT0006", at, 0).price(price)
    };
    let looks = vec![look(60, 1000), look(9, 1500), look(1, 2000)];
    stage.imported(looks).await;
    assert_eq!(points().await, 3);
    // It comes late and changes nothing of what holds now, nor of what moved last.
    let state = "select xmin::text from catalog.listing_state";
    let before: String = stage.one(state).await;
    stage.imported(vec![look(30, 1200)]).await;
    assert_eq!(stage.one::<String>(state).await, before);
    assert_eq!(points().await, 4);

    // Where looks are gone the days tell, once they are reckoned.
    let system = &stage.pools.system;
    reckon(system, Utc::now()).await.expect("reckoned");
    let gone = "with gone as (update catalog.history_kept set raw_from = date_trunc('day', now()) - interval '10 days'
                returning 1) select count(*) from gone";
    assert_eq!(stage.one::<i64>(gone).await, 1);
    stage.imported(vec![look(50, 500)]).await;
    assert_eq!(points().await, 4, "not reckoned yet");
    reckon(system, Utc::now()).await.expect("reckoned");
    assert_eq!(points().await, 5);
}

#[tokio::test]
async fn what_changed_just_now_is_not_kept_from_a_replica() {
    let stage = Stage::new().await;
    let id = stage.track(MINE, "B0REPLICA4").await;
    let at = |days: i64| ago(0) - TimeDelta::days(days);
    let looks = || {
        let first = seen("B0REPLICA4", at(9), 0).price(1000);
        vec![first, seen("B0REPLICA4", at(1), 0).price(2000)]
    };
    stage.imported(looks()).await;
    // A copy that stays behind, with the same version of the product's newest look.
    let copy = Stage::new().await;
    assert_eq!(copy.track(MINE, "B0REPLICA4").await, id);
    copy.imported(looks()).await;
    let moved = format!("update catalog.watch set tenant_id = '{}'", stage.tenant);
    let moved = sqlx::query(sqlx::AssertSqlSafe(moved));
    moved.execute(&copy.owner).await.expect("moved");
    let replica = Replica::open(&copy.api_url(), 2, stage.pools.api.clone())
        .await
        .expect("an address");
    replica.look().await;
    let process = stage.beside(Some(replica));
    let answers = process.state().answers().clone();
    let pool = stage.pools.system.clone();
    tokio::spawn(feed::run(answers.clone(), pool, CancellationToken::new()));
    until(async || answers.cache().is_trusted()).await;
    stage
        .imported(vec![seen("B0REPLICA4", at(5), 0).price(1500)])
        .await;
    answers.settle(&stage.pools.system).await;
    let path = format!("/products/{id}/history?metric=price");
    let history = process.get(MINE, &path).await.body;
    assert_eq!(
        history["metrics"]["price"]["v"].as_array().map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn one_tenants_answer_is_never_anothers_and_ends_with_its_watch_in_every_process() {
    let (stage, _stop) = keeping().await;
    // The same database and the same Redis in a second process.
    let second = stage.second();
    let stop = CancellationToken::new();
    let answers = second.state().answers().clone();
    tokio::spawn(feed::run(
        answers.clone(),
        stage.pools.system.clone(),
        stop.clone(),
    ));
    until(async || answers.cache().is_trusted()).await;

    let id = stage.track(MINE, "B0KEPT0003").await;
    let path = format!("/products/{id}");
    stage
        .crawled(vec![seen("B0KEPT0003", ago(60), 1).price(1999)])
        .await;
    for process in [&stage.process(), &second] {
        assert_eq!(process.get(MINE, &path).await.status, 200);
        assert_eq!(process.get(THEIRS, &path).await.status, 404);
    }
    assert_eq!(stage.track(THEIRS, "B0KEPT0003").await, id);
    let (mine, theirs) = (
        stage.get(MINE, &path).await.body,
        stage.get(THEIRS, &path).await.body,
    );
    assert_ne!(mine["tracking_id"], theirs["tracking_id"]);
    for process in [&stage.process(), &second] {
        until(async || {
            process.get(THEIRS, &path).await.body["tracking_id"] == theirs["tracking_id"]
        })
        .await;
        assert_eq!(
            process.get(MINE, &path).await.body["tracking_id"],
            mine["tracking_id"]
        );
    }
    // Untracked in one process, it is gone in both before that is answered.
    let tracking = mine["tracking_id"].as_str().expect("an id").to_owned();
    let ended = stage
        .call(
            MINE,
            axum::http::Method::DELETE,
            &format!("/trackings/{tracking}"),
            None,
            &[],
        )
        .await;
    assert_eq!(ended.status, 204);
    for process in [&stage.process(), &second] {
        for path in [
            path.clone(),
            format!("{path}/history"),
            format!("{path}/statistics"),
        ] {
            assert_eq!(process.get(MINE, &path).await.status, 404, "{path}");
        }
        assert_eq!(process.get(THEIRS, &path).await.status, 200);
    }
}

#[tokio::test]
async fn who_was_cut_off_keeps_nothing_and_forgets_what_it_kept() {
    let (stage, _stop) = keeping().await;
    let id = stage.track(MINE, "B0KEPT0004").await;
    stage
        .crawled(vec![seen("B0KEPT0004", ago(60), 1).price(1999)])
        .await;
    assert_eq!(price(&stage, MINE, id).await, "19.99");
    secretly(&stage, id, 500).await;
    assert_eq!(price(&stage, MINE, id).await, "19.99", "kept");
    let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity
               where application_name = 'bellwether answers' and datname = current_database()";
    let cut: i64 = stage.one(cut).await;
    assert_eq!(cut, 1);
    until(async || price(&stage, MINE, id).await == "5.00").await;
    until(async || stage.state.answers().cache().is_trusted()).await;
}

#[tokio::test]
async fn what_is_read_most_is_at_hand_after_a_start() {
    let (stage, _stop) = keeping().await;
    let id = stage.track(MINE, "B0KEPT0005").await;
    stage
        .crawled(vec![seen("B0KEPT0005", ago(60), 1).price(1999)])
        .await;
    for _ in 0..3 {
        price(&stage, MINE, id).await;
    }
    let answers = stage.state.answers();
    answers.cache().note_reads(answers.products()).await;
    let second = stage.second();
    second.state().answers().cache().trust(true);
    assert_eq!(warm::warm(second.state()).await, 1);
    secretly(&stage, id, 500).await;
    let warmed = second.get(MINE, &format!("/products/{id}")).await;
    assert_eq!(warmed.body["price"]["amount"], "19.99");
}

#[tokio::test]
async fn lists_are_read_from_the_replica_unless_it_is_not_ready_or_the_tenant_has_just_written() {
    let stage = Stage::new().await;
    let here = stage.track(MINE, "B0REPLICA1").await;
    stage
        .crawled(vec![
            seen("B0REPLICA1", ago(60), 1).price(1999).titled("Here"),
        ])
        .await;
    // Another database, in which the tenant watches something else: so it is seen where was read.
    let copy = Stage::new().await;
    let there = copy.track(MINE, "B0REPLICA2").await;
    copy.crawled(vec![
        seen("B0REPLICA2", ago(60), 1).price(1999).titled("There"),
    ])
    .await;
    let moved = format!("update catalog.watch set tenant_id = '{}'", stage.tenant);
    let moved = sqlx::query(sqlx::AssertSqlSafe(moved))
        .execute(&copy.owner)
        .await;
    assert_eq!(moved.expect("moved").rows_affected(), 1);
    let first = || stage.pools.api.clone();
    let replica = Replica::open(&copy.api_url(), 2, first())
        .await
        .expect("an address");
    let process = stage.beside(Some(replica.clone()));
    let title = async || {
        let list = process.get(MINE, "/products?limit=1").await.body;
        list["items"][0]["title"]
            .as_str()
            .expect("a title")
            .to_owned()
    };
    assert_eq!(title().await, "Here", "nobody looked whether it is ready");
    replica.look().await;
    assert_eq!(title().await, "There");
    let counted = process.get(MINE, "/products/facets?q=there").await.body;
    assert_eq!(counted["total"], 1, "{counted}");
    // One product is read from the first, and its history where its newest look is.
    assert_eq!(here, there, "the first listing of each database");
    let one = process.get(MINE, &format!("/products/{here}")).await.body;
    assert_eq!(one["title"], "Here");
    // What the tenant changes it sees.
    let stop = CancellationToken::new();
    let answers = process.state().answers().clone();
    tokio::spawn(feed::run(answers.clone(), stage.pools.system.clone(), stop));
    until(async || answers.cache().is_trusted()).await;
    assert_eq!(title().await, "There");
    stage.track(MINE, "B0REPLICA3").await;
    until(async || {
        process.get(MINE, "/products").await.body["items"]
            .as_array()
            .map(Vec::len)
            == Some(2)
    })
    .await;

    // One that is not there is not waited for.
    let away = Replica::open("postgres://nobody@127.0.0.1:1/nothing", 2, first())
        .await
        .expect("an address");
    away.look().await;
    let process = stage.beside(Some(away));
    let list = process.get(MINE, "/products").await;
    assert_eq!(list.status, 200, "{}", list.body);
}
