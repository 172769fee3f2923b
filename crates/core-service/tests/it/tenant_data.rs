//! All that is a tenant's: carried away, and erased.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use contracts::catalog::v1::outcome::Status::{Changed, Refused, Unchanged};
use contracts::catalog::v1::tenant_data_client::TenantDataClient;
use contracts::catalog::v1::{
    EraseTenantRequest, ExportTenantRequest, ExportTenantResponse, Observation,
};
use core_service::answers::feed;
use core_service::tenant_data::{erase, erase_part};
use futures::TryStreamExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tonic::Code;
use uuid::Uuid;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const CODE: &str = "GA0TEST01";

fn own(owner: Uuid, minutes: i64, round: i64) -> Observation {
    Observation {
        source: "haier".into(),
        marketplace: "CN".into(),
        external_id: CODE.into(),
        owner_tenant_id: Some(owner.to_string()),
        ..seen(CODE, ago(minutes), round)
    }
}

/// Tracks a private listing; its id.
async fn track_own(stage: &Stage, key: &str) -> i64 {
    let body = json!({ "source": "haier", "marketplace": "CN", "external_id": CODE });
    let tracked = stage.post(key, "/trackings", &body).await;
    assert_eq!(tracked.status, StatusCode::CREATED, "{}", tracked.body);
    tracked.body["product_id"].as_i64().expect("an id")
}

/// The files of an export, each whole.
async fn exported(stage: &Stage, tenant: Uuid) -> BTreeMap<String, String> {
    let (channel, stop) = stage.channel(&"u".repeat(16));
    let request = ExportTenantRequest {
        tenant_id: tenant.to_string(),
    };
    let told = rpc::sized!(TenantDataClient::new(channel))
        .export(request)
        .await;
    let told = told.expect("begun").into_inner();
    let parts: Vec<ExportTenantResponse> = told.try_collect().await.expect("whole");
    stop.cancel();
    let last = parts.last().expect("parts");
    assert_eq!(last.done, last.total);
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for part in parts {
        let text = String::from_utf8(part.content).expect("text");
        files.entry(part.file).or_default().push_str(&text);
    }
    files
}

