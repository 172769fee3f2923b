//! The worker against stand-ins for core, crawler and a source, over real gRPC in memory.

mod discoveries;
mod fetches;
mod mails;
mod tasks;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bus::Incoming;
use chrono::Utc;
use connectors::live::{LiveAnswer, LiveCall};
use connectors::{
    About, Connector, Cost, Credential, Hits, Job, LeaseLost, Outcome, Progress, ReadCx, Search,
    Target, Urgency, Work as TaskWork,
};
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
    /// Instead of items.
    discovery: Option<crawl::Discovery>,
    owner: Option<String>,
    has_secret: bool,
    /// What the crawler hands out.
    secret: Option<String>,
    checkpoint: Vec<u8>,
    /// Extensions that still succeed; none left: the lease is lost. `None` is for ever.
    extensions: Option<usize>,
    lease_seconds: i64,
    /// Failures that core gives before it works.
    core_failures: VecDeque<Status>,
    /// External ids that core refuses.
    refused: Vec<String>,
    /// External ids that core sets apart.
    quarantined: Vec<String>,
    /// External ids that core finds as they were.
    unchanged: Vec<String>,
    /// Whether targets were reported as changed.
    changes: Vec<(i64, Option<bool>)>,
    /// Memos that were reported, by target.
    memos: Vec<(i64, Option<Vec<u8>>)>,
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
            live: !world.items.is_empty() || world.discovery.is_some(),
            items: world.items.clone(),
            discovery: world.discovery.clone(),
            owner_tenant_id: world.owner.clone(),
            has_secret: world.has_secret,
            checkpoint: world.checkpoint.clone(),
            lease_until_unix: Utc::now().timestamp() + world.lease_seconds,
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
                world.memos.push((outcome.target_id, outcome.memo));
                world.changes.push((outcome.target_id, outcome.changed));
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
        match self.with(|world| world.secret.clone()) {
            Some(password) => Ok(Response::new(crawl::OpenSecretResponse {
                fields: [("password".to_owned(), password)].into(),
            })),
            None => Err(Status::failed_precondition("add one under Sources")),
        }
    }

    async fn report_hits(
        &self,
        request: Request<crawl::ReportHitsRequest>,
    ) -> Result<Response<crawl::ReportHitsResponse>, Status> {
        let request = request.into_inner();
        assert_eq!(request.fence, 7);
        self.with(|world| {
            let owners = request.hits.iter().map(|hit| &hit.owner_tenant_id);
            assert!(owners.into_iter().all(|owner| *owner == world.owner));
            world.log.push(format!("hits {}", request.hits.len()));
            let live = world.extensions.is_none_or(|left| left > 0);
            Ok(Response::new(crawl::ReportHitsResponse { live }))
        })
    }

    async fn finish_discovery(
        &self,
        request: Request<crawl::FinishDiscoveryRequest>,
    ) -> Result<Response<crawl::FinishDiscoveryResponse>, Status> {
        let request = request.into_inner();
        self.with(|world| {
            world.log.push(format!(
                "finish {} {} {}",
                request.outcome, request.found, request.reason
            ));
        });
        Ok(Response::new(crawl::FinishDiscoveryResponse { live: true }))
    }

    async fn record_cost(
        &self,
        request: Request<crawl::RecordCostRequest>,
    ) -> Result<Response<crawl::RecordCostResponse>, Status> {
        let cost = request.into_inner();
        self.with(|world| {
            world
                .log
                .push(format!("cost {} {}", cost.run, cost.micro_usd));
        });
        Ok(Response::new(crawl::RecordCostResponse {}))
    }

    async fn report_source(
        &self,
        _: Request<crawl::ReportSourceRequest>,
    ) -> Result<Response<crawl::ReportSourceResponse>, Status> {
        Ok(Response::new(crawl::ReportSourceResponse {}))
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
            let owners = observations.iter().map(|one| &one.owner_tenant_id);
            assert!(owners.into_iter().all(|owner| *owner == world.owner));
            world.log.push(format!("ingest {}", ids.join(" ")));
            let outcomes = ids.iter().map(|id| {
                let status = if world.refused.contains(id) {
                    Stored::Refused
                } else if world.quarantined.contains(id) {
                    Stored::Quarantined
                } else if world.unchanged.contains(id) {
                    Stored::Unchanged
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
            progress
                .remember(place, target.listing.external_id.clone().into())
                .await;
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

    async fn search(
        &self,
        search: &Search,
        work: TaskWork<'_>,
        progress: &dyn Progress,
    ) -> Result<Hits, Outcome> {
        if search.term == "nothing" {
            return Err(Outcome::Timeout);
        }
        if search.term == "slow"
            && let Some(gate) = &self.before_last
        {
            gate.cancelled().await;
        }
        progress
            .cost(Cost {
                run: "search".into(),
                micro_usd: 1_500,
                results: None,
            })
            .await;
        if let Some(credential) = work.credential {
            assert_eq!(credential.get("password"), Some("hunter2"));
        }
        let hits = (0..search.limit as i64).map(|n| match seen(&target(n)) {
            Outcome::Observed(mut seen) => seen.remove(0),
            outcome => panic!("{outcome:?}"),
        });
        Ok(Hits {
            found: hits.collect(),
            total: Some(1_000),
            more: true,
        })
    }

    async fn check(&self, credential: &Credential) -> Result<String, Outcome> {
        match credential.get("password") {
            Some("hunter2") => Ok("Somebody's account".into()),
            _ => Err(Outcome::Blocked {
                retry_after: None,
                reason: "wrong password".into(),
            }),
        }
    }

    async fn live(&self, call: &LiveCall, _: &Credential) -> Result<LiveAnswer, Outcome> {
        let Outcome::Observed(observations) = seen(&target(1)) else {
            return Err(Outcome::NotFound);
        };
        Ok(LiveAnswer {
            body: serde_json::json!({ "name": call.name }),
            observations,
        })
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

fn tokens() -> rpc::Tokens {
    rpc::Tokens {
        user: "user".into(),
        core: "core".into(),
        crawler: "crawler".into(),
        worker: "worker".into(),
        operator: String::new(),
    }
}

/// A worker over the shop, and the world it works in.
fn worker(world: World, shop: Shop) -> (Worker, Shared) {
    let world = Arc::new(Mutex::new(world));
    let tokens = tokens();
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
            result_batch: 200,
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

fn target(n: i64) -> Target {
    let listing =
        connectors::listing_url::from_id(connectors::popmart::SOURCE, "US", &n.to_string());
    Target::new(listing.expect("a listing"))
}
