//! Asking the outside world while somebody waits: through the worker, with a deadline, a few at once for each tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connectors::About;
use contracts::crawl::v1::fetch_client::FetchClient;
use contracts::crawl::v1::live_response::Answer;
use contracts::crawl::v1::preview_response::Found;
use contracts::crawl::v1::search_response::Hits;
use contracts::crawl::v1::{
    CheckCredentialRequest, Failure, LiveRequest, PreviewRequest, SearchRequest,
    check_credential_response, live_response, preview_response, search_response,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// How much longer than we wait the worker may work: so that it is our deadline that ends it.
const SLACK: Duration = Duration::from_millis(500);

/// Why nothing came back.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// As many of the tenant as may are waiting already.
    Busy,
    /// The deadline passed.
    Deadline,
    /// The source told, in the words of an outcome.
    Source(Failure),
    /// The worker is away, or refuses us.
    Worker(Status),
}

/// How long somebody waits, and how many do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The longest for most sources.
    pub(crate) usual: Duration,
    /// The longest for any.
    pub(crate) longest: Duration,
    /// Who may wait at once of one tenant.
    pub(crate) per_tenant: usize,
}

impl Patience {
    fn of(&self, about: &About) -> Duration {
        let patience = self.usual.saturating_mul(about.live_patience);
        patience.min(self.longest).max(self.usual)
    }
}

/// The worker's `Fetch`; cheap to clone.
#[derive(Clone)]
pub(crate) struct Fetching {
    client: FetchClient<rpc::Channel>,
    patience: Patience,
    waiting: Arc<Mutex<HashMap<Uuid, usize>>>,
}

impl Fetching {
    pub(crate) fn new(worker: rpc::Channel, patience: Patience) -> Self {
        Self {
            client: rpc::sized!(FetchClient::new(worker)),
            patience,
            waiting: Arc::default(),
        }
    }

    pub(crate) async fn preview(
        &self,
        tenant_id: Uuid,
        about: &About,
        request: PreviewRequest,
    ) -> Result<Found, Refusal> {
        let mut client = self.client.clone();
        let request = self.timed(about, request);
        match self
            .wait(tenant_id, about, client.preview(request))
            .await?
            .result
        {
            Some(preview_response::Result::Found(found)) => Ok(found),
            Some(preview_response::Result::Failure(failure)) => Err(Refusal::Source(failure)),
            None => Err(empty()),
        }
    }

    pub(crate) async fn search(
        &self,
        tenant_id: Uuid,
        about: &About,
        request: SearchRequest,
    ) -> Result<Hits, Refusal> {
        let mut client = self.client.clone();
        let request = self.timed(about, request);
        match self
            .wait(tenant_id, about, client.search(request))
            .await?
            .result
        {
            Some(search_response::Result::Hits(hits)) => Ok(hits),
            Some(search_response::Result::Failure(failure)) => Err(Refusal::Source(failure)),
            None => Err(empty()),
        }
    }

    /// Whether a credential works; a word for people.
    pub(crate) async fn check(
        &self,
        tenant_id: Uuid,
        about: &About,
        request: CheckCredentialRequest,
    ) -> Result<String, Refusal> {
        let mut client = self.client.clone();
        let request = self.timed(about, request);
        let answer = self
            .wait(tenant_id, about, client.check_credential(request))
            .await?;
        match answer.result {
            Some(check_credential_response::Result::Works(works)) => Ok(works),
            Some(check_credential_response::Result::Failure(failure)) => {
                Err(Refusal::Source(failure))
            }
            None => Err(empty()),
        }
    }

    pub(crate) async fn live(
        &self,
        tenant_id: Uuid,
        about: &About,
        request: LiveRequest,
    ) -> Result<Answer, Refusal> {
        let mut client = self.client.clone();
        let request = self.timed(about, request);
        match self
            .wait(tenant_id, about, client.live(request))
            .await?
            .result
        {
            Some(live_response::Result::Answer(answer)) => Ok(answer),
            Some(live_response::Result::Failure(failure)) => Err(Refusal::Source(failure)),
            None => Err(empty()),
        }
    }

    fn timed<T>(&self, about: &About, body: T) -> Request<T> {
        let mut request = Request::new(body);
        request.set_timeout(self.patience.of(about) + SLACK);
        request
    }

    async fn wait<T>(
        &self,
        tenant_id: Uuid,
        about: &About,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, Refusal> {
        let _turn = self.turn(tenant_id).ok_or(Refusal::Busy)?;
        match tokio::time::timeout(self.patience.of(about), call).await {
            Err(_) => Err(Refusal::Deadline),
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) if status.code() == tonic::Code::DeadlineExceeded => {
                Err(Refusal::Deadline)
            }
            Ok(Err(status)) => Err(Refusal::Worker(status)),
        }
    }

    fn turn(&self, tenant_id: Uuid) -> Option<Turn> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.entry(tenant_id).or_default();
        if *count >= self.patience.per_tenant {
            return None;
        }
        *count += 1;
        Some(Turn {
            waiting: Arc::clone(&self.waiting),
            tenant_id,
        })
    }
}

fn empty() -> Refusal {
    Refusal::Worker(Status::internal("the worker's answer holds nothing"))
}

/// One who waits; given back when dropped, also when the caller hangs up.
struct Turn {
    waiting: Arc<Mutex<HashMap<Uuid, usize>>>,
    tenant_id: Uuid,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = waiting.get_mut(&self.tenant_id) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.tenant_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_source_has_longer_but_never_beyond_all_limits() {
        let patience = |usual, longest| Patience {
            usual: Duration::from_secs(usual),
            longest: Duration::from_secs(longest),
            per_tenant: 1,
        };
        let (slow, quick) = (&connectors::amazon::ABOUT, &connectors::popmart::ABOUT);
        assert!(patience(20, 600).of(slow) > Duration::from_secs(20));
        assert_eq!(patience(20, 600).of(quick), Duration::from_secs(20));
        assert_eq!(patience(20, 30).of(slow), Duration::from_secs(30));
        assert_eq!(patience(20, 10).of(slow), Duration::from_secs(20));
    }
}
