//! How a paid run goes: started once, resumed, found again, waited for patiently, paid for knowingly.

use connectors::amazon::Amazon;
use connectors::{Connector, LeaseLost, Progress, Urgency};
use serde_json::{Value, json};

use super::stub::{Apify, asin, item, targets};
use super::{SOURCE, settings};
use crate::support::{Recorder, crawl, job, target};

const JUNGLEE: &str = "junglee~Amazon-crawler";

async fn work(connector: &Amazon, count: usize, resume: Option<&[u8]>) -> Recorder {
    let recorder = Recorder::default();
    connector
        .crawl(job(&targets(count), resume), &recorder)
        .await
        .expect("the lease lives");
    recorder
}

fn checkpoints(recorder: &Recorder) -> Vec<Vec<u8>> {
    recorder.checkpoints.lock().expect("not poisoned").clone()
}

#[tokio::test]
async fn one_run_serves_all_targets_over_several_pages() {
    let apify = Apify::with((1..=600).map(item).collect(), "SUCCEEDED");
    let recorder = work(&apify.serve().await, 601, None).await;
    let words = recorder.words(601);
    assert!(words[..600].iter().all(|word| *word == "ok"));
    assert_eq!(words[600], "failed", "the run ended without it");
    assert_eq!(apify.starts(), 1);
    assert_eq!(
        checkpoints(&recorder).len(),
        2,
        "before the start and after it"
    );
}

#[tokio::test]
async fn a_short_page_is_not_the_end_and_without_a_total_the_empty_one_is() {
    let apify =
        Apify::with((1..=500).map(item).collect(), "SUCCEEDED").change(|inner| inner.skipped = 3);
    let words = work(&apify.serve().await, 500, None).await.words(500);
    assert_eq!(words.iter().filter(|word| **word == "ok").count(), 494);
    assert_eq!(words[495], "ok", "the second page was read");

    let apify =
        Apify::with((1..=500).map(item).collect(), "SUCCEEDED").change(|inner| inner.untold = true);
    let words = work(&apify.serve().await, 500, None).await.words(500);
    assert!(words.iter().all(|word| *word == "ok"));
}

#[tokio::test]
async fn a_run_without_items_fails_its_targets() {
    let apify = Apify::with(Vec::new(), "SUCCEEDED");
    assert_eq!(
        work(&apify.serve().await, 1, None).await.words(1),
        ["failed"]
    );
}

#[tokio::test]
async fn a_remembered_run_is_resumed_and_a_forgotten_one_begun_anew() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED");
    let connector = apify.serve().await;
    let first = work(&connector, 1, None).await;
    let kept = checkpoints(&first).pop();
    let second = work(&connector, 1, kept.as_deref()).await;
    assert_eq!(second.words(1), ["ok"]);
    assert_eq!(apify.starts(), 1, "never a second paid run");

    for old in [
        br#"{"runs":{"junglee~Amazon-crawler":{"started":"long-gone"}}}"#.as_slice(),
        br#"{"run_id":"long-gone"}"#,
        b"not ours",
    ] {
        let before = apify.starts();
        assert_eq!(work(&connector, 1, Some(old)).await.words(1), ["ok"]);
        assert_eq!(apify.starts(), before + 1);
    }
    let old = br#"{"run_id":"run1"}"#;
    let before = apify.starts();
    assert_eq!(work(&connector, 1, Some(old)).await.words(1), ["ok"]);
    assert_eq!(apify.starts(), before, "older checkpoints are understood");
}

#[tokio::test]
async fn a_run_that_did_not_succeed_still_yields_what_it_holds() {
    for (status, word) in [
        ("FAILED", "failed"),
        ("ABORTED", "failed"),
        ("TIMED-OUT", "timeout"),
    ] {
        let apify = Apify::with(vec![item(1)], status);
        let words = work(&apify.serve().await, 2, None).await.words(2);
        assert_eq!(words, ["ok", word], "{status}");
    }
}

#[tokio::test]
async fn every_status_before_the_end_is_waited_out() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").change(|inner| {
        inner.statuses = ["READY", "RUNNING", "TIMING-OUT", "ABORTING", "TIMED-OUT"].into();
    });
    let words = work(&apify.serve().await, 2, None).await.words(2);
    assert_eq!(words, ["ok", "timeout"]);
}

#[tokio::test]
async fn a_run_that_never_ends_is_ended_and_its_results_used() {
    let apify = Apify::with(vec![item(1)], "RUNNING");
    let connector = apify
        .serve_with(|settings| settings.run_limit_seconds = 1)
        .await;
    let words = work(&connector, 2, None).await.words(2);
    assert_eq!(words, ["ok", "timeout"]);
    assert!(apify.inner().runs[0].aborted);
    let query = apify.inner().runs[0].query.clone();
    assert!(
        query.contains("timeout=1"),
        "Apify knows the limit, too: {query}"
    );
}

