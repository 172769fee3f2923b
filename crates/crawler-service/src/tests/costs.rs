//! What paid runs cost, and whom.

use connectors::amazon;
use contracts::crawl::v1::work_client::WorkClient;
use contracts::crawl::v1::{OpenTaskRequest, RecordCostRequest};
use http::StatusCode;
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use super::work::{outcome, report};
use super::{Stage, Tracking};

async fn cost(
    work: &mut WorkClient<rpc::Channel>,
    task: Uuid,
    run: &str,
    micro_usd: i64,
) -> Result<(), Code> {
    let request = RecordCostRequest {
        task_id: task.to_string(),
        run: run.to_owned(),
        micro_usd,
        results: Some(2),
    };
    let recorded = work.record_cost(request).await;
    recorded.map(drop).map_err(|status| status.code())
}

async fn spent(stage: &Stage, key: &'static str) -> Value {
    let source = stage.client(key).get("/api/v1/sources/amazon").await;
    source.expect(StatusCode::OK)["budget"]["spend_this_month"]["amount"].clone()
}

#[tokio::test]
async fn a_run_counts_once_and_is_shared_by_those_who_track_what_it_fetched() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    stage.track(1, 2).await;
    stage.tell(&Tracking::of(stage.other_tenant, 2)).await;
    let task = stage.dispatch_one().await;
    let request = OpenTaskRequest {
        task_id: task.to_string(),
    };
    let opened = work
        .open_task(request)
        .await
        .expect("answered")
        .into_inner();
    // The cost is known last, when products are reported already.
    let outcomes = opened
        .items
        .iter()
        .map(|item| outcome(item, "ok"))
        .collect();
    assert_eq!(report(&mut work, task, outcomes).await, 2);
    assert_eq!(cost(&mut work, task, "run-1", 40_000).await, Ok(()));
    assert_eq!(
        cost(&mut work, task, "run-1", 40_000).await,
        Ok(()),
        "told again"
    );
    assert_eq!(spent(&stage, "bw_mine").await, json!("0.03"));
    assert_eq!(spent(&stage, "bw_theirs").await, json!("0.01"));
    assert_eq!(cost(&mut work, task, "run-2", 1).await, Ok(()));
    let (runs, micro): (i64, i64) = stage
        .one("select count(*), sum(micro_usd)::bigint from crawl.run_cost where source = 'amazon'")
        .await;
    assert_eq!((runs, micro), (2, 40_001));

    assert_eq!(
        cost(&mut work, task, "", 1).await,
        Err(Code::InvalidArgument)
    );
    assert_eq!(
        cost(&mut work, task, "run-3", -1).await,
        Err(Code::InvalidArgument)
    );
    assert_eq!(
        cost(&mut work, Uuid::now_v7(), "run-3", 1).await,
        Err(Code::NotFound)
    );
}

#[tokio::test]
async fn a_live_search_costs_whoever_asked() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let theirs = stage.client("bw_theirs_write");
    // The stand-in finds nothing; what was asked of it is what matters.
    theirs.get("/api/v1/sources/amazon/search?q=ear+buds").await;
    theirs.get("/api/v1/sources/popmart/search?q=labubu").await;
    let asked: Vec<String> = {
        let script = stage.peers.script();
        let tasks = script.searches.iter().map(|search| search.task_id.clone());
        tasks.collect()
    };
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1], "", "PopMart costs nothing");
    let account: Uuid = asked[0].parse().expect("an id");
    assert_eq!(cost(&mut work, account, "run-live", 5_000).await, Ok(()));
    assert_eq!(spent(&stage, "bw_theirs").await, json!("0.005"));
    assert_eq!(spent(&stage, "bw_mine").await, json!("0.00"));
    let request = OpenTaskRequest {
        task_id: account.to_string(),
    };
    let opened = work.open_task(request).await.expect("answered");
    assert!(!opened.into_inner().live, "nobody can work on it");
}

#[tokio::test]
async fn a_monitors_run_is_its_tenants() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let body = json!({"source": "amazon", "kind": "keyword", "term": "ear buds"});
    let client = stage.client("bw_theirs_write");
    client
        .post("/api/v1/monitors", body)
        .await
        .expect(StatusCode::CREATED);
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    assert_eq!(cost(&mut work, task, "run-9", 12_345).await, Ok(()));
    assert_eq!(spent(&stage, "bw_theirs").await, json!("0.012345"));
    assert_eq!(spent(&stage, "bw_mine").await, json!("0.00"));
}
