//! A shop that answers the same to all, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Uri};
use connectors::popmart::{Generation, Popmart};
use connectors::{Connector, Hits, MonitorKind, Outcome, Search, Work};
use serde_json::Value;

use crate::support::Recorder;

/// A request as it came.
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

/// A connector to a shop that always gives this answer by its RPC.
pub async fn shop(answer: Value) -> (Popmart, Arc<Mutex<Vec<Asked>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
        log.lock().expect("not poisoned").push(Asked {
            path: uri.path().to_owned(),
            headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        });
        let answer = answer.clone();
        async move { axum::Json(answer) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let mut settings = super::settings();
    settings.generation = Generation::Rpc;
    settings.rpc_url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (super::with(&settings), asked)
}

pub fn search(kind: MonitorKind, term: &str, marketplace: &str) -> Search {
    Search {
        kind,
        term: term.to_owned(),
        category: None,
        marketplace: marketplace.to_owned(),
        limit: 1_000,
    }
}

pub async fn run(shop: &Popmart, search: &Search) -> Result<Hits, Outcome> {
    shop.search(search, Work::URGENT, &Recorder::default())
        .await
}
