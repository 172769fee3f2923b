//! The worker against stand-ins for core, crawler and a source, over real gRPC in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bus::{Decision, Incoming};
use chrono::Utc;
use connectors::{About, Connector, Job, LeaseLost, Outcome, Progress, ReadCx, Target, Urgency};
use contracts::catalog::v1 as catalog;
use contracts::catalog::v1::ingest_server::{Ingest, IngestServer};
use contracts::catalog::v1::outcome::Status as Stored;
use contracts::crawl::v1 as crawl;
use contracts::crawl::v1::work_server::{Work, WorkServer};
use contracts::messages::v1::CrawlTask;
use domain::observation::{Observation, Offer, Values};
use prost::Message;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use crate::clients::Clients;
use crate::in_hand::InHand;
use crate::task::Worker;

/// What the stand-ins saw and what they will say.
#[derive(Default)]
struct World {
    items: Vec<crawl::TaskItem>,
    checkpoint: Vec<u8>,
    /// Extensions that still succeed; none left: the lease is lost. `None` is for ever.
    extensions: Option<usize>,
    lease_seconds: i64,
    /// Failures that core gives before it works.
    core_failures: VecDeque<Status>,
    /// External ids that core refuses.
    refused: Vec<String>,
    /// "ingest <ids>", "report <id>=<outcome>", "checkpoint <bytes>", in order.
    log: Vec<String>,
}

type Shared = Arc<Mutex<World>>;

struct Stand(Shared);

impl Stand {
    fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.lock().expect("not poisoned"))
    }
}

#[tonic::async_trait]
impl Work for Stand {
    async fn open_task(
        &self,
        _: Request<crawl::OpenTaskRequest>,
    ) -> Result<Response<crawl::OpenTaskResponse>, Status> {
        Ok(Response::new(self.with(|world| crawl::OpenTaskResponse {
            live: !world.items.is_empty(),
            items: world.items.clone(),
            checkpoint: world.checkpoint.clone(),
            lease_until_unix: Utc::now().timestamp() + world.lease_seconds,
            ..crawl::OpenTaskResponse::default()
        })))
    }

    async fn checkpoint(
        &self,
        request: Request<crawl::CheckpointRequest>,
    ) -> Result<Response<crawl::CheckpointResponse>, Status> {
        let state = request.into_inner().checkpoint;
        Ok(Response::new(self.with(|world| {
            let live = world.extensions.is_none_or(|left| left > 0);
            world.extensions = world.extensions.map(|left| left.saturating_sub(1));
            world
                .log
                .push(format!("checkpoint {}", String::from_utf8_lossy(&state)));
            let lease_until_unix = Utc::now().timestamp() + world.lease_seconds;
            crawl::CheckpointResponse {
                live,
                lease_until_unix,
            }
        })))
    }

    async fn report(
        &self,
        request: Request<crawl::ReportRequest>,
    ) -> Result<Response<crawl::ReportResponse>, Status> {
        let outcomes = request.into_inner().outcomes;
        let accepted = outcomes.len() as u32;
        self.with(|world| {
            for outcome in outcomes {
                assert_eq!((outcome.fence, outcome.round), (7, 9));
                world
                    .items
                    .retain(|item| item.target_id != outcome.target_id);
                world
                    .log
                    .push(format!("report {}={}", outcome.target_id, outcome.outcome));
            }
        });
        Ok(Response::new(crawl::ReportResponse { accepted }))
    }

    async fn open_secret(
        &self,
        _: Request<crawl::OpenSecretRequest>,
    ) -> Result<Response<crawl::OpenSecretResponse>, Status> {
        Err(Status::unimplemented("OpenSecret"))
    }

    async fn report_hits(
        &self,
        _: Request<crawl::ReportHitsRequest>,
    ) -> Result<Response<crawl::ReportHitsResponse>, Status> {
        Err(Status::unimplemented("ReportHits"))
    }

    async fn finish_discovery(
        &self,
        _: Request<crawl::FinishDiscoveryRequest>,
    ) -> Result<Response<crawl::FinishDiscoveryResponse>, Status> {
        Err(Status::unimplemented("FinishDiscovery"))
    }

    async fn record_cost(
        &self,
        _: Request<crawl::RecordCostRequest>,
    ) -> Result<Response<crawl::RecordCostResponse>, Status> {
        Err(Status::unimplemented("RecordCost"))
    }

    async fn report_source(
        &self,
        _: Request<crawl::ReportSourceRequest>,
    ) -> Result<Response<crawl::ReportSourceResponse>, Status> {
        Err(Status::unimplemented("ReportSource"))
    }
}

