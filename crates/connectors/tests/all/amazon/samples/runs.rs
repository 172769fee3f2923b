//! What Apify says of runs, and how it refuses.

use serde_json::{Value, json};

use super::super::stub::{Apify, Fault, item, targets};
use super::wait;
use crate::support::crawl;

/// A run that goes on in this state and ends later.
pub(super) fn goes_on(bytes: &[u8]) {
    let mut told: Value = serde_json::from_slice(bytes).expect("JSON");
    let status = match told["data"]["status"].take() {
        Value::String(status) if status == "READY" => "READY",
        status => {
            assert_eq!(status, "RUNNING");
            "RUNNING"
        }
    };
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").change(|inner| {
        inner.extra = own_ids(told["data"].take());
        inner.statuses = [status, status, "SUCCEEDED"].into();
    });
    let recorder = wait(async { crawl(&apify.serve().await, &targets(1)).await });
    assert_eq!(recorder.words(1), ["ok"]);
}

/// A run that is over in this state.
pub(super) fn ended(bytes: &[u8], word: &str, reason: &str) {
    let mut told: Value = serde_json::from_slice(bytes).expect("JSON");
    let usd = told["data"]["usageTotalUsd"].clone();
    let apify = Apify::with(vec![item(1)], "RUNNING")
        .change(|inner| inner.extra = own_ids(told["data"].take()));
    let recorder = wait(async { crawl(&apify.serve().await, &targets(2)).await });
    assert_eq!(recorder.words(2), ["ok", word]);
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    let said = outcomes
        .iter()
        .find(|(place, _)| *place == 1)
        .map(|(_, outcome)| outcome.reason());
    assert!(said.is_some_and(|said| said.contains(reason)));
    let costs = recorder.costs.lock().expect("not poisoned");
    assert_eq!(usd, json!(0.2654));
    assert_eq!(
        costs.iter().map(|cost| cost.micro_usd).collect::<Vec<_>>(),
        [265_400]
    );
}

/// A recorded run without the ids that lead elsewhere than to our stand-in.
fn own_ids(mut run: Value) -> Value {
    if let Some(run) = run.as_object_mut() {
        for id in ["id", "defaultDatasetId", "defaultKeyValueStoreId"] {
            assert!(run.remove(id).is_some_and(|id| id.is_string()));
        }
        run.retain(|name, value| name != "status" || !value.is_null());
    }
    run
}

/// A start that is refused so.
pub(super) fn refused(bytes: &[u8], status: u16, word: &str) {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").change(|inner| {
        inner
            .faults
            .push(("start", Fault::Body(status, bytes.to_vec())))
    });
    let recorder = wait(async { crawl(&apify.serve().await, &targets(1)).await });
    assert_eq!(recorder.words(1), [word]);
    let body: Value = serde_json::from_slice(bytes).expect("JSON");
    let kind = body["error"]["type"].as_str().expect("a type");
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    let reason = outcomes[0].1.reason();
    assert!(status == 404 || reason.contains(kind), "{reason}");
}

/// A trouble that passes, met while a paid run is waited for.
pub(super) fn passes(bytes: &[u8], status: u16) {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").change(|inner| {
        inner
            .faults
            .push(("poll", Fault::Body(status, bytes.to_vec())))
    });
    let recorder = wait(async { crawl(&apify.serve().await, &targets(1)).await });
    assert_eq!((recorder.words(1), apify.starts()), (vec!["ok"], 1));
}
