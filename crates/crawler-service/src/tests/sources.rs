//! In what state sources are, and what that stops.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::amazon;
use contracts::crawl::v1::ReportSourceRequest;
use contracts::crawl::v1::work_client::WorkClient;
use contracts::messages::v1::{Event, SourceChanged, event::Payload};
use http::StatusCode;
use prost::Message;
use sea_orm::sqlx;
use serde_json::{Value, json};
use tonic::Code;

use super::{Stage, Tracking};

fn state(source: &str, scope: &str, breaker: &str, at: DateTime<Utc>) -> ReportSourceRequest {
    ReportSourceRequest {
        source: source.to_owned(),
        scope: scope.to_owned(),
        breaker: breaker.to_owned(),
        probe_at_unix: (breaker == "open").then(|| (at + TimeDelta::seconds(60)).timestamp()),
        paused_until_unix: None,
        gap_percent: 100,
        concurrency: 3,
        last_error: if breaker == "open" {
            "refused (HTTP 403)"
        } else {
            ""
        }
        .to_owned(),
        last_error_unix: (breaker == "open").then(|| at.timestamp()),
        last_ok_unix: Some(at.timestamp()),
        at_ms: at.timestamp_millis(),
        requests: 5,
        troubles: 1,
    }
}

async fn tell(work: &mut WorkClient<rpc::Channel>, report: ReportSourceRequest) {
    work.report_source(report).await.expect("taken");
}

/// The source as a tenant sees it.
async fn source(stage: &Stage, key: &'static str, name: &str) -> Value {
    let path = format!("/api/v1/sources/{name}");
    stage.client(key).get(&path).await.expect(StatusCode::OK)
}

impl Stage {
    /// What was told of sources, the oldest first.
    async fn changes(&self) -> Vec<SourceChanged> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
            "select message from crawl.outbox where kind = 'source.changed' order by created_at, id",
        )
        .fetch_all(self.state.pools.system.sqlx())
        .await
        .expect("rows");
        let read = |(message,): (Vec<u8>,)| {
            let event = Event::decode(message.as_slice()).expect("an event");
            match event.payload {
                Some(Payload::SourceChanged(changed)) => changed,
                other => panic!("{other:?}"),
            }
        };
        rows.into_iter().map(read).collect()
    }
}

#[tokio::test]
async fn every_source_is_told_with_what_it_can() {
    let stage = Stage::new().await;
    let list = stage.client("bw_mine").get("/api/v1/sources").await;
    let list = list.expect(StatusCode::OK);
    let names: Vec<&str> = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["name"].as_str().expect("a name"))
        .collect();
    let registered: Vec<String> = connectors::sources()
        .map(|source| source.to_string())
        .collect();
    assert_eq!(names, registered);
    let haier = source(&stage, "bw_mine", "haier").await;
    assert_eq!(
        (&haier["ownership"], &haier["credential"]),
        (&json!("tenant"), &json!(null))
    );
    let secret = haier["credential_fields"].as_array().expect("a list");
    assert!(
        secret
            .iter()
            .any(|field| field["name"] == "client_secret" && field["secret"] == true)
    );
    let amazon = source(&stage, "bw_mine", "amazon").await;
    assert_eq!(amazon["presets"][0]["name"], json!("Bluetooth headphones"));
    assert_eq!(
        (&amazon["state"], &amazon["since"]),
        (&json!("ok"), &json!(null))
    );
    assert_eq!(
        amazon["budget"]["spend_this_month"],
        json!({"amount": "0.00", "currency": "USD"})
    );
    let popmart = source(&stage, "bw_mine", "popmart").await;
    assert_eq!(popmart["budget"]["requests_per_hour"], json!(1309));
    let nowhere = stage.client("bw_mine").get("/api/v1/sources/nowhere").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_open_breaker_stops_the_claiming_until_one_task_probes() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let (earlier, now) = (Utc::now() - TimeDelta::seconds(9), Utc::now());
    tell(&mut work, state("amazon", "", "open", now)).await;
    // Older news, and the same once more, count their requests at most.
    tell(&mut work, state("amazon", "", "closed", earlier)).await;
    let shown = source(&stage, "bw_mine", "amazon").await;
    assert_eq!(
        (&shown["state"], &shown["requests"]),
        (&json!("open"), &json!(10))
    );
    assert_eq!(shown["last_error"]["message"], json!("refused (HTTP 403)"));
    assert!(shown["until"].is_string() && shown["since"].is_string());

    stage.track(1, 250).await;
    let dispatcher = stage.dispatcher(stage.state.bus.topology().clone());
    let pass = dispatcher.pass().await.expect("looked");
    assert_eq!((pass.published, pass.more), (0, false));
    stage
        .execute("update crawl.source_state set probe_at = now() - interval '1 second'")
        .await;
    let pass = dispatcher.pass().await.expect("dispatched");
    assert_eq!(pass.published, 1, "one task finds out");
    let items = stage.state.settings.task_items(amazon::SOURCE);
    assert_eq!(pass.claimed.total(), items);
    assert_eq!(dispatcher.pass().await.expect("looked").published, 0);
    let later = Utc::now();
    tell(&mut work, state("amazon", "", "half_open", later)).await;
    assert_eq!(dispatcher.pass().await.expect("looked").published, 0);
    tell(
        &mut work,
        state("amazon", "", "closed", later + TimeDelta::milliseconds(1)),
    )
    .await;
    assert!(dispatcher.pass().await.expect("dispatched").published > 0);

    let told: Vec<(bool, String)> = stage
        .changes()
        .await
        .into_iter()
        .map(|change| (change.open, change.reason))
        .collect();
    let opened = (true, "refused (HTTP 403)".to_owned());
    assert_eq!(
        told,
        [opened, (false, String::new())],
        "half open is still open"
    );
}

