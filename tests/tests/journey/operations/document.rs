//! The document that the running installation shows.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::caller::Caller;
use super::case::Case;
use super::cases;
use crate::one_process;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Method and path of every operation.
pub async fn operations(nobody: &Caller) -> anyhow::Result<BTreeMap<String, (String, String)>> {
    let document = nobody.get("/api/openapi.json").await?;
    let paths = document["paths"].as_object().context("no paths")?;
    let mut operations = BTreeMap::new();
    for (path, item) in paths {
        for method in METHODS {
            if let Value::Object(operation) = &item[method] {
                let id = operation["operationId"].as_str();
                let id = id.with_context(|| format!("{method} {path} has no operationId"))?;
                operations.insert(id.to_owned(), (method.to_uppercase(), path.clone()));
            }
        }
    }
    Ok(operations)
}

/// The file that should have an operation's case.
fn file_of(path: &str) -> &'static str {
    let collection = path.split('/').nth(3).unwrap_or_default();
    match collection {
        "products" | "trackings" | "alerts" | "alert-rules" | "events" => "catalog.rs",
        "crawl" | "crawls" | "monitors" | "categories" | "scheduler" | "sources" | "sync"
        | "sync-logs" => "crawl.rs",
        _ => "identity.rs",
    }
}

/// A path or address with nothing in its braces and no query.
fn shape(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let mut shape = String::new();
    let mut inside = false;
    for letter in path.chars() {
        inside = (inside || letter == '{') && letter != '}';
        if !inside || letter == '{' {
            shape.push(letter);
        }
    }
    shape
}

/// Whether an address may be one of a path: a source, say, stands in the address by name.
fn fits(address: &str, path: &str) -> bool {
    let (address, path) = (shape(address), shape(path));
    let (mut actual, mut pattern) = (address.split('/'), path.split('/'));
    loop {
        match (actual.next(), pattern.next()) {
            (None, None) => return true,
            (Some(actual), Some(pattern)) if pattern == "{}" || actual == pattern => {}
            _ => return false,
        }
    }
}

/// What is wrong between document and cases, a line each.
fn complaints(operations: &BTreeMap<String, (String, String)>, cases: &[Case]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, (method, path)) in operations {
        let of_it: Vec<_> = cases.iter().filter(|case| case.name == name).collect();
        let file = file_of(path);
        match of_it.as_slice() {
            [] => complaints.push(format!(
                "{name} ({method} {path}) has no authorisation case: add one to \
                 tests/tests/journey/operations/{file}"
            )),
            [case] => {
                let odd = |ask: &&super::case::Ask| {
                    ask.method.as_str() != method || !fits(ask.address, path)
                };
                if let Some(ask) = case.asks.iter().find(odd) {
                    complaints.push(format!(
                        "the case of {name} asks {} {}, but the operation is {method} {path}: correct \
                         tests/tests/journey/operations/{file}",
                        ask.method, ask.address
                    ));
                }
            }
            _ => complaints.push(format!("{name} has two cases: keep one")),
        }
    }
    for case in cases {
        if !operations.contains_key(case.name) {
            complaints.push(format!(
                "there is no operation {} any more: remove its case",
                case.name
            ));
        }
    }
    complaints
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_has_an_authorisation_case() -> anyhow::Result<()> {
    let installation = one_process().await?;
    let nobody = Caller::nobody(installation.text("url"));
    let complaints = complaints(&operations(&nobody).await?, &cases());
    ensure!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    Ok(())
}

#[test]
fn an_operation_without_case_is_named_with_the_file_that_wants_one() {
    let operation = ("POST".to_owned(), "/api/v1/monitors/{id}/pause".to_owned());
    let operations = BTreeMap::from([("pause_monitor".to_owned(), operation)]);
    let told = complaints(&operations, &[]);
    assert_eq!(told.len(), 1);
    for part in [
        "pause_monitor",
        "POST /api/v1/monitors/{id}/pause",
        "journey/operations/crawl.rs",
    ] {
        assert!(told[0].contains(part), "{told:?}");
    }
    assert!(fits(
        "/api/v1/sources/haier/credential",
        "/api/v1/sources/{source}/credential"
    ));
    assert!(!fits("/api/v1/trackings/{tracking}", "/api/v1/trackings"));
}
