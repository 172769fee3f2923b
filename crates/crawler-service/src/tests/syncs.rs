//! Syncs of catalogues: begun, listed, crawled, ended, told of, forgotten.

use chrono::{TimeDelta, Utc};
use connectors::haier;
use contracts::catalog::v1::Observation;
use contracts::catalog::v1::list_watched_response::Listing;
use contracts::crawl::v1::work_client::WorkClient;
use contracts::crawl::v1::{
    FinishDiscoveryRequest, OpenTaskRequest, OpenTaskResponse, ReportHitsRequest,
};
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Stage;
use super::api::Client;
use super::credentials::fields;
use super::peers::seen;
use super::work::{outcome, report};
use crate::syncs::Syncs;
use crate::upkeep::Upkeep;

type Work = WorkClient<rpc::Channel>;

pub(super) const LOGS: &str = "/api/v1/sync-logs";
pub(super) const HAIER: &str = "/api/v1/sync/haier";

impl Stage {
    fn syncs(&self) -> Syncs {
        Syncs {
            pool: self.state.pools.system.clone(),
            catalog: self.state.catalog.clone(),
            wake: self.state.wake.clone(),
            low_stock: self.state.settings.low_stock,
        }
    }

    pub(super) fn upkeep(&self) -> Upkeep {
        Upkeep {
            pool: self.state.pools.system.clone(),
            ring: self.state.ring.clone(),
            catalog: self.state.catalog.clone(),
            sync_log: self.state.settings.sync_log,
            sync_clock: self.state.settings.sync_clock,
        }
    }

    /// Takes the one sync that waits a step further.
    async fn step(&self) {
        assert!(self.syncs().pass(Utc::now()).await.expect("a step"));
    }

    /// What core calls listings.
    pub(super) fn name(&self, ids: &[(&str, i64)]) {
        let ids = ids.iter().map(|(code, id)| ((*code).to_owned(), *id));
        self.peers.script().ids = ids.collect();
    }

    /// A credential that works; the full sync that it starts.
    pub(super) async fn supply(&self, secret: &str) -> Value {
        let admin = self.client("bw_mine_admin");
        let put = admin.put("/api/v1/sources/haier/credential", fields(secret));
        put.await.expect(StatusCode::OK);
        let logs = admin.get(LOGS).await.expect(StatusCode::OK);
        logs["items"][0].clone()
    }

    /// A worker lists `codes` for the sync that runs, and the sync goes on.
    pub(super) async fn list(&self, work: &mut Work, codes: &[&str]) -> OpenTaskResponse {
        self.step().await;
        let task = self.dispatch_one_of(haier::SOURCE).await;
        let opened = open(work, task).await;
        let fence = opened.discovery.as_ref().expect("a search").fence;
        let hit = |code: &&str| Observation {
            marketplace: "CN".to_owned(),
            ..seen("haier", code)
        };
        let request = ReportHitsRequest {
            task_id: task.to_string(),
            fence,
            hits: codes.iter().map(hit).collect(),
        };
        assert!(
            work.report_hits(request)
                .await
                .expect("answered")
                .into_inner()
                .live
        );
        let found = u32::try_from(codes.len()).expect("a few");
        finish(work, task, fence, "ok", found).await;
        opened
    }

    /// A worker tells the outcomes of all that the sync wants, by their codes.
    pub(super) async fn crawl(&self, work: &mut Work, told: &[(&str, &str)]) {
        self.step().await;
        let task = self.dispatch_one_of(haier::SOURCE).await;
        let opened = open(work, task).await;
        let mut codes: Vec<&str> = opened
            .items
            .iter()
            .map(|item| item.external_id.as_str())
            .collect();
        codes.sort_unstable();
        let wanted: Vec<&str> = told.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, wanted);
        let outcomes = opened.items.iter().map(|item| {
            let (_, word) = told
                .iter()
                .find(|(code, _)| *code == item.external_id)
                .expect("told");
            outcome(item, word)
        });
        let outcomes = outcomes.collect();
        report(work, task, outcomes).await;
    }

    pub(super) async fn log(&self, id: &Value) -> Value {
        let id = id.as_str().expect("an id");
        let log = self.client("bw_mine").get(&format!("{LOGS}/{id}")).await;
        log.expect(StatusCode::OK)
    }
}

pub(super) async fn open(work: &mut Work, task: Uuid) -> OpenTaskResponse {
    let request = OpenTaskRequest {
        task_id: task.to_string(),
    };
    let opened = work.open_task(request).await;
    opened.expect("answered").into_inner()
}

async fn finish(work: &mut Work, task: Uuid, fence: i64, outcome: &str, found: u32) {
    let request = FinishDiscoveryRequest {
        task_id: task.to_string(),
        fence,
        outcome: outcome.to_owned(),
        reason: if outcome == "ok" { "" } else { "it was so" }.to_owned(),
        retry_after_seconds: None,
        retryable: false,
        total: None,
        found,
    };
    let finished = work.finish_discovery(request).await;
    assert!(finished.expect("answered").into_inner().live);
}