#[tokio::test]
async fn a_slower_or_paused_source_says_so() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let now = Utc::now();
    let slowed = ReportSourceRequest {
        gap_percent: 200,
        ..state("popmart", "", "closed", now - TimeDelta::milliseconds(5))
    };
    tell(&mut work, slowed.clone()).await;
    let shown = source(&stage, "bw_mine", "popmart").await;
    assert_eq!(
        (&shown["state"], &shown["gap_percent"]),
        (&json!("slowed"), &json!(200))
    );
    assert_eq!(shown["budget"]["requests_per_hour"], json!(654));
    let paused = ReportSourceRequest {
        paused_until_unix: Some((now + TimeDelta::seconds(60)).timestamp()),
        at_ms: now.timestamp_millis(),
        ..slowed
    };
    tell(&mut work, paused).await;
    assert_eq!(
        source(&stage, "bw_mine", "popmart").await["state"],
        json!("paused")
    );
    assert!(
        stage.changes().await.is_empty(),
        "only breakers are told of"
    );
    // A clock that is ahead silences nobody.
    let ahead = state("popmart", "", "closed", now + TimeDelta::days(1));
    tell(&mut work, ahead).await;
    let (at_ms,): (i64,) = stage.one("select at_ms from crawl.source_state").await;
    assert!(at_ms <= Utc::now().timestamp_millis());
}

#[tokio::test]
async fn parts_of_a_source_are_seen_by_whom_they_concern() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let page = Tracking {
        source: "web",
        ..Tracking::of(stage.tenant, 1)
    };
    stage.tell(&page).await;
    stage
        .execute("update crawl.target set external_id = 'shop.example/lamp' where id = 1")
        .await;
    let now = Utc::now();
    tell(&mut work, state("web", "shop.example", "open", now)).await;
    tell(&mut work, state("web", "secret.example", "open", now)).await;
    let mine = source(&stage, "bw_mine", "web").await;
    let scopes = mine["scopes"].as_array().expect("a list");
    assert_eq!(scopes.len(), 1);
    assert_eq!(
        (&scopes[0]["scope"], &scopes[0]["state"]),
        (&json!("shop.example"), &json!("open"))
    );
    let theirs = source(&stage, "bw_theirs", "web").await;
    assert_eq!(
        (&theirs["scopes"], &theirs["state"]),
        (&json!([]), &json!("ok"))
    );

    // An account is its tenant's own.
    stage
        .client("bw_mine_admin")
        .put(
            "/api/v1/sources/haier/credential",
            super::credentials::fields("x"),
        )
        .await
        .expect(StatusCode::OK);
    // Workers name it by the value or by the beginning of its digest.
    let digest = secrets::sha256_hex("acme-1");
    tell(&mut work, state("haier", "acme-1", "closed", now)).await;
    tell(&mut work, state("haier", &digest[..16], "open", now)).await;
    assert_eq!(
        source(&stage, "bw_mine", "haier").await["state"],
        json!("open")
    );
    assert_eq!(
        source(&stage, "bw_theirs", "haier").await["state"],
        json!("ok")
    );
    let owner = stage.changes().await.pop().expect("told").owner_tenant_id;
    assert_eq!(owner, Some(stage.tenant.to_string()));

    // Tenants that share an account are told each; of an account that nobody supplied nobody is.
    stage
        .client("bw_theirs_admin")
        .put(
            "/api/v1/sources/haier/credential",
            super::credentials::fields("y"),
        )
        .await
        .expect(StatusCode::OK);
    let before = stage.changes().await.len();
    let later = Utc::now();
    tell(&mut work, state("haier", &digest[..16], "closed", later)).await;
    tell(&mut work, state("haier", "nobodys", "open", later)).await;
    let mut owners: Vec<Option<String>> = stage
        .changes()
        .await
        .split_off(before)
        .into_iter()
        .map(|change| change.owner_tenant_id)
        .collect();
    owners.sort();
    let mut both = [stage.tenant, stage.other_tenant].map(|id| Some(id.to_string()));
    both.sort();
    assert_eq!(owners, both);
}

#[tokio::test]
async fn what_is_no_state_is_refused_and_parts_are_bounded() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let now = Utc::now();
    for wrong in [
        state("nowhere", "", "open", now),
        state("amazon", "", "ajar", now),
        state("web", "two\nlines", "open", now),
        state("web", &"x".repeat(300), "open", now),
    ] {
        let refused = work.report_source(wrong).await.expect_err("refused");
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
    stage
        .execute(
            "insert into crawl.source_state
             select 'web', 'h' || i, 'closed', null, null, 100, 1, '', null, null, 0, 0, i, 'ok', now(), 1
             from generate_series(1, 600) as i",
        )
        .await;
    tell(&mut work, state("web", "new.example", "closed", now)).await;
    let (count, oldest): (i64, i64) = stage
        .one("select count(*), min(at_ms) from crawl.source_state")
        .await;
    assert_eq!((count, oldest), (500, 102));
}
