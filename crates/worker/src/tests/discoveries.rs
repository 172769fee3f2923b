//! Tasks that search.

use bus::Decision;
use contracts::crawl::v1::Discovery;

use super::{Shop, World, log, task, worker, world};

fn searching(term: &str, limit: u32) -> World {
    World {
        discovery: Some(Discovery {
            kind: "keyword".into(),
            term: term.into(),
            category: None,
            marketplace: "US".into(),
            limit,
            fence: 7,
        }),
        ..world([])
    }
}

#[tokio::test]
async fn hits_go_out_in_batches_and_then_the_search_is_over() {
    let (worker, world) = worker(searching("headphones", 450), Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert_eq!(
        log(&world),
        [
            "cost search 1500",
            "hits 200",
            "hits 200",
            "hits 50",
            "finish ok 450 "
        ]
    );
}

#[tokio::test]
async fn a_search_that_fails_says_how() {
    let (worker, world) = worker(searching("nothing", 10), Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let log = log(&world);
    assert_eq!(log.len(), 1);
    assert!(log[0].starts_with("finish timeout 0"), "{log:?}");
}

#[tokio::test]
async fn a_kind_nobody_knows_is_told() {
    let mut start = searching("x", 10);
    if let Some(discovery) = &mut start.discovery {
        discovery.kind = "horoscope".into();
    }
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert!(log(&world)[0].contains("horoscope"));
}

#[tokio::test]
async fn a_lost_lease_ends_the_search() {
    let start = World {
        extensions: Some(0),
        ..searching("headphones", 450)
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert!(!log(&world).iter().any(|line| line.starts_with("finish")));
}

#[tokio::test]
async fn a_search_with_a_credential_gets_it() {
    let start = World {
        has_secret: true,
        secret: Some("hunter2".into()),
        owner: Some("tenant".into()),
        ..searching("headphones", 3)
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert!(log(&world).contains(&"finish ok 3 ".to_owned()));
}