fn lines(files: &BTreeMap<String, String>, file: &str) -> Vec<Value> {
    let text = files.get(file).unwrap_or_else(|| panic!("no {file}"));
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[tokio::test]
async fn an_export_tells_what_the_api_tells_and_nothing_of_others() {
    let stage = Stage::new().await;
    let shared = stage.track(MINE, "B00000000A").await;
    stage.track(THEIRS, "B00000000A").await;
    let foreign = stage.track(THEIRS, "B00000000B").await;
    let private = track_own(&stage, MINE).await;
    let private_of_others = track_own(&stage, THEIRS).await;
    stage
        .crawled(vec![
            seen("B00000000A", ago(50), 1)
                .price(1999)
                .rank(7)
                .titled("=Lamp, \"blue\""),
            seen("B00000000A", ago(40), 2).price(1999).rank(7),
            seen("B00000000A", ago(30), 3).gone(),
            seen("B00000000A", ago(20), 4).price(2499).rank(3),
            seen("B00000000B", ago(20), 1)
                .price(777_123)
                .titled("Not yours"),
            own(stage.tenant, 30, 1).price(120_000),
            own(stage.other_tenant, 30, 1).price(660_000),
        ])
        .await;
    let files = exported(&stage, stage.tenant).await;
    let whole: String = files.values().cloned().collect();
    for not_ours in [
        stage.other_tenant.to_string(),
        "Not yours".to_owned(),
        "B00000000B".to_owned(),
        "7771.23".to_owned(),
        "6600.00".to_owned(),
    ] {
        assert!(!whole.contains(&not_ours), "{not_ours}");
    }

    let products = lines(&files, "products.jsonl");
    let ids: Vec<i64> = products.iter().filter_map(|p| p["id"].as_i64()).collect();
    assert_eq!(ids, [shared, private]);
    assert!(!ids.contains(&foreign) && !ids.contains(&private_of_others));
    for product in &products {
        let shown = stage
            .get(MINE, &format!("/products/{}", product["id"]))
            .await;
        assert_eq!(&shown.body, product);
    }
    assert_eq!(lines(&files, "catalog/tracking.jsonl").len(), 2);
    assert!(files.contains_key("catalog/events.jsonl"));

    // Each table is what the API hands out, and its points are those of the lines.
    let table = &files["history/amazon-US.csv"];
    let csv = stage
        .respond(
            MINE,
            axum::http::Method::GET,
            &format!("/products/{shared}/history.csv"),
            None,
            &[],
        )
        .await;
    let csv = axum::body::to_bytes(csv.into_body(), 1 << 20).await;
    assert_eq!(table.as_bytes(), csv.expect("a body"));
    let mut points: Vec<(String, Option<String>)> = Vec::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let price = Some(cells[3].to_owned()).filter(|price| !price.is_empty());
        if points.last().is_none_or(|(_, last)| *last != price) {
            points.push((cells[1].to_owned(), price));
        }
    }
    let history = stage
        .get(MINE, &format!("/products/{shared}/history?metric=price"))
        .await;
    let line = &history.body["metrics"]["price"];
    let shown: Vec<(String, Option<String>)> = line["t"]
        .as_array()
        .expect("instants")
        .iter()
        .zip(line["v"].as_array().expect("values"))
        .map(|(at, value)| {
            let at = at.as_str().expect("text").to_owned();
            (at, value.as_str().map(ToOwned::to_owned))
        })
        .collect();
    assert_eq!(points, shown);
    assert_eq!(points.len(), 3, "a price, a gap, a price");
    assert!(files["history/haier-CN-own.csv"].contains("1200.00"));

    for other in ["c", "r", "w", "o"] {
        let (channel, stop) = stage.channel(&other.repeat(16));
        let request = ExportTenantRequest {
            tenant_id: stage.tenant.to_string(),
        };
        let refused = TenantDataClient::new(channel).export(request).await;
        let refused = refused.map(|_| ()).expect_err(other);
        assert_eq!(refused.code(), Code::PermissionDenied, "{other}");
        stop.cancel();
    }
}

#[tokio::test]
async fn no_table_of_tenants_is_forgotten() {
    let stage = Stage::new().await;
    let files = exported(&stage, stage.tenant).await;
    let tables: Vec<String> = sea_orm::sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
         where n.nspname = 'catalog' and c.relkind in ('r', 'p') and not c.relispartition",
    )
    .fetch_all(&stage.owner)
    .await
    .expect("read");
    assert!(tables.len() > 5);
    for table in tables {
        let told = files.contains_key(&format!("catalog/{table}.jsonl"));
        let left_out = ["outbox", "idempotency_key"].contains(&table.as_str());
        assert!(told != left_out, "{table}");
    }
}