#[tonic::async_trait]
impl Ingest for Stand {
    async fn ingest_observations(
        &self,
        request: Request<catalog::IngestObservationsRequest>,
    ) -> Result<Response<catalog::IngestObservationsResponse>, Status> {
        let observations = request.into_inner().observations;
        self.with(|world| {
            if let Some(failure) = world.core_failures.pop_front() {
                return Err(failure);
            }
            let ids: Vec<_> = observations
                .iter()
                .map(|one| one.external_id.clone())
                .collect();
            assert!(observations.iter().all(|one| one.round == 9));
            world.log.push(format!("ingest {}", ids.join(" ")));
            let outcomes = ids.iter().map(|id| {
                let refused = world.refused.contains(id);
                let status = if refused {
                    Stored::Refused
                } else {
                    Stored::Changed
                };
                catalog::Outcome {
                    status: status.into(),
                    reason: String::new(),
                }
            });
            Ok(Response::new(catalog::IngestObservationsResponse {
                outcomes: outcomes.collect(),
            }))
        })
    }
}

/// A source that checkpoints, tells one outcome a target, and may wait before the last.
#[derive(Default)]
struct Shop {
    outcomes: Vec<Outcome>,
    before_last: Option<CancellationToken>,
}

#[async_trait]
impl Connector for Shop {
    fn about(&self) -> &'static About {
        &connectors::popmart::ABOUT
    }

    fn read(&self, _: &[u8], _: &ReadCx<'_>) -> Vec<(usize, Outcome)> {
        Vec::new()
    }

    async fn crawl(&self, job: Job<'_>, progress: &dyn Progress) -> Result<(), LeaseLost> {
        if job.work.resume.is_none() {
            progress.checkpoint(b"run".to_vec()).await?;
        }
        for (place, target) in job.targets.iter().enumerate() {
            if place + 1 == job.targets.len()
                && let Some(gate) = &self.before_last
            {
                gate.cancelled().await;
            }
            let outcome = self.outcomes.get(place).cloned();
            progress
                .outcome(place, outcome.unwrap_or_else(|| seen(target)))
                .await?;
        }
        Ok(())
    }
}

fn seen(target: &Target) -> Outcome {
    let values = Values {
        offer: Offer::Offered,
        currency: Some("USD".into()),
        price: Some(100),
        ..Values::default()
    };
    Outcome::Observed(vec![Observation {
        listing: target.listing.clone(),
        parent_external_id: None,
        observed_at: Utc::now(),
        values,
        content: None,
    }])
}

fn item(n: i64) -> crawl::TaskItem {
    crawl::TaskItem {
        target_id: n,
        marketplace: "US".into(),
        external_id: n.to_string(),
        url: String::new(),
        fence: 7,
        round: 9,
        ..crawl::TaskItem::default()
    }
}

fn world(items: impl IntoIterator<Item = i64>) -> World {
    World {
        items: items.into_iter().map(item).collect(),
        lease_seconds: 60,
        ..World::default()
    }
}

/// A worker over the shop, and the world it works in.
fn worker(world: World, shop: Shop) -> (Worker, Shared) {
    let world = Arc::new(Mutex::new(world));
    let tokens = rpc::Tokens {
        user: "user".into(),
        core: "core".into(),
        crawler: "crawler".into(),
        worker: "worker".into(),
        operator: String::new(),
    };
    let (network, ends) = rpc::local::Network::new();
    let core = Routes::new(IngestServer::new(Stand(world.clone())));
    let crawler = Routes::new(WorkServer::new(Stand(world.clone())));
    let stop = CancellationToken::new();
    tokio::spawn(rpc::local::serve(
        core,
        ends.core,
        tokens.clone(),
        stop.clone(),
    ));
    tokio::spawn(rpc::local::serve(crawler, ends.crawler, tokens, stop));
    let clients = Clients::new(&network.peers("worker").expect("a token"));
    (
        Worker {
            connector: Arc::new(shop),
            clients,
            urgency: Urgency::High,
            in_hand: InHand::default(),
        },
        world,
    )
}

fn message(body: Vec<u8>) -> Incoming {
    Incoming {
        body: body.into(),
        routing_key: "crawl.popmart.high".into(),
        id: None,
        headers: Default::default(),
        redelivered: false,
    }
}

fn task() -> Incoming {
    let task = CrawlTask {
        task_id: "task".into(),
        source: "popmart".into(),
        priority: "high".into(),
        items: 1,
    };
    message(task.encode_to_vec())
}

fn log(world: &Shared) -> Vec<String> {
    world.lock().expect("not poisoned").log.clone()
}

#[tokio::test]
async fn observations_go_to_core_before_outcomes_go_to_the_crawler() {
    let mut start = world([1, 2]);
    start.items.push(crawl::TaskItem {
        external_id: "../etc".into(),
        ..item(3)
    });
    let shop = Shop {
        outcomes: vec![seen(&target(1)), Outcome::NotFound],
        ..Shop::default()
    };
    let (worker, world) = worker(start, shop);
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let mut log = log(&world);
    let ingest = log
        .iter()
        .position(|line| line == "ingest 1")
        .expect("ingested");
    let report = log
        .iter()
        .position(|line| line == "report 1=ok")
        .expect("reported");
    assert!(ingest < report, "{log:?}");
    log.sort();
    assert_eq!(
        log,
        [
            "checkpoint run",
            "ingest 1",
            "report 1=ok",
            "report 2=not_found",
            "report 3=failed"
        ]
    );
}

