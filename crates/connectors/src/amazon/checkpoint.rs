//! What must survive a worker: a run that is started twice is billed twice.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use super::actor::Actor;
use crate::{LeaseLost, Progress};

/// How far a run is, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// About to be started, or started without anybody knowing.
    Starting(Starting),
    /// Started, by Apify's id.
    Started(String),
}

/// A start that may have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Starting {
    /// Before the first try of this work; a run of ours is no older.
    pub(crate) since: DateTime<Utc>,
    /// Before the last try.
    pub(crate) sent: DateTime<Utc>,
    /// What a run of ours was started with.
    pub(crate) mark: Mark,
}

/// Recognises an input without keeping it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The fields that we set. Apify fills in defaults of others.
    fields: Vec<String>,
    digest: String,
}

impl Mark {
    pub(crate) fn of(input: &Value) -> Self {
        let fields: Vec<String> = match input {
            Value::Object(fields) => fields.keys().cloned().collect(),
            _ => Vec::new(),
        };
        Self {
            digest: digest(input, &fields),
            fields,
        }
    }

    /// Whether a run that was started with `input` may be ours.
    pub(crate) fn fits(&self, input: &Value) -> bool {
        digest(input, &self.fields) == self.digest
    }
}

/// A digest of some fields, whatever the order in which they are written.
fn digest(input: &Value, fields: &[String]) -> String {
    let kept: BTreeMap<&str, Value> = fields
        .iter()
        .map(|field| (field.as_str(), sorted(&input[field.as_str()])))
        .collect();
    let text = serde_json::to_vec(&kept).unwrap_or_default();
    hex::encode(Md5::digest(&text))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().map(|(k, v)| (k, sorted(v))).collect();
            // In this order even if maps keep the order of insertion.
            fields.into_iter().map(|(k, v)| (k.clone(), v)).collect()
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// All runs of a task, by their actors.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Checkpoint {
    #[serde(default)]
    runs: BTreeMap<String, Stage>,
    /// The one run that older versions knew.
    #[serde(default, skip_serializing)]
    run_id: Option<String>,
}

/// Keeps the checkpoint of a task while its runs go on at the same time.
pub(crate) struct Ledger<'a> {
    checkpoint: Mutex<Checkpoint>,
    progress: &'a dyn Progress,
}

impl<'a> Ledger<'a> {
    /// Goes on from the last checkpoint; one that cannot be read counts as none.
    pub(crate) fn open(resume: Option<&[u8]>, progress: &'a dyn Progress) -> Self {
        let checkpoint = resume
            .and_then(|bytes| {
                serde_json::from_slice(bytes)
                    .inspect_err(|error| tracing::warn!(%error, "a checkpoint cannot be read"))
                    .ok()
            })
            .unwrap_or_default();
        Self {
            checkpoint: Mutex::new(checkpoint),
            progress,
        }
    }

    /// Where the actor's run stands.
    pub(crate) async fn stage(&self, actor: &Actor) -> Option<Stage> {
        let checkpoint = self.checkpoint.lock().await;
        checkpoint
            .runs
            .get(actor.path())
            .cloned()
            .or_else(|| checkpoint.run_id.clone().map(Stage::Started))
    }

    /// Keeps where the actor's run stands. Returns when it is durable.
    pub(crate) async fn keep(&self, actor: &Actor, stage: Stage) -> Result<(), LeaseLost> {
        // Held meanwhile: an older state must not overtake a newer one.
        let mut checkpoint = self.checkpoint.lock().await;
        checkpoint.runs.insert(actor.path().to_owned(), stage);
        checkpoint.run_id = None;
        let bytes = serde_json::to_vec(&*checkpoint).unwrap_or_default();
        self.progress.checkpoint(bytes).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_input_is_recognised_in_any_order_and_with_defaults_filled_in() {
        let mark = Mark::of(&json!({"urls": ["a", "b"], "deep": {"x": 1, "y": 2}}));
        assert!(mark.fits(&json!({"deep": {"y": 2, "x": 1}, "urls": ["a", "b"], "proxy": true})));
        assert!(!mark.fits(&json!({"urls": ["b", "a"], "deep": {"x": 1, "y": 2}})));
        assert!(!mark.fits(&json!({"urls": ["a", "b"]})));
        assert!(!mark.fits(&json!("text")));
    }
}
