//! What somebody waits for.

use std::sync::Arc;
use std::time::Duration;

use connectors::{Connector, Registry};
use contracts::crawl::v1::fetch_client::FetchClient;
use contracts::crawl::v1::fetch_server::FetchServer;
use contracts::crawl::v1::work_server::WorkServer;
use contracts::crawl::v1::{
    CheckCredentialRequest, Discovery, LiveRequest, PreviewRequest, SearchRequest,
    check_credential_response, live_response, preview_response, search_response,
};
use egress::{Egress, Limits};
use rpc::Channel;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Request};

use super::{Shared, Shop, Stand, log, tokens};
use crate::clients::Clients;
use crate::fetch::FetchGrpc;

/// A client that calls as this service, of a worker whose PopMart is the stand-in.
fn fetch(caller: &str) -> FetchClient<Channel> {
    stage(caller, Shop::default()).0
}

/// The same with this shop, and what the crawler hears of it.
fn stage(caller: &str, shop: Shop) -> (FetchClient<Channel>, Shared) {
    let sources = config::Sources::default();
    let egress = Egress::new(Limits::default()).expect("a client");
    let registry = Registry::new(&sources, &egress, None).expect("good defaults");
    let registry = registry.with(Arc::new(shop) as Arc<dyn Connector>);
    let (network, ends) = rpc::local::Network::new();
    let stop = CancellationToken::new();
    let world = Shared::default();
    let crawler = Routes::new(WorkServer::new(Stand(world.clone())));
    tokio::spawn(rpc::local::serve(
        crawler,
        ends.crawler,
        tokens(),
        stop.clone(),
    ));
    let clients = Clients::new(&network.peers("worker").expect("a token"));
    let routes = Routes::new(FetchServer::new(FetchGrpc { registry, clients }));
    tokio::spawn(rpc::local::serve(routes, ends.worker, tokens(), stop));
    let client = FetchClient::new(network.peers(caller).expect("a token").worker);
    (client, world)
}

fn keyword(term: &str, task_id: &str) -> SearchRequest {
    SearchRequest {
        source: "popmart".into(),
        search: Some(Discovery {
            kind: "keyword".into(),
            term: term.into(),
            marketplace: "US".into(),
            limit: 3,
            ..Discovery::default()
        }),
        task_id: task_id.into(),
        ..SearchRequest::default()
    }
}

