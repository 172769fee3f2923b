//! Figures too unlikely to be believed at once.

use contracts::catalog::v1::outcome::Status::{
    Changed, Duplicate, Quarantined, Refused, Unchanged,
};
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage};

const ASIN: &str = "B0APART001";

async fn tracked(stage: &Stage) -> String {
    let product = stage.track(MINE, ASIN).await;
    stage
        .crawled(vec![seen(ASIN, ago(60), 1).price(2_000).titled("Lamp")])
        .await;
    format!("/products/{product}")
}

#[tokio::test]
async fn a_price_twenty_times_off_waits_for_a_second_look() {
    let stage = Stage::new().await;
    let path = tracked(&stage).await;
    let doubtful = || vec![seen(ASIN, ago(50), 2).price(100).titled("Error page")];
    let outcomes = stage.crawled(doubtful()).await;
    assert_eq!(outcomes[0].0, Quarantined);
    assert!(outcomes[0].1.contains("20.00 USD"), "{outcomes:?}");
    let again = stage.crawled(doubtful()).await;
    assert_eq!(
        again[0].0, Quarantined,
        "delivered again it is the same look"
    );
    let shown = stage.get(MINE, &path).await.body;
    assert_eq!(
        shown["price"]["amount"], "20.00",
        "the last good price stays"
    );
    assert_eq!(shown["title"], "Lamp", "and so does what the page said");
    assert_eq!(
        stage
            .one::<i64>("select last_round from catalog.listing_state")
            .await,
        1
    );
    let quality = stage.get(MINE, &format!("{path}/quality")).await.body;
    assert_eq!(quality["set_apart"]["price"]["amount"], "1.00");
    assert_eq!(quality["set_apart"]["looks"], 1);
    assert_eq!(quality["set_apart"]["code"], "far_off");

    // The same round, looked at once more.
    let outcomes = stage.crawled(vec![seen(ASIN, ago(49), 2).price(102)]).await;
    assert_eq!(outcomes[0].0, Changed, "{outcomes:?}");
    assert_eq!(stage.get(MINE, &path).await.body["price"]["amount"], "1.02");
    let alerts = stage.get(MINE, "/alerts").await.body;
    assert_eq!(
        alerts["items"][0]["kind"], "price",
        "a confirmed move is told"
    );
    let quality = stage.get(MINE, &format!("{path}/quality")).await.body;
    assert_eq!(quality["set_apart"], Value::Null);
    assert_eq!(quality["decided"][0]["resolution"], "confirmed");
    assert_eq!(
        quality["recent"],
        json!({ "set_apart": 1, "confirmed": 1, "dismissed": 0, "refused": 0 })
    );
    assert_eq!(
        stage.crawled(vec![seen(ASIN, ago(48), 2).price(102)]).await[0].0,
        Duplicate,
        "now the round is accepted"
    );
}

#[tokio::test]
async fn the_old_price_dismisses_what_was_set_apart() {
    let stage = Stage::new().await;
    let path = tracked(&stage).await;
    let outcomes = stage
        .crawled(vec![
            seen(ASIN, ago(50), 2).price(90_000),
            seen(ASIN, ago(49), 2).price(7),
            seen(ASIN, ago(48), 2).price(2_050),
        ])
        .await;
    let statuses: Vec<_> = outcomes.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [Quarantined, Quarantined, Changed]);
    let quality = stage.get(MINE, &format!("{path}/quality")).await.body;
    let decided = &quality["decided"][0];
    assert_eq!(decided["resolution"], "dismissed");
    assert_eq!(
        (&decided["looks"], &decided["price"]["amount"]),
        (&json!(2), &json!("0.07"))
    );
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.history")
            .await,
        2
    );
    assert_eq!(stage.get(MINE, "/alerts").await.body["items"], json!([]));
}

#[tokio::test]
async fn another_currency_is_set_apart_and_imports_are_believed() {
    let stage = Stage::new().await;
    let path = tracked(&stage).await;
    let mut euros = seen(ASIN, ago(50), 2).price(1_900);
    euros.values.as_mut().expect("values").currency = Some("EUR".into());
    let outcomes = stage.crawled(vec![euros]).await;
    assert_eq!(outcomes[0].0, Quarantined);
    assert!(outcomes[0].1.contains("EUR after USD"), "{outcomes:?}");
    // A look that learnt no price says nothing about it.
    assert_eq!(
        stage.crawled(vec![seen(ASIN, ago(49), 2)]).await[0].0,
        Changed
    );
    let quality = stage.get(MINE, &format!("{path}/quality")).await.body;
    assert_eq!(quality["set_apart"]["price"]["currency"], "EUR");
    assert_eq!(quality["set_apart"]["code"], "other_currency");

    let imported = stage
        .imported(vec![seen(ASIN, ago(600), 0).price(90_000)])
        .await;
    assert_eq!(imported[0].0, Changed);
}

#[tokio::test]
async fn what_is_refused_is_counted_once_and_never_a_price() {
    let stage = Stage::new().await;
    let path = tracked(&stage).await;
    let zero = |minutes, round| {
        let mut zero = seen(ASIN, ago(minutes), round).price(1);
        zero.values.as_mut().expect("values").price_minor = Some(0);
        zero
    };
    for batch in [
        vec![zero(50, 2), zero(49, 2)],
        vec![zero(49, 2)],
        vec![zero(40, 3)],
    ] {
        for (status, reason) in stage.crawled(batch).await {
            assert_eq!(
                (status, reason.as_str()),
                (Refused, "price is not positive")
            );
        }
    }
    let quality = stage.get(MINE, &format!("{path}/quality")).await.body;
    assert_eq!(quality["refused"][0]["code"], "price_not_positive");
    assert_eq!(
        (
            &quality["refused"][0]["times"],
            &quality["recent"]["refused"]
        ),
        (&json!(3), &json!(3))
    );
    assert_eq!(
        stage.get(MINE, &path).await.body["price"]["amount"],
        "20.00"
    );
    assert_eq!(
        stage
            .crawled(vec![seen(ASIN, ago(39), 3).price(2_000)])
            .await[0]
            .0,
        Unchanged
    );
}

#[tokio::test]
async fn the_ledger_says_when_each_figure_was_last_seen() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    stage
        .crawled(vec![
            seen(ASIN, ago(30), 1).price(2_000).rank(7),
            seen(ASIN, ago(20), 2).price(2_000).rank(7),
            seen(ASIN, ago(10), 3).price(2_100),
        ])
        .await;
    let quality = stage
        .get(MINE, &format!("/products/{product}/quality"))
        .await
        .body;
    let field = |name: &str| {
        let fields = quality["fields"].as_array().expect("fields");
        fields
            .iter()
            .find(|field| field["field"] == name)
            .expect("the field")
            .clone()
    };
    let at = |minutes| json!(ago(minutes).to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    let near = |value: &Value, minutes: i64| {
        let told: chrono::DateTime<chrono::Utc> = value
            .as_str()
            .expect("an instant")
            .parse()
            .expect("an instant");
        (told - ago(minutes)).num_seconds().abs() <= 30
    };
    assert!(
        near(&field("price")["last_seen_at"], 10),
        "{quality} {}",
        at(10)
    );
    assert_eq!(field("price")["current"], true);
    assert!(
        near(&field("rank")["last_seen_at"], 20),
        "a look that repeats counts: {quality}"
    );
    assert_eq!(field("rank")["current"], false);
    assert_eq!(field("rank")["seen_by"], "crawl");
    assert_eq!(field("rating")["last_seen_at"], Value::Null);
    assert_eq!(quality["source"], "amazon");
}