#[tokio::test]
async fn troubles_of_a_paid_run_are_ridden_out() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED")
        .faults("poll", 429, 7)
        .fault("poll", 500)
        .lose("poll")
        .faults("items", 429, 6)
        .fault("items", 502)
        .lose("items");
    let recorder = work(&apify.serve().await, 1, None).await;
    assert_eq!(recorder.words(1), ["ok"]);
    assert_eq!(apify.starts(), 1);
}

#[tokio::test]
async fn a_refused_start_is_told_of_every_target_and_not_repeated() {
    for (status, word) in [
        (400, "failed"),
        (401, "failed"),
        (402, "blocked"),
        (403, "blocked"),
        (404, "failed"),
    ] {
        let apify = Apify::with(Vec::new(), "SUCCEEDED").fault("start", status);
        let words = work(&apify.serve().await, 2, None).await.words(2);
        assert_eq!(words, [word, word], "{status}");
        assert_eq!(apify.starts(), 0);
    }
}

#[tokio::test]
async fn a_lost_reply_is_found_again_and_not_paid_for_twice() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").lose("start");
    let recorder = work(&apify.serve().await, 1, None).await;
    assert_eq!(recorder.words(1), ["ok"]);
    assert_eq!(apify.starts(), 1);
    // An error may hide a start as well; here it did not, which only the list tells.
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").fault("start", 500);
    let recorder = work(&apify.serve().await, 1, None).await;
    assert_eq!(recorder.words(1), ["ok"]);
    assert_eq!(apify.starts(), 1);
}

/// A worker that is killed at its n-th checkpoint: the checkpoint is durable, nothing more happens.
struct Killed {
    at: usize,
    recorder: Recorder,
}

#[async_trait::async_trait]
impl Progress for Killed {
    async fn checkpoint(&self, state: Vec<u8>) -> Result<(), LeaseLost> {
        self.recorder.checkpoint(state).await?;
        match checkpoints(&self.recorder).len() {
            count if count >= self.at => Err(LeaseLost),
            _ => Ok(()),
        }
    }

    async fn outcome(&self, target: usize, outcome: connectors::Outcome) -> Result<(), LeaseLost> {
        self.recorder.outcome(target, outcome).await
    }

    async fn remember(&self, _: usize, _: Vec<u8>) {}

    async fn cost(&self, _: connectors::Cost) {}
}

async fn killed(connector: &Amazon, at: usize) -> Vec<Vec<u8>> {
    let progress = Killed {
        at,
        recorder: Recorder::default(),
    };
    let lost = connector.crawl(job(&targets(2), None), &progress).await;
    assert_eq!(lost, Err(LeaseLost));
    checkpoints(&progress.recorder)
}

#[tokio::test]
async fn a_worker_killed_around_the_start_leads_to_one_run() {
    // Between the checkpoint and the start: nothing was started, so it is started now.
    let apify = Apify::with(vec![item(1), item(2)], "SUCCEEDED");
    let connector = apify.serve().await;
    let kept = killed(&connector, 1).await.pop();
    assert_eq!(apify.starts(), 0);
    let recorder = work(&connector, 2, kept.as_deref()).await;
    assert_eq!((recorder.words(2), apify.starts()), (vec!["ok", "ok"], 1));

    // After the start, before the second checkpoint: it is found by what it was started with, even though one
    // target is done meanwhile and the input would now be another.
    let apify = Apify::with(vec![item(1), item(2)], "SUCCEEDED");
    let connector = apify.serve().await;
    let kept = killed(&connector, 2).await.remove(0);
    assert_eq!(apify.starts(), 1);
    let recorder = work(&connector, 1, Some(&kept)).await;
    assert_eq!((recorder.words(1), apify.starts()), (vec!["ok"], 1));
}

#[tokio::test]
async fn of_several_runs_of_ours_the_newest_is_adopted_and_the_other_ended() {
    let apify = Apify::with(vec![item(1), item(2)], "SUCCEEDED");
    let connector = apify.serve().await;
    let kept = killed(&connector, 2).await.remove(0);
    let ours = apify.inner().runs[0].input.clone();
    let now = chrono::Utc::now();
    let at = |minutes: i64| (now + chrono::TimeDelta::minutes(minutes)).to_rfc3339();
    // Somebody else's, one of long ago, another actor's, and a second one of ours.
    apify.place(JUNGLEE, json!({"categoryOrProductUrls": []}), &at(0));
    apify.place(JUNGLEE, ours.clone(), &at(-90));
    apify.place("other~actor", ours.clone(), &at(0));
    let newest = apify.place(JUNGLEE, ours, &at(1));
    let recorder = work(&connector, 2, Some(&kept)).await;
    assert_eq!(recorder.words(2), ["ok", "ok"]);
    let inner = apify.inner();
    let aborted: Vec<bool> = inner.runs.iter().map(|run| run.aborted).collect();
    assert_eq!(aborted, [true, false, false, false, false]);
    let last: Value =
        serde_json::from_slice(checkpoints(&recorder).last().expect("one")).expect("JSON");
    assert_eq!(last["runs"][JUNGLEE]["started"], newest);
}

