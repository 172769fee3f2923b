//! What actors are started with.

use connectors::{Connector, MonitorKind, Search, Work};
use serde_json::Value;

use super::super::SOURCE;
use super::super::stub::Apify;
use super::wait;
use crate::support::{Recorder, crawl, target};

/// Our input has no field that the recorded one does not know, and each of its type.
pub(super) fn same_input(
    bytes: &[u8],
    marketplace: &str,
    change: fn(&mut connectors::amazon::Settings),
) {
    let apify = Apify::with(Vec::new(), "SUCCEEDED");
    wait(async {
        let connector = apify.serve_with(change).await;
        crawl(&connector, &[target(SOURCE, marketplace, "B0CM9DB6WF")]).await;
    });
    compare(&apify, bytes);
}

pub(super) fn same_search_input(bytes: &[u8], kind: MonitorKind, term: &str) {
    let apify = Apify::with(Vec::new(), "SUCCEEDED");
    let search = Search {
        kind,
        term: term.into(),
        category: None,
        marketplace: "US".into(),
        limit: 10,
    };
    wait(async {
        let connector = apify.serve().await;
        let recorder = Recorder::default();
        let found = connector.search(&search, Work::URGENT, &recorder).await;
        assert!(found.is_err(), "an empty dataset says nothing");
    });
    compare(&apify, bytes);
}

fn compare(apify: &Apify, bytes: &[u8]) {
    let theirs: Value = serde_json::from_slice(bytes).expect("JSON");
    let ours = apify.inner().runs[0].input.clone();
    fits("", &ours, &theirs);
}

fn fits(path: &str, ours: &Value, theirs: &Value) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (name, value) in ours {
                let other = theirs
                    .get(name)
                    .unwrap_or_else(|| panic!("{path}/{name} is ours alone"));
                fits(&format!("{path}/{name}"), value, other);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            fits(&format!("{path}[]"), &ours[0], &theirs[0]);
        }
        _ => assert_eq!(
            std::mem::discriminant(ours),
            std::mem::discriminant(theirs),
            "{path}"
        ),
    }
}