#[tokio::test]
async fn an_erased_tenant_leaves_no_trace_and_others_keep_what_they_see() {
    let stage = Stage::new().await;
    let shared = stage.track(MINE, "B00000000A").await;
    stage.track(THEIRS, "B00000000A").await;
    let private = track_own(&stage, MINE).await;
    let theirs = track_own(&stage, THEIRS).await;
    let second = stage.second();
    let looks = |round: i64| {
        vec![
            seen("B00000000A", ago(60 - round), round).price(1000 + round * 300),
            own(stage.tenant, 60 - round, round)
                .price(5000 + round * 900)
                .titled("Mine alone"),
            own(stage.other_tenant, 60 - round, round).price(7000),
            Observation {
                external_id: "GA0PART".into(),
                ..own(stage.tenant, 60 - round, round)
                    .price(100)
                    .variant_of(CODE)
            },
        ]
    };
    for round in 1..=3 {
        stage.crawled(looks(round)).await;
    }
    // A watch that should not be there keeps nothing.
    sea_orm::sqlx::query("insert into catalog.watch (tenant_id, listing_id) values ($1, $2)")
        .bind(stage.other_tenant)
        .bind(private)
        .execute(&stage.owner)
        .await
        .expect("inserted");
    let shown = stage.get(THEIRS, &format!("/products/{shared}")).await.body;
    let kept = second.get(MINE, &format!("/products/{private}")).await;
    assert_eq!(kept.status, StatusCode::OK);

    // A part, as of a process that is killed then; another one does the rest.
    let pool = &stage.pools.system;
    assert!(erase_part(pool, stage.tenant).await.expect("erased") > 0);
    let (channel, stop) = stage.channel(&"u".repeat(16));
    let mut client = TenantDataClient::new(channel);
    let request = || EraseTenantRequest {
        tenant_id: stage.tenant.to_string(),
    };
    let erased = client.erase(request()).await.expect("erased").into_inner();
    assert!(erased.done && erased.erased > 0);
    let again = client.erase(request()).await.expect("erased").into_inner();
    assert_eq!((again.erased, again.done), (0, true));
    stop.cancel();

    let traces = devstack::testing::traces(stage.database_url(), &stage.tenant.to_string()).await;
    assert_eq!(traces.expect("looked"), Vec::<String>::new());
    let own_words = devstack::testing::traces(stage.database_url(), "Mine alone").await;
    assert_eq!(own_words.expect("looked"), Vec::<String>::new());
    for table in [
        "history",
        "history_day",
        "history_bar",
        "history_mark",
        "listing_state",
    ] {
        let left: i64 = stage
            .one(&format!(
                "select count(*) from catalog.{table} where listing_id = {private}"
            ))
            .await;
        assert_eq!(left, 0, "{table}");
    }
    let now_shown = stage.get(THEIRS, &format!("/products/{shared}")).await.body;
    assert_eq!(now_shown, shown);
    let of_others = stage.get(THEIRS, &format!("/products/{theirs}")).await;
    assert_eq!(of_others.status, StatusCode::OK);
    let gone = second.get(MINE, &format!("/products/{private}")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let gone = stage.get(MINE, &format!("/products/{shared}")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);

    // What a worker had under way finds no listing, whatever names were remembered, and writes nothing.
    let outcomes = stage.crawled(looks(4)).await;
    let outcomes: Vec<_> = outcomes.iter().map(|(outcome, _)| *outcome).collect();
    assert_eq!(outcomes, [Changed, Refused, Unchanged, Refused]);
    let orphans: i64 = stage
        .one(
            "select count(*) from catalog.history h
             where not exists (select from catalog.listing l where l.id = h.listing_id)",
        )
        .await;
    assert_eq!(orphans, 0);
}

#[tokio::test]
async fn every_process_forgets_the_names_of_listings_that_went() {
    let stage = Stage::new().await;
    let (answers, stop) = (stage.state.answers().clone(), CancellationToken::new());
    let pool = stage.pools.system.clone();
    let hears = tokio::spawn(feed::run(answers.clone(), pool, stop.clone()));
    while !answers.cache().is_trusted() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let private = track_own(&stage, MINE).await;
    let first = stage
        .crawled(vec![own(stage.tenant, 30, 1).price(100)])
        .await;
    assert_eq!(first[0].0, Changed);
    let done = erase(&stage.pools.system, stage.tenant).await;
    assert!(done.expect("erased").done);
    // Another listing of the same name: only who has forgotten the old one finds it.
    let again = track_own(&stage, MINE).await;
    assert_ne!(again, private);
    answers.settle(&stage.pools.system).await;
    let stored = stage
        .crawled(vec![own(stage.tenant, 20, 1).price(200)])
        .await;
    assert_eq!(stored[0].0, Changed, "{}", stored[0].1);
    stop.cancel();
    hears.await.expect("ended").expect("heard");
}
