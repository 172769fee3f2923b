//! One task from message to acknowledgement.

mod discovery;
mod items;

use std::sync::Arc;
use std::time::Duration;

use bus::{Decision, Incoming};
use connectors::{Connector, Cost, Credential, Job, LeaseLost, Outcome, Urgency, Work};
use contracts::crawl::v1::{
    OpenSecretRequest, OpenTaskRequest, OpenTaskResponse, RecordCostRequest,
};
use contracts::messages::v1::CrawlTask;
use prost::Message;
use tokio::sync::mpsc;
use tonic::Code;

use crate::clients::Clients;
use crate::delivery::{self, GaveUp, Owner};
use crate::in_hand::InHand;
use crate::lease::Lease;
use crate::retry;
pub(crate) use discovery::search;
use items::TaskProgress;

/// The broker takes a message back after 30 minutes without an acknowledgement.
const TASK_LIMIT: Duration = Duration::from_secs(25 * 60);
/// Results that may wait for delivery before the crawl waits for them.
const WAITING_RESULTS: usize = 256;

/// Works on the tasks of one source and priority.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) clients: Clients,
    pub(crate) urgency: Urgency,
    pub(crate) in_hand: InHand,
    /// Results carried away at once.
    pub(crate) result_batch: usize,
}

/// Why a task did not come to its end here.
#[derive(Debug)]
pub(crate) enum Interrupted {
    /// Somebody else has it, or it is over.
    Lost,
    /// Core or crawler stayed away for longer than the lease.
    GaveUp,
}

impl From<LeaseLost> for Interrupted {
    fn from(LeaseLost: LeaseLost) -> Self {
        Self::Lost
    }
}

impl Worker {
    /// Decides a message. Whatever is fetched is delivered before this returns.
    pub(crate) async fn handle(&self, message: Incoming) -> Decision {
        let task = match CrawlTask::decode(message.body) {
            Ok(task) => task,
            Err(error) => return Decision::Park(format!("not a crawl task: {error}")),
        };
        if task.source != self.connector.about().source.as_str() {
            return Decision::Park(format!("a task of {} in the wrong queue", task.source));
        }
        let Some(_held) = self.in_hand.take(&task.task_id) else {
            tracing::info!(task.id = task.task_id, "delivered again while in hand");
            return Decision::Later;
        };
        let request = OpenTaskRequest {
            task_id: task.task_id.clone(),
        };
        let opened = match self.clients.work.clone().open_task(request).await {
            Ok(response) => response.into_inner(),
            // It would be refused again; what it fetches comes again in another task when its lease ends.
            Err(status) if matches!(status.code(), Code::InvalidArgument | Code::Internal) => {
                return Decision::Park(format!("the task is refused: {}", status.message()));
            }
            Err(status) => {
                tracing::warn!(code = ?status.code(), error = status.message(), "cannot open the task yet");
                return Decision::Later;
            }
        };
        if !opened.live {
            tracing::info!(task.id = task.task_id, "nothing left to do for this task");
            return Decision::Done;
        }
        tracing::info!(
            task.id = task.task_id,
            source = task.source,
            items = opened.items.len(),
            discovery = opened.discovery.as_ref().map(|search| search.kind.as_str()),
            resumed = !opened.checkpoint.is_empty(),
            "crawling"
        );
        match tokio::time::timeout(TASK_LIMIT, self.work(task.task_id, opened)).await {
            Ok(Ok(())) => Decision::Done,
            Ok(Err(Interrupted::Lost)) => {
                tracing::warn!("the lease is lost; whoever has it goes on");
                Decision::Done
            }
            Ok(Err(Interrupted::GaveUp)) => Decision::Later,
            Err(_) => {
                tracing::warn!("the task takes too long; what is left comes again");
                Decision::Later
            }
        }
    }

    /// Does what the task asks for, and keeps its lease meanwhile.
    async fn work(&self, task_id: String, opened: OpenTaskResponse) -> Result<(), Interrupted> {
        let lease = Lease::new(self.clients.clone(), task_id, &opened);
        let work = async {
            let credential = match opened.has_secret {
                true => open_secret(&self.clients, &lease).await?,
                false => Ok(None),
            };
            match opened.discovery.clone() {
                Some(search) => self.discover(&lease, search, &opened, credential).await,
                None => self.crawl(&lease, opened, credential).await,
            }
        };
        tokio::select! {
            done = work => done,
            LeaseLost = lease.keep() => Err(Interrupted::Lost),
        }
    }

    /// Crawls the items and delivers what it sees at the same time.
    async fn crawl(
        &self,
        lease: &Lease,
        opened: OpenTaskResponse,
        credential: Result<Option<Credential>, Outcome>,
    ) -> Result<(), Interrupted> {
        let (sender, results) = mpsc::channel(WAITING_RESULTS);
        let owner = Owner(opened.owner_tenant_id);
        let crawl = async {
            // Gone at the end of this block, which tells the delivery that no more will come.
            let sender = sender;
            let source = self.connector.about().source;
            let (items, targets) = items::targets(source, opened.items, &sender).await?;
            let progress = TaskProgress::new(lease, &self.clients, &items, &sender);
            let credential = match credential {
                Ok(credential) => credential,
                Err(outcome) => return progress.all(&outcome).await,
            };
            let resume = Some(opened.checkpoint.as_slice()).filter(|bytes| !bytes.is_empty());
            let job = Job {
                targets: &targets,
                work: Work {
                    resume,
                    urgency: self.urgency,
                    credential: credential.as_ref(),
                },
            };
            self.connector.crawl(job, &progress).await
        };
        let delivery = delivery::run(
            &self.clients,
            lease,
            self.connector.as_ref(),
            &owner,
            self.result_batch,
            results,
        );
        let (crawled, delivered) = tokio::join!(crawl, delivery);
        // The crawl ends early, too, when delivery gave up; so that decides.
        delivered.map_err(|GaveUp| Interrupted::GaveUp)?;
        Ok(crawled?)
    }
}

/// The tenant's credential for the task. A task that cannot have one ends with that outcome.
async fn open_secret(
    clients: &Clients,
    lease: &Lease,
) -> Result<Result<Option<Credential>, Outcome>, Interrupted> {
    let answer = retry::within(lease, "open secret", || {
        let request = OpenSecretRequest {
            task_id: lease.task_id().to_owned(),
        };
        let mut client = clients.work.clone();
        async move { client.open_secret(request).await }
    })
    .await;
    match answer {
        Ok(secret) => Ok(Ok(Some(Credential::new(secret.fields)))),
        Err(status) if rpc::is_transient(&status) => Err(Interrupted::GaveUp),
        Err(status) => Ok(Err(Outcome::Failed {
            reason: format!("no credential for this source: {}", status.message()),
            retryable: false,
        })),
    }
}

/// Tells what a paid run cost. Best effort within the lease: the crawl itself matters more.
async fn record_cost(clients: &Clients, lease: &Lease, cost: Cost) {
    let told = retry::within(lease, "record cost", || {
        let request = RecordCostRequest {
            task_id: lease.task_id().to_owned(),
            run: cost.run.clone(),
            micro_usd: cost.micro_usd,
            results: cost.results,
        };
        let mut client = clients.work.clone();
        async move { client.record_cost(request).await }
    });
    if let Err(status) = told.await {
        tracing::warn!(
            run = cost.run,
            micro_usd = cost.micro_usd,
            code = ?status.code(),
            error = status.message(),
            "cannot record what a run cost"
        );
    }
}
