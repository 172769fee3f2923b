//! The month's spend as a limit: of rounds by hand, and of what others' fetches cost.

use contracts::crawl::v1::RecordCostRequest;
use contracts::crawl::v1::work_client::WorkClient;
use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::quotas::{nothing_is_due, plan};
use super::{Stage, Tracking};

const PATH: &str = "/api/v1/crawl/manual";

async fn cost(work: &mut WorkClient<rpc::Channel>, task: Uuid, run: &str, micro_usd: i64) {
    let request = RecordCostRequest {
        task_id: task.to_string(),
        run: run.to_owned(),
        micro_usd,
        results: None,
    };
    work.record_cost(request).await.expect("recorded");
}

/// What the stage's tenants have spent, in millionths of a dollar.
async fn spent(stage: &Stage) -> (i64, i64) {
    let of = |tenant: Uuid| {
        format!(
            "(select coalesce(sum(micro_usd), 0)::bigint from crawl.spend where tenant_id = '{tenant}')"
        )
    };
    let (mine, theirs) = (of(stage.tenant), of(stage.other_tenant));
    stage.one(&format!("select {mine}, {theirs}")).await
}

#[tokio::test]
async fn a_whole_round_of_what_costs_is_refused_when_the_month_is_spent() {
    let stage = Stage::new().await;
    stage.peers.script().spend_cents = Some(100);
    plan(&stage, stage.tenant, "pro", 1).await;
    stage.track(1, 1).await;
    let (mut work, _) = stage.clients();
    let task = stage.dispatch_one().await;
    cost(&mut work, task, "run-1", 1_000_000).await;
    let free = Tracking {
        source: "popmart",
        ..Tracking::of(stage.tenant, 2)
    };
    stage.tell(&free).await;
    stage
        .execute("update crawl.target set task_id = null")
        .await;
    nothing_is_due(&stage).await;

    let client = stage.client("bw_mine");
    for body in [
        json!({"keywords": []}),
        json!({"keywords": [], "sources": ["amazon"]}),
        // Searching it costs, too.
        json!({"keywords": ["ear buds"], "sources": ["amazon", "popmart"]}),
    ] {
        let problem = client.post(PATH, body.clone()).await;
        let problem = problem.expect(StatusCode::FORBIDDEN);
        assert_eq!(
            [&problem["limit"], &problem["used"], &problem["allowed"]],
            [
                &json!("source_spend_cents_per_month"),
                &json!(100),
                &json!(100)
            ],
            "{body}"
        );
    }
    let left: (i64, i64) = stage
        .one(
            "select (select count(*) from crawl.crawl),
                    (select count(*) from crawl.target where next_due_at <= now())",
        )
        .await;
    assert_eq!(left, (0, 0), "nothing of them is left behind");
    let body = json!({"keywords": [], "sources": ["popmart"]});
    client.post(PATH, body).await.expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn who_has_spent_all_bears_nothing_of_what_others_go_on_paying_for() {
    let stage = Stage::new().await;
    stage.peers.script().spend_cents = Some(100);
    plan(&stage, stage.tenant, "pro", 1).await;
    plan(&stage, stage.other_tenant, "enterprise", 1).await;
    stage.track(1, 1).await;
    stage.tell(&Tracking::of(stage.other_tenant, 1)).await;
    let (mut work, _) = stage.clients();
    let task = stage.dispatch_one().await;
    // What is under way when the plan is used up may exceed it.
    cost(&mut work, task, "run-1", 2_400_000).await;
    assert_eq!(spent(&stage).await, (1_200_000, 1_200_000));
    cost(&mut work, task, "run-2", 600_000).await;
    cost(&mut work, task, "run-3", 400_000).await;
    assert_eq!(spent(&stage).await, (1_200_000, 2_200_000));
    // With nobody left it is everybody's again: what was paid for is somebody's.
    plan(&stage, stage.other_tenant, "pro", 2).await;
    cost(&mut work, task, "run-4", 200_000).await;
    assert_eq!(spent(&stage).await, (1_300_000, 2_300_000));
}
