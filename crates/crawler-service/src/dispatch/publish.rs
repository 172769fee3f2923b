//! Telling the broker about leased tasks.

use bus::Outgoing;
use chrono::Utc;
use contracts::messages::v1::CrawlTask;
use db::SystemTx;
use prost::Message;
use uuid::Uuid;

use super::{Dispatcher, Pass};
use crate::storage::claim::{self, Task};
use crate::storage::lease;

impl Dispatcher {
    /// Publishes with confirms. What is not confirmed is given back at once: should the message have arrived all the
    /// same, its task is no longer live when a worker opens it.
    pub(super) async fn publish(&self, tasks: Vec<Task>, pass: &mut Pass) -> anyhow::Result<()> {
        let outgoing = tasks.iter().map(|task| self.outgoing(task)).collect();
        let results = self.publisher.publish_confirmed(outgoing).await;
        let (mut confirmed, mut refused): (Vec<Uuid>, Vec<Uuid>) = (Vec::new(), Vec::new());
        for (task, result) in tasks.iter().zip(results) {
            match result {
                Ok(()) => confirmed.push(task.id),
                Err(error) => {
                    if refused.is_empty() {
                        tracing::warn!(%error, source = self.source.as_str(), "task not confirmed; given back");
                    }
                    refused.push(task.id);
                }
            }
        }
        pass.published = confirmed.len();
        pass.refused = refused.len();
        for (result, count) in [("confirmed", confirmed.len()), ("refused", refused.len())] {
            metrics::counter!(
                "crawl_tasks_published_total",
                "source" => self.source.to_string(),
                "result" => result
            )
            .increment(count as u64);
        }
        let now = Utc::now();
        let tx = SystemTx::begin(&self.pool).await?;
        if !confirmed.is_empty() {
            claim::mark_published(&tx, confirmed, now, now + self.settings.lease).await?;
        }
        if !refused.is_empty() {
            lease::release(&tx, refused, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    fn outgoing(&self, task: &Task) -> Outgoing {
        let body = CrawlTask {
            task_id: task.id.to_string(),
            source: task.source.as_str().to_owned(),
            priority: task.priority.as_str().to_owned(),
            items: task.items(),
        };
        let outgoing = Outgoing::crawl_task(
            &self.topology,
            task.source,
            task.priority,
            body.encode_to_vec(),
        )
        .with_id(task.id.to_string());
        match &task.traceparent {
            // Otherwise the publisher adds the dispatcher's own span: a fresh trace.
            None => outgoing,
            Some(traceparent) => outgoing.with_header("traceparent", traceparent),
        }
    }
}
