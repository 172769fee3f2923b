//! Products that are asked for at the same moment: everybody gets their own, whoever asked beside them.

use futures::future::join_all;
use serde_json::Value;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

/// Asks for all at once, each several times; the answers in the order of asking.
async fn at_once(stage: &Stage, asked: &[(&str, i64)]) -> Vec<(u16, Value)> {
    let all = (0..10).flat_map(|_| asked).map(async |(key, id)| {
        let answer = stage.get(key, &format!("/products/{id}")).await;
        (answer.status.as_u16(), answer.body)
    });
    join_all(all).await
}

#[tokio::test]
async fn tenants_that_ask_at_the_same_moment_get_what_is_theirs() {
    let stage = Stage::new().await;
    let both = stage.track(MINE, "B0BOTH0001").await;
    assert_eq!(stage.track(THEIRS, "B0BOTH0001").await, both);
    let mine = stage.track(MINE, "B0MINE0001").await;
    let theirs = stage.track(THEIRS, "B0THEIRS01").await;
    stage
        .crawled(vec![
            seen("B0BOTH0001", ago(60), 1).price(1000),
            seen("B0MINE0001", ago(60), 1).price(2000),
            seen("B0THEIRS01", ago(60), 1).price(3000),
        ])
        .await;
    let tracking = async |key: &str, id: i64| {
        let answer = stage.get(key, &format!("/products/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["tracking_id"].clone()
    };
    let of_both = [tracking(MINE, both).await, tracking(THEIRS, both).await];
    assert_ne!(of_both[0], of_both[1], "each has a tracking of its own");
    let unknown = 999_999_999;
    let asked = [
        (MINE, both),
        (THEIRS, both),
        (MINE, mine),
        (THEIRS, mine),
        (MINE, theirs),
        (THEIRS, theirs),
        (MINE, unknown),
    ];
    let answers = at_once(&stage, &asked).await;
    assert_eq!(answers.len(), 70);
    for of_round in answers.chunks(asked.len()) {
        let statuses: Vec<u16> = of_round.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, [200, 200, 200, 404, 404, 200, 404]);
        assert_eq!(of_round[0].1["tracking_id"], of_both[0]);
        assert_eq!(of_round[1].1["tracking_id"], of_both[1]);
        assert_eq!(of_round[2].1["price"]["amount"], "20.00");
        assert_eq!(of_round[5].1["price"]["amount"], "30.00");
    }
}

#[tokio::test]
async fn nobody_is_named_after_a_statement_for_several() {
    let stage = Stage::new().await;
    let id = stage.track(MINE, "B0BOTH0002").await;
    stage
        .crawled(vec![seen("B0BOTH0002", ago(60), 1).price(1000)])
        .await;
    let tenant: uuid::Uuid = stage
        .one("select tenant_id from catalog.watch limit 1")
        .await;
    let sql = format!(
        "select coalesce(bw.current_tenant()::text, 'nobody')
         from (select count(*) from catalog.products_of('{{{tenant}}}', '{{{id}}}') offset 0) as found"
    );
    let named: String = stage.one(&sql).await;
    assert_eq!(named, "nobody");
}