/// Waits until the crawler has heard something.
async fn heard(world: &Shared) -> Vec<String> {
    let patience = tokio::time::Instant::now() + Duration::from_secs(10);
    while log(world).is_empty() {
        assert!(tokio::time::Instant::now() < patience, "nothing in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    log(world)
}

fn password(text: &str) -> std::collections::HashMap<String, String> {
    [("password".to_owned(), text.to_owned())].into()
}

#[tokio::test]
async fn only_the_crawler_may_ask() {
    for caller in ["core", "worker", "user", "nobody"] {
        let status = fetch(caller)
            .preview(PreviewRequest::default())
            .await
            .expect_err("refused");
        let code = status.code();
        assert!(
            matches!(code, Code::PermissionDenied | Code::Unauthenticated),
            "{caller}: {code:?}"
        );
    }
}

#[tokio::test]
async fn a_preview_shows_what_a_crawl_would_see() {
    let request = PreviewRequest {
        url: "https://www.popmart.com/us/products/12/x".into(),
        ..PreviewRequest::default()
    };
    let answer = fetch("crawler").preview(request).await.expect("an answer");
    let Some(preview_response::Result::Found(found)) = answer.into_inner().result else {
        panic!("not found")
    };
    assert_eq!(
        (found.source.as_str(), found.external_id.as_str()),
        ("popmart", "12")
    );
    assert_eq!(found.candidates.len(), 1);
    assert_eq!(found.candidates[0].strategy, "api");
    let seen = found.candidates[0].observation.as_ref().expect("seen");
    assert_eq!(
        seen.values.as_ref().and_then(|values| values.price_minor),
        Some(100)
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_told_so() {
    let request = PreviewRequest {
        url: "kettle".into(),
        ..PreviewRequest::default()
    };
    let answer = fetch("crawler").preview(request).await.expect("an answer");
    let Some(preview_response::Result::Failure(failure)) = answer.into_inner().result else {
        panic!("found")
    };
    assert_eq!(
        (failure.outcome.as_str(), failure.retryable),
        ("failed", false)
    );
    assert!(failure.reason.contains("not a web address"));
}

#[tokio::test]
async fn a_live_search_brings_hits_or_says_why_not() {
    let search = |term: &str| keyword(term, "");
    let mut client = fetch("crawler");
    let answer = client.search(search("labubu")).await.expect("an answer");
    let Some(search_response::Result::Hits(hits)) = answer.into_inner().result else {
        panic!("no hits")
    };
    assert_eq!(
        (hits.found.len(), hits.total, hits.more),
        (3, Some(1_000), true)
    );
    let answer = client.search(search("nothing")).await.expect("an answer");
    let Some(search_response::Result::Failure(failure)) = answer.into_inner().result else {
        panic!("hits")
    };
    assert_eq!(
        (failure.outcome.as_str(), failure.retryable),
        ("timeout", true)
    );
    let unknown = SearchRequest {
        source: "bazaar".into(),
        ..search("x")
    };
    let status = client.search(unknown).await.expect_err("refused");
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn what_a_live_search_costs_is_told_also_when_nobody_waits_any_more() {
    let gate = CancellationToken::new();
    let shop = Shop {
        before_last: Some(gate.clone()),
        ..Shop::default()
    };
    let (mut client, world) = stage("crawler", shop);
    let paid = client.search(keyword("labubu", "account")).await;
    paid.expect("an answer");
    assert_eq!(heard(&world).await, ["cost search 1500"]);

    world.lock().expect("not poisoned").log.clear();
    let mut hurried = Request::new(keyword("slow", "account"));
    hurried.set_timeout(Duration::from_millis(50));
    client.search(hurried).await.expect_err("too slow");
    assert!(log(&world).is_empty());
    gate.cancel();
    assert_eq!(heard(&world).await, ["cost search 1500"]);
}

#[tokio::test]
async fn a_credential_works_or_is_told_why_not() {
    let mut client = fetch("crawler");
    let mut check = async |text: &str| {
        let request = CheckCredentialRequest {
            source: "popmart".into(),
            credential: password(text),
        };
        let answer = client.check_credential(request).await.expect("an answer");
        answer.into_inner().result.expect("a result")
    };
    let works = check("hunter2").await;
    assert_eq!(
        works,
        check_credential_response::Result::Works("Somebody's account".into())
    );
    let check_credential_response::Result::Failure(failure) = check("guess").await else {
        panic!("works")
    };
    assert_eq!(failure.reason, "wrong password");
}

#[tokio::test]
async fn a_live_read_answers_and_brings_the_same_rows() {
    let request = LiveRequest {
        source: "popmart".into(),
        name: "stock".into(),
        credential: password("hunter2"),
        owner_tenant_id: "tenant".into(),
        ..LiveRequest::default()
    };
    let mut client = fetch("crawler");
    let answer = client.live(request.clone()).await.expect("an answer");
    let Some(live_response::Result::Answer(answer)) = answer.into_inner().result else {
        panic!("no answer")
    };
    assert_eq!(answer.body, r#"{"name":"stock"}"#);
    assert_eq!(
        answer.observations[0].owner_tenant_id.as_deref(),
        Some("tenant")
    );
    let without = LiveRequest {
        credential: Default::default(),
        ..request
    };
    let answer = client.live(without).await.expect("an answer");
    let Some(live_response::Result::Failure(failure)) = answer.into_inner().result else {
        panic!("an answer")
    };
    assert!(failure.reason.contains("needs a credential"));
}
