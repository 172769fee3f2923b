//! One task from message to acknowledgement.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::{Decision, Incoming};
use connectors::{
    Connector, Cost, Job, LeaseLost, Outcome, Progress, Target, Urgency, Work, listing_url,
};
use contracts::crawl::v1::{OpenTaskRequest, OpenTaskResponse, TaskItem};
use contracts::messages::v1::CrawlTask;
use prost::Message;
use tokio::sync::mpsc;

use crate::clients::Clients;
use crate::delivery::{self, GaveUp};
use crate::in_hand::InHand;
use crate::lease::Lease;

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
            Err(status) if status.code() == tonic::Code::InvalidArgument => {
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

    /// Crawls, delivers and keeps the lease at the same time.
    async fn work(&self, task_id: String, opened: OpenTaskResponse) -> Result<(), Interrupted> {
        let lease = Lease::new(self.clients.clone(), task_id, &opened);
        let (sender, results) = mpsc::channel(WAITING_RESULTS);
        let crawl = async {
            // Gone at the end of this block, which tells the delivery that no more will come.
            let sender = sender;
            let (items, targets) = self.targets(opened.items, &sender).await?;
            let progress = TaskProgress {
                lease: &lease,
                items: &items,
                sender: &sender,
            };
            let resume = Some(opened.checkpoint.as_slice()).filter(|bytes| !bytes.is_empty());
            let job = Job {
                targets: &targets,
                work: Work {
                    resume,
                    urgency: self.urgency,
                    credential: None,
                },
            };
            self.connector.crawl(job, &progress).await
        };
        let both = async { tokio::join!(crawl, delivery::run(&self.clients, &lease, results)) };
        tokio::select! {
            (crawled, delivered) = both => {
                // The crawl ends early, too, when delivery gave up; so that decides.
                delivered.map_err(|GaveUp| Interrupted::GaveUp)?;
                crawled.map_err(|LeaseLost| Interrupted::Lost)
            }
            LeaseLost = lease.keep() => Err(Interrupted::Lost),
        }
    }

    /// The items as targets, in the same order. One that names no listing is told at once.
    async fn targets(
        &self,
        items: Vec<TaskItem>,
        sender: &mpsc::Sender<delivery::Result>,
    ) -> Result<(Vec<TaskItem>, Vec<Target>), LeaseLost> {
        let (mut good, mut targets) = (Vec::new(), Vec::new());
        for item in items {
            let source = self.connector.about().source;
            match listing_url::from_id(source, &item.marketplace, &item.external_id) {
                Ok(listing) => {
                    targets.push(Target {
                        listing,
                        url: item.url.clone(),
                        strategy: item.strategy.clone(),
                        memo: item.memo.clone(),
                    });
                    good.push(item);
                }
                Err(error) => {
                    let outcome = Outcome::Failed {
                        reason: error.to_string(),
                        retryable: false,
                    };
                    sender.send((item, outcome)).await.map_err(|_| LeaseLost)?;
                }
            }
        }
        Ok((good, targets))
    }
}

/// Why a task did not come to its end here.
enum Interrupted {
    /// Somebody else has it, or it is over.
    Lost,
    /// Core or crawler stayed away for longer than the lease.
    GaveUp,
}

struct TaskProgress<'a> {
    lease: &'a Lease,
    items: &'a [TaskItem],
    sender: &'a mpsc::Sender<delivery::Result>,
}

#[async_trait]
impl Progress for TaskProgress<'_> {
    async fn checkpoint(&self, state: Vec<u8>) -> Result<(), LeaseLost> {
        self.lease.checkpoint(state).await
    }

    async fn outcome(&self, target: usize, outcome: Outcome) -> Result<(), LeaseLost> {
        let Some(item) = self.items.get(target) else {
            return Ok(());
        };
        self.sender
            .send((item.clone(), outcome))
            .await
            .map_err(|_| LeaseLost)
    }

    async fn remember(&self, _: usize, _: Vec<u8>) {}

    async fn cost(&self, _: Cost) {}
}