fn target(n: i64) -> Target {
    let listing =
        connectors::listing_url::from_id(connectors::popmart::SOURCE, "US", &n.to_string());
    Target::new(listing.expect("a listing"))
}

#[tokio::test]
async fn results_leave_while_the_crawl_goes_on() {
    let gate = CancellationToken::new();
    let shop = Shop {
        before_last: Some(gate.clone()),
        ..Shop::default()
    };
    let (worker, world) = worker(world([1, 2]), shop);
    let working = tokio::spawn(async move { worker.handle(task()).await });
    let first_reported = async {
        while !log(&world).contains(&"report 1=ok".to_owned()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), first_reported)
        .await
        .expect("reported early");
    gate.cancel();
    assert_eq!(working.await.expect("no panic"), Decision::Done);
    assert!(log(&world).contains(&"report 2=ok".to_owned()));
}

#[tokio::test]
async fn a_task_that_is_delivered_again_while_in_hand_waits() {
    let gate = CancellationToken::new();
    let shop = Shop {
        before_last: Some(gate.clone()),
        ..Shop::default()
    };
    let (worker, world) = worker(world([1, 2]), shop);
    let first = worker.clone();
    let working = tokio::spawn(async move { first.handle(task()).await });
    let begun = async {
        while !log(&world).contains(&"report 1=ok".to_owned()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), begun)
        .await
        .expect("begun");
    assert_eq!(worker.handle(task()).await, Decision::Later);
    gate.cancel();
    assert_eq!(working.await.expect("no panic"), Decision::Done);
    assert_eq!(worker.handle(task()).await, Decision::Done, "free again");
}

#[tokio::test]
async fn a_task_whose_lease_is_gone_is_forgotten() {
    let (worker, world) = worker(world([]), Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert!(log(&world).is_empty(), "nothing was fetched");
}

#[tokio::test]
async fn a_resumed_task_hands_its_checkpoint_on() {
    let start = World {
        checkpoint: b"run".to_vec(),
        ..world([1])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert_eq!(
        log(&world),
        ["ingest 1", "report 1=ok"],
        "no second run is begun"
    );
}

#[tokio::test]
async fn a_core_that_restarts_loses_nothing() {
    let failures = [
        Status::unavailable(""),
        Status::deadline_exceeded(""),
        Status::aborted(""),
    ];
    let start = World {
        core_failures: failures.into(),
        ..world([1])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert!(log(&world).ends_with(&["ingest 1".into(), "report 1=ok".into()]));
}

#[tokio::test]
async fn a_core_that_stays_away_past_the_lease_leaves_the_task_for_later() {
    let failures = (0..1000).map(|_| Status::unavailable("")).collect();
    let start = World {
        core_failures: failures,
        lease_seconds: 0,
        ..world([1])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Later);
    assert!(
        !log(&world).iter().any(|line| line.starts_with("report")),
        "it stays to be done"
    );
}

#[tokio::test]
async fn a_lost_lease_ends_the_crawl() {
    let gate = CancellationToken::new();
    let shop = Shop {
        before_last: Some(gate),
        ..Shop::default()
    };
    // One extension for the checkpoint; the next, after a third of the lease, fails.
    let start = World {
        extensions: Some(1),
        lease_seconds: 3,
        ..world([1])
    };
    let (worker, world) = worker(start, shop);
    let decision = tokio::time::timeout(Duration::from_secs(20), worker.handle(task())).await;
    assert_eq!(
        decision.expect("it does not wait for the shop"),
        Decision::Done
    );
    assert!(!log(&world).iter().any(|line| line.starts_with("report")));
}

#[tokio::test]
async fn what_core_refuses_fails_its_own_target_only() {
    let start = World {
        refused: vec!["2".into()],
        ..world([1, 2, 3])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let log = log(&world);
    for line in ["report 1=ok", "report 2=malformed", "report 3=ok"] {
        assert!(log.contains(&line.to_owned()), "{log:?}");
    }
}

#[tokio::test]
async fn a_request_that_core_refuses_as_a_whole_is_sent_product_by_product() {
    let start = World {
        core_failures: [Status::invalid_argument("too much")].into(),
        ..world([1, 2])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let log = log(&world);
    assert!(log.contains(&"report 1=ok".to_owned()), "{log:?}");
    assert!(log.contains(&"report 2=ok".to_owned()), "{log:?}");
}

#[tokio::test]
async fn unreadable_or_misplaced_messages_are_parked() {
    let (worker, _) = worker(world([1]), Shop::default());
    assert!(matches!(
        worker.handle(message(vec![0xff; 8])).await,
        Decision::Park(_)
    ));
    let elsewhere = CrawlTask {
        source: "amazon".into(),
        ..CrawlTask::default()
    };
    let decision = worker.handle(message(elsewhere.encode_to_vec())).await;
    assert!(matches!(decision, Decision::Park(_)), "{decision:?}");
}
