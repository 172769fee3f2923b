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
        "update crawl.target set task_id = null, next_due_at = null where task_id is not null;
                delete from crawl.task";
    stage.execute(done).await;
    stage.execute(&due(2, 10_001, 2_000, 1)).await;
    dispatcher.pass().await.expect("dispatched");
    assert_eq!(
        (leased(&stage, 1).await, leased(&stage, 2).await),
        (125, 125)
    );
}

/// Monitors of one tenant, due since so many minutes.
fn searches(tenant: u128, count: u32, priority: i16, minutes: u32) -> String {
    let tenant = Uuid::from_u128(tenant);
    format!(
        "insert into crawl.monitor (tenant_id, id, source, kind, term, marketplace, name, interval_seconds, hits_limit,
                                    alert, track_up_to, tags, priority, next_due_at)
         select '{tenant}', gen_random_uuid(), 'popmart', 'keyword', 'word ' || i, 'US', 'm', 86400, 10, false, 0, '{{}}',
                {priority}, now() - interval '{minutes} minutes' + i * interval '1 millisecond'
         from generate_series(1, {count}) as i"
    )
}

async fn running(stage: &Stage, tenant: u128) -> i64 {
    let sql = format!(
        "select count(*) from crawl.monitor where tenant_id = '{}' and task_id is not null",
        Uuid::from_u128(tenant)
    );
    let (count,): (i64,) = stage.one(&sql).await;
    count
}

async fn search(stage: &Stage) {
    let topology = stage.state.bus.topology().clone();
    let dispatcher = stage.dispatcher_of(connectors::popmart::SOURCE, topology);
    dispatcher.pass().await.expect("dispatched");
}

/// What runs ends, and is due again in a day.
const SEARCHED: &str =
    "update crawl.monitor set task_id = null, next_due_at = now() + interval '1 day'
                        where task_id is not null";

#[tokio::test]
async fn five_hundred_monitors_of_one_tenant_do_not_keep_anothers_waiting() {
    let stage = Stage::new().await;
    stage.execute(&searches(1, 500, 2, 60)).await;
    search(&stage).await;
    assert_eq!(running(&stage, 1).await, 4);
    stage.execute(SEARCHED).await;
    stage.execute(&searches(2, 3, 2, 1)).await;
    // Those that came later are served in turn with those that wait for an hour.
    search(&stage).await;
    assert_eq!((running(&stage, 1).await, running(&stage, 2).await), (2, 2));
    stage.execute(SEARCHED).await;
    search(&stage).await;
    assert_eq!((running(&stage, 1).await, running(&stage, 2).await), (3, 1));
}

#[tokio::test]
async fn monitors_share_by_the_weight_of_plans() {
    let stage = Stage::new().await;
    stage.execute(&searches(1, 50, 2, 60)).await;
    stage.execute(&searches(2, 50, 2, 1)).await;
    let weight = format!(
        "insert into crawl.weight (tenant_id, plan, version) values ('{}', 'pro', 1)",
        Uuid::from_u128(2)
    );
    stage.execute(&weight).await;
    let (mut first, mut second) = (0, 0);
    for _ in 0..10 {
        search(&stage).await;
        first += running(&stage, 1).await;
        second += running(&stage, 2).await;
        stage.execute(SEARCHED).await;
    }
    assert_eq!((first, second), (8, 32), "one to four");
}

#[tokio::test]
async fn searches_of_rounds_leave_slots_to_urgent_ones_and_are_not_starved() {
    let stage = Stage::new().await;
    stage.execute(&searches(1, 50, 3, 60)).await;
    search(&stage).await;
    assert_eq!(running(&stage, 1).await, 3);
    stage.execute(&searches(2, 50, 2, 1)).await;
    stage.execute(&searches(3, 1, 1, 1)).await;
    search(&stage).await;
    assert_eq!((running(&stage, 2).await, running(&stage, 3).await), (1, 1));
    stage.execute(SEARCHED).await;
    for _ in 0..5 {
        search(&stage).await;
        assert_eq!((running(&stage, 2).await, running(&stage, 1).await), (4, 1));
        stage.execute(SEARCHED).await;
    }
}