#[tokio::test]
async fn trouble_while_looking_for_a_run_is_ridden_out() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED")
        .lose("start")
        .fault("list", 502)
        .fault("input", 429);
    let recorder = work(&apify.serve().await, 1, None).await;
    assert_eq!((recorder.words(1), apify.starts()), (vec!["ok"], 1));
}

#[tokio::test]
async fn each_marketplace_has_its_actor_and_each_actor_one_run() {
    let gb = asin(2);
    let axesso = json!({"statusCode": 200, "statusMessage": "FOUND", "title": "T", "asin": gb,
        "url": format!("https://www.amazon.co.uk/dp/{gb}?psc=1"), "price": 7.5});
    let apify = Apify::with(vec![item(1), axesso], "SUCCEEDED");
    let connector = apify
        .serve_with(|settings| {
            let entry = "GB=axesso_data/amazon-product-details-scraper";
            settings.actor_by_marketplace = vec![entry.to_owned()];
        })
        .await;
    let targets = [target(SOURCE, "CA", &asin(1)), target(SOURCE, "GB", &gb)];
    let recorder = crawl(&connector, &targets).await;
    assert_eq!(recorder.words(2), ["ok", "ok"]);
    let mut actors: Vec<String> = apify
        .inner()
        .runs
        .iter()
        .map(|run| run.actor.clone())
        .collect();
    actors.sort();
    assert_eq!(
        actors,
        ["axesso_data~amazon-product-details-scraper", JUNGLEE]
    );
    let kept = checkpoints(&recorder).pop();
    let again = Recorder::default();
    connector
        .crawl(job(&targets, kept.as_deref()), &again)
        .await
        .expect("the lease lives");
    assert_eq!((again.words(2), apify.starts()), (vec!["ok", "ok"], 2));
}

#[tokio::test]
async fn the_cost_is_told_once_when_it_is_settled() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").change(|inner| {
        inner.extra = json!({"usageTotalUsd": 0.2654, "finishedAt": "2026-01-28T10:01:27.000Z"});
    });
    let recorder = work(&apify.serve().await, 1, None).await;
    {
        let costs = recorder.costs.lock().expect("not poisoned");
        assert_eq!(costs.len(), 1);
        assert_eq!(
            (costs[0].run.as_str(), costs[0].micro_usd),
            ("run1", 265_400)
        );
        assert_eq!(costs[0].results, Some(1));
    }
    // An untold cost is no cost of zero.
    let apify = Apify::with(vec![item(1)], "SUCCEEDED");
    let recorder = work(&apify.serve().await, 1, None).await;
    assert!(recorder.costs.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn work_that_nobody_waits_for_waits_until_the_cost_is_settled() {
    let now = chrono::Utc::now().to_rfc3339();
    let apify = Apify::with(vec![item(1)], "SUCCEEDED")
        .change(|inner| inner.extra = json!({"usageTotalUsd": 0.1, "finishedAt": now}));
    let connector = apify
        .serve_with(|settings| settings.cost_settle_seconds = 1)
        .await;
    let recorder = Recorder::default();
    let list = targets(1);
    let mut patient = job(&list, None);
    patient.work.urgency = Urgency::Low;
    let settle = async {
        // Settled while the connector waits: after the outcome was told.
        while recorder.outcomes.lock().expect("not poisoned").is_empty() {
            tokio::task::yield_now().await;
        }
        apify.inner().extra["usageTotalUsd"] = json!(0.25);
    };
    let (crawled, ()) = tokio::join!(connector.crawl(patient, &recorder), settle);
    crawled.expect("the lease lives");
    let costs = recorder.costs.lock().expect("not poisoned");
    assert_eq!(
        costs.iter().map(|cost| cost.micro_usd).collect::<Vec<_>>(),
        [250_000]
    );
}

#[tokio::test]
async fn caps_of_the_operator_go_with_the_start() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED");
    let connector = apify
        .serve_with(|settings| {
            settings.max_items = 40;
            settings.max_total_charge_usd = "2.50".into();
        })
        .await;
    work(&connector, 1, None).await;
    let query = apify.inner().runs[0].query.clone();
    assert!(
        query.contains("maxItems=40") && query.contains("maxTotalChargeUsd=2.50"),
        "{query}"
    );
    assert_eq!(settings().max_items, 0, "none by default");
}
