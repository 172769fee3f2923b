//! When trackings are due and how they last went, which crawler knows.

use std::collections::HashMap;
use std::time::Duration;

use chrono::DateTime;
use contracts::crawl::v1::crawl_client::CrawlClient;
use contracts::crawl::v1::{GetTrackingStatesRequest, TrackingState};
use tonic::Request;
use uuid::Uuid;

use super::view::Tracking;
use crate::State;

/// A list is not worth waiting longer for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Fills in what crawler knows; with crawler away it stays null.
pub async fn fill(state: &State, tenant_id: Uuid, trackings: &mut [Tracking]) {
    if trackings.is_empty() {
        return;
    }
    let mut request = Request::new(GetTrackingStatesRequest {
        tenant_id: tenant_id.to_string(),
        tracking_ids: trackings
            .iter()
            .map(|tracking| tracking.id.to_string())
            .collect(),
    });
    request.set_timeout(PATIENCE);
    let mut crawler = rpc::sized!(CrawlClient::new(state.crawler()));
    let states = match tokio::time::timeout(PATIENCE, crawler.get_tracking_states(request)).await {
        Ok(Ok(answer)) => answer.into_inner().states,
        Ok(Err(status)) => {
            tracing::warn!(code = %status.code(), error = status.message(), "crawler does not tell when trackings are due");
            return;
        }
        Err(_) => {
            tracing::warn!("crawler takes too long to tell when trackings are due");
            return;
        }
    };
    let mut states: HashMap<String, TrackingState> = states
        .into_iter()
        .map(|state| (state.tracking_id.clone(), state))
        .collect();
    for tracking in trackings {
        let Some(known) = states.remove(&tracking.id.to_string()) else {
            continue;
        };
        let time = |unix: Option<i64>| unix.and_then(|unix| DateTime::from_timestamp(unix, 0));
        tracking.next_due_at = time(known.next_due_at_unix);
        tracking.last_crawl_at = time(known.last_crawl_at_unix);
        tracking.last_outcome = known.last_outcome;
    }
}