pub(super) fn counts(log: &Value) -> [i64; 3] {
    ["total", "success", "failed"].map(|key| log[key].as_i64().expect("a number"))
}

async fn start(client: &Client, body: Value) -> Value {
    client.post(HAIER, body).await.expect(StatusCode::ACCEPTED)
}

#[tokio::test]
async fn a_working_credential_shows_its_whole_catalogue_and_what_fails_says_why() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    stage.name(&[("A1", 11), ("A2", 12), ("B3", 0)]);
    let begun = stage.supply("one").await;
    assert_eq!(
        (
            &begun["type"],
            &begun["mode"],
            &begun["trigger"],
            &begun["status"]
        ),
        (
            &json!("products"),
            &json!("full"),
            &json!("first_run"),
            &json!("pending")
        )
    );
    let opened = stage.list(&mut work, &["A1", "A2", "B3"]).await;
    let search = opened.discovery.expect("a search");
    assert_eq!(
        (
            search.kind.as_str(),
            search.marketplace.as_str(),
            search.limit
        ),
        ("catalogue", "CN", 10_000)
    );
    assert_eq!(opened.owner_tenant_id, Some(stage.tenant.to_string()));
    let monitors = stage.client("bw_mine").get("/api/v1/monitors").await;
    assert_eq!(
        monitors.body["items"],
        json!([]),
        "no monitor of a person's"
    );
    let listed = stage.log(&begun["id"]).await;
    assert_eq!(listed["status"], json!("processing"));
    assert_eq!(counts(&listed)[0], 3);

    stage
        .crawl(&mut work, &[("A1", "ok"), ("A2", "not_found")])
        .await;
    let log = stage.log(&begun["id"]).await;
    assert_eq!(
        (&log["status"], counts(&log)),
        (&json!("partial"), [3, 1, 2])
    );
    assert_eq!(log["message"], json!("1 of 3 done, 2 failed"));
    assert!(log["completed_at"].is_string() && log["crawl_id"].is_string());
    assert_eq!(
        log["failures"],
        json!([{"code": "A2", "outcome": "not_found", "reason": "it was not_found"},
               {"code": "B3", "outcome": "failed", "reason": "it was refused"}])
    );
    // Nobody tracks them: they were fetched once.
    for id in [11, 12] {
        let target = stage.target(id).await;
        assert_eq!((target.interval_seconds, target.next_due_at), (None, None));
    }
    let (left,): (i64,) = stage.one("select count(*) from crawl.sync_item").await;
    assert_eq!(left, 2, "what went well is not kept");

    let again = stage.supply("two").await;
    assert_eq!(again["trigger"], json!("credentials_changed"));
    // It is the same search again, which knows what it had.
    stage.list(&mut work, &["A1"]).await;
    stage.crawl(&mut work, &[("A1", "ok")]).await;
    let log = stage.log(&again["id"]).await;
    assert_eq!(
        (&log["status"], counts(&log)),
        (&json!("success"), [1, 1, 0])
    );
    let (searches,): (i64,) = stage.one("select count(*) from crawl.monitor").await;
    assert_eq!(searches, 1);
}

#[tokio::test]
async fn one_sync_of_a_source_runs_at_a_time_and_others_see_nothing_of_it() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let mine = stage.client("bw_mine");
    let first = stage.supply("one").await;
    let id = first["id"].as_str().expect("an id").to_owned();
    let second = mine
        .post(HAIER, json!({"mode": "incremental", "codes": ["A1"]}))
        .await;
    let refused = second.expect(StatusCode::CONFLICT);
    let detail = refused["detail"].as_str().expect("a text");
    assert!(detail.contains(&id) && detail.contains("full"), "{detail}");

    let theirs = stage.client("bw_theirs");
    let path = format!("{LOGS}/{id}");
    let unknown = format!("{LOGS}/{}", Uuid::now_v7());
    let foreign = theirs.get(&path).await.expect(StatusCode::NOT_FOUND);
    let missing = theirs.get(&unknown).await.expect(StatusCode::NOT_FOUND);
    assert_eq!(foreign["detail"], missing["detail"]);
    assert_eq!(theirs.get(LOGS).await.body["items"], json!([]));
    let without = theirs.post(HAIER, json!({"mode": "full"})).await;
    assert_eq!(without.fields(), ["credential"]);

    // Over, it makes room for the next.
    stage.step().await;
    let task = stage.dispatch_one_of(haier::SOURCE).await;
    let fence = open(&mut work, task)
        .await
        .discovery
        .expect("a search")
        .fence;
    finish(&mut work, task, fence, "blocked", 0).await;
    stage.step().await;
    let log = stage.log(&json!(id)).await;
    assert_eq!(
        (&log["status"], counts(&log)),
        (&json!("failed"), [1, 0, 1])
    );
    assert_eq!(
        log["failures"],
        json!([{"code": "catalogue", "outcome": "blocked", "reason": "it was so"}])
    );
    start(&mine, json!({"codes": ["A1"]})).await;
}

