//! Apify's own JSON, as far as we read it. What actors put into datasets is read by [`super::row`].

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::{Number, Value};

use crate::json::{decimal, lenient};

/// Single objects come wrapped.
#[derive(Debug, Deserialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}

/// A run of an actor. `null` and absence are the same in all but the first three.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) status: RunStatus,
    pub(crate) default_dataset_id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) default_key_value_store_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) status_message: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) started_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) finished_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient")]
    usage_total_usd: Option<Number>,
}

impl Run {
    /// Millionths of a US dollar, rounded up; `None` while Apify tells none.
    pub(crate) fn micro_usd(&self) -> Option<i64> {
        decimal(self.usage_total_usd.as_ref()?)?
            .checked_mul(Decimal::from(1_000_000))?
            .ceil()
            .to_i64()
            .filter(|cost| *cost >= 0)
    }
}

/// Hyphens here; Apify's webhooks spell the same with underscores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub(crate) enum RunStatus {
    Ready,
    Running,
    #[serde(alias = "TIMING_OUT")]
    TimingOut,
    Aborting,
    Succeeded,
    Failed,
    #[serde(alias = "TIMED_OUT")]
    TimedOut,
    Aborted,
    /// A status Apify did not have when this was written. The run is paid: wait for one we know.
    #[serde(other)]
    Other,
}

impl RunStatus {
    pub(crate) fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::TimedOut | Self::Aborted
        )
    }
}

/// A list of runs. Entries that are no runs are left out.
#[derive(Debug, Deserialize)]
pub(crate) struct Runs {
    items: Vec<Value>,
}

impl Runs {
    pub(crate) fn into_vec(self) -> Vec<Run> {
        self.items
            .into_iter()
            .filter_map(|item| serde_json::from_value(item).ok())
            .collect()
    }
}

/// Every error.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) error: ErrorDetail,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ErrorDetail {
    /// The part to match on; messages change.
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(extra: Value) -> Run {
        let mut run = json!({"id": "r", "status": "RUNNING", "defaultDatasetId": "d"});
        if let (Some(run), Value::Object(extra)) = (run.as_object_mut(), extra) {
            run.extend(extra);
        }
        serde_json::from_value(run).expect("a run")
    }

    #[test]
    fn every_status_is_known_and_a_new_one_is_not_the_end() {
        for (word, status, ended) in [
            ("READY", RunStatus::Ready, false),
            ("RUNNING", RunStatus::Running, false),
            ("TIMING-OUT", RunStatus::TimingOut, false),
            ("ABORTING", RunStatus::Aborting, false),
            ("SUCCEEDED", RunStatus::Succeeded, true),
            ("FAILED", RunStatus::Failed, true),
            ("TIMED-OUT", RunStatus::TimedOut, true),
            ("TIMED_OUT", RunStatus::TimedOut, true),
            ("ABORTED", RunStatus::Aborted, true),
            ("HIBERNATING", RunStatus::Other, false),
        ] {
            let run = run(json!({ "status": word }));
            assert_eq!(
                (run.status, run.status.is_final()),
                (status, ended),
                "{word}"
            );
        }
    }

    #[test]
    fn the_cost_is_exact_and_may_be_untold() {
        let cost = |usd: Value| run(json!({ "usageTotalUsd": usd })).micro_usd();
        assert_eq!(cost(json!(0.2654)), Some(265_400));
        assert_eq!(cost(json!(0.000_000_1)), Some(1));
        assert_eq!(cost(json!(null)), None);
        assert_eq!(cost(json!("free")), None);
        assert_eq!(cost(json!(-1)), None);
    }

    #[test]
    fn oddities_in_what_may_be_absent_do_no_harm() {
        let run = run(json!({"startedAt": "yesterday", "statusMessage": 7, "finishedAt": null}));
        assert_eq!((run.started_at, run.status_message), (None, None));
        let runs: Runs = serde_json::from_value(json!({"items": [
            {"id": "r", "status": "READY", "defaultDatasetId": "d"}, {"id": 1}, null
        ]}))
        .expect("a list");
        assert_eq!(runs.into_vec().len(), 1);
    }
}
