//! Who goes first when a source has more to do than it can.

use uuid::Uuid;

use super::Stage;

/// Targets of one payer, due since so many minutes.
fn due(tenant: u128, first: u32, count: u32, minutes: u32) -> String {
    let tenant = Uuid::from_u128(tenant);
    format!(
        "with payer as (
             insert into crawl.payer (tenant_id, source, priority)
             select '{tenant}', 'amazon', p from generate_series(1, 3) p on conflict do nothing
         )
         insert into crawl.target
             (id, source, marketplace, external_id, url, interval_seconds, next_due_at, priority, payer_id)
         select i, 'amazon', 'US', 'B' || i, '', 3600, now() - interval '{minutes} minutes', 3, '{tenant}'
         from generate_series({first}, {first} + {count} - 1) as i"
    )
}

async fn leased(stage: &Stage, tenant: u128) -> i64 {
    let sql = format!(
        "select count(*) from crawl.target where payer_id = '{}' and task_id is not null",
        Uuid::from_u128(tenant)
    );
    let (count,): (i64,) = stage.one(&sql).await;
    count
}

#[tokio::test]
async fn a_tenant_that_adds_thousands_delays_another_by_no_more_than_its_share() {
    let stage = Stage::new().await;
    stage.execute(&due(1, 1, 5_000, 60)).await;
    stage.execute(&due(2, 10_001, 100, 1)).await;
    let dispatcher = stage.dispatcher(stage.state.bus.topology().clone());
    // The least window holds 250 targets of low priority.
    let pass = dispatcher.pass().await.expect("dispatched");
    assert_eq!(pass.claimed.low, 250);
    assert_eq!(
        leased(&stage, 2).await,
        100,
        "all of the small one, at once"
    );
    assert_eq!(leased(&stage, 1).await, 150);
}

#[tokio::test]
async fn plans_weigh() {
    let stage = Stage::new().await;
    stage.execute(&due(1, 1, 1_000, 60)).await;
    stage.execute(&due(2, 10_001, 1_000, 1)).await;
    let weight = format!(
        "insert into crawl.weight (tenant_id, plan, version) values ('{}', 'pro', 1)",
        Uuid::from_u128(2)
    );
    stage.execute(&weight).await;
    let dispatcher = stage.dispatcher(stage.state.bus.topology().clone());
    dispatcher.pass().await.expect("dispatched");
    assert_eq!(
        (leased(&stage, 1).await, leased(&stage, 2).await),
        (50, 200)
    );
}

#[tokio::test]
async fn who_comes_later_begins_where_the_others_stand() {
    let stage = Stage::new().await;
    stage.execute(&due(1, 1, 2_000, 60)).await;
    let dispatcher = stage.dispatcher(stage.state.bus.topology().clone());
    dispatcher.pass().await.expect("dispatched");
    let done =
        "update crawl.target set task_id = null, next_due_at = null where task_id is not null";
    stage.execute(done).await;
    stage.execute(&due(2, 10_001, 2_000, 1)).await;
    dispatcher.pass().await.expect("dispatched");
    assert_eq!(
        (leased(&stage, 1).await, leased(&stage, 2).await),
        (125, 125)
    );
}