#[tokio::test]
async fn a_sync_in_part_reads_what_is_named_or_likely_to_have_moved() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let mine = stage.client("bw_mine");
    stage.name(&[("A1", 11), ("A2", 12)]);
    stage.supply("one").await;
    stage.list(&mut work, &["A1", "A2"]).await;
    stage.crawl(&mut work, &[("A1", "ok"), ("A2", "ok")]).await;

    let named = start(&mine, json!({"codes": ["a2", "A2"], "stock": true})).await;
    assert_eq!(
        (&named["type"], &named["mode"], &named["trigger"]),
        (&json!("stock"), &json!("incremental"), &json!("on_demand"))
    );
    stage.step().await;
    {
        let script = stage.peers.script();
        let told = script.recorded.last().expect("told");
        assert!(told.monitor.is_none() && told.hits.len() == 1);
        assert!(told.hits[0].values.is_none(), "a bare name");
    }
    stage.crawl(&mut work, &[("A2", "ok")]).await;
    assert_eq!(counts(&stage.log(&named["id"]).await), [1, 1, 0]);

    stage.peers.script().likely.listings = vec![Listing {
        id: 11,
        marketplace: "CN".to_owned(),
        external_id: "A1".to_owned(),
        url: String::new(),
    }];
    let likely = start(&mine, json!({"prices": true, "brand": "Casarte"})).await;
    assert_eq!(likely["trigger"], json!("changed_price"));
    stage.step().await;
    {
        let script = stage.peers.script();
        let asked = script.watched.last().expect("asked");
        assert!(asked.price_changed_since_unix.is_some() && asked.stock_at_most.is_none());
        assert_eq!(asked.brand.as_deref(), Some("Casarte"));
    }
    // What is known and gone says that more may be wrong; there was a full sync a moment ago, though.
    stage.crawl(&mut work, &[("A1", "not_found")]).await;
    let log = stage.log(&likely["id"]).await;
    assert_eq!(
        log["message"],
        json!("0 of 1 done, 1 failed; 1 known codes are gone")
    );
    stage.execute("update crawl.sync set completed_at = completed_at - interval '1 day' where mode = 'full'").await;
    start(&mine, json!({"stock": true})).await;
    stage.step().await;
    stage.crawl(&mut work, &[("A1", "not_found")]).await;
    let logs = mine.get(LOGS).await.expect(StatusCode::OK);
    let followed = &logs["items"][0];
    assert_eq!(
        (&followed["mode"], &followed["trigger"]),
        (&json!("full"), &json!("integrity_failed"))
    );
}

#[tokio::test]
async fn nothing_to_do_is_done_and_core_away_is_waited_for() {
    let stage = Stage::new().await;
    let mine = stage.client("bw_mine");
    stage.supply("one").await;
    stage
        .execute("update crawl.sync set phase = 'done', status = 'success', completed_at = now()")
        .await;
    let log = start(&mine, json!({})).await;
    stage.peers.script().core_away = true;
    assert!(stage.syncs().pass(Utc::now()).await.is_err());
    assert_eq!(stage.log(&log["id"]).await["status"], json!("pending"));
    assert!(
        !stage.syncs().pass(Utc::now()).await.expect("looked"),
        "not at once"
    );
    stage.peers.script().core_away = false;
    let later = Utc::now() + TimeDelta::seconds(10);
    assert!(stage.syncs().pass(later).await.expect("a step"));
    stage.step().await;
    let log = stage.log(&log["id"]).await;
    assert_eq!(
        (&log["status"], counts(&log)),
        (&json!("success"), [0, 0, 0])
    );
    assert_eq!(log["message"], json!("There was nothing to do"));
}

#[tokio::test]
async fn what_a_lost_worker_held_is_fetched_by_the_next() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    stage.name(&[("A1", 11)]);
    let begun = stage.supply("one").await;
    stage.list(&mut work, &["A1"]).await;
    stage.step().await;
    stage.dispatch_one_of(haier::SOURCE).await;
    let later = Utc::now() + stage.state.settings.lease * 2;
    assert_eq!(
        stage.reaper().give_back(later).await.expect("given back"),
        1
    );
    let task = stage.dispatch_one_of(haier::SOURCE).await;
    let opened = open(&mut work, task).await;
    // A try that failed is repeated, though nobody tracks it.
    report(&mut work, task, vec![outcome(&opened.items[0], "network")]).await;
    let target = stage.target(11).await;
    assert!(target.attempts == 1 && target.next_due_at.is_some());
    stage
        .execute("update crawl.target set next_due_at = now() where id = 11")
        .await;
    let task = stage.dispatch_one_of(haier::SOURCE).await;
    let opened = open(&mut work, task).await;
    report(&mut work, task, vec![outcome(&opened.items[0], "ok")]).await;
    let log = stage.log(&begun["id"]).await;
    assert_eq!(
        (&log["status"], counts(&log)),
        (&json!("success"), [1, 1, 0])
    );
    assert_eq!(stage.target(11).await.next_due_at, None);
}
