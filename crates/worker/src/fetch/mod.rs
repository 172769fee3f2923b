//! `Fetch`: what somebody waits for, asked of the outside world at once. Nothing is queued, leased
//! or stored; the caller's deadline ends all but what is paid for.

mod once;
mod preview;

use std::collections::HashMap;
use std::sync::Arc;

use connectors::live::LiveCall;
use connectors::{Connector, Credential, Outcome, Registry, Work};
use contracts::crawl::v1::fetch_server::Fetch;
use contracts::crawl::v1::{
    CheckCredentialRequest, CheckCredentialResponse, LiveRequest, LiveResponse, PreviewRequest,
    PreviewResponse, SearchRequest, SearchResponse, check_credential_response, live_response,
    preview_response, search_response,
};
use domain::source::Source;
use rpc::Caller;
use tonic::{Request, Response, Status};
use tracing::Instrument;

use crate::clients::Clients;
use crate::convert;
use crate::task::search;
use once::Once;

/// Callers of this service.
const CALLERS: &[Caller] = &[Caller::Crawler];

/// The handler.
pub(crate) struct FetchGrpc {
    pub(crate) registry: Registry,
    pub(crate) clients: Clients,
}

impl FetchGrpc {
    /// Work of which the cost is told under a task.
    fn once(&self, task_id: String) -> Once {
        Once::new(self.clients.clone(), task_id)
    }

    fn connector(&self, source: &str) -> Result<Arc<dyn Connector>, Status> {
        let named: Result<Source, _> = source.parse();
        named
            .ok()
            .and_then(|source| self.registry.get(source))
            .ok_or_else(|| Status::invalid_argument(format!("`{source}` is not a source")))
    }
}

/// None where the caller sent no field.
fn credential(fields: HashMap<String, String>) -> Option<Credential> {
    (!fields.is_empty()).then(|| Credential::new(fields))
}

fn needed(credential: Option<Credential>) -> Result<Credential, Outcome> {
    credential.ok_or_else(|| Outcome::Failed {
        reason: "this source needs a credential".into(),
        retryable: false,
    })
}

/// Waits for work. What is paid for goes on when the caller's patience ends, so that its cost is told.
async fn to_its_end<T: Send + 'static>(
    paid: bool,
    work: impl Future<Output = Result<T, Outcome>> + Send + 'static,
) -> Result<T, Outcome> {
    if !paid {
        return work.await;
    }
    let going_on = tokio::spawn(work.in_current_span());
    going_on.await.unwrap_or_else(|stopped| {
        tracing::error!(error = %stopped, "paid work stopped");
        Err(Outcome::Failed {
            reason: "it stopped on our side".into(),
            retryable: true,
        })
    })
}

#[tonic::async_trait]
impl Fetch for FetchGrpc {
    async fn preview(
        &self,
        request: Request<PreviewRequest>,
    ) -> Result<Response<PreviewResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let PreviewRequest {
            url,
            credential: fields,
            task_id,
        } = request.into_inner();
        let once = self.once(task_id);
        let (registry, paid) = (self.registry.clone(), once.is_paid());
        let asked =
            async move { preview::preview(&registry, &url, credential(fields), once).await };
        let found = to_its_end(paid, asked).await;
        let result = match found {
            Ok(found) => preview_response::Result::Found(found),
            Err(outcome) => preview_response::Result::Failure(convert::failure(&outcome)),
        };
        Ok(Response::new(PreviewResponse {
            result: Some(result),
        }))
    }

    async fn search(
        &self,
        request: Request<SearchRequest>,
    ) -> Result<Response<SearchResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let connector = self.connector(&request.source)?;
        let wanted = request
            .search
            .ok_or_else(|| Status::invalid_argument("search is missing"))?;
        let credential = credential(request.credential);
        let once = self.once(request.task_id);
        let paid = once.is_paid();
        let asked = async move {
            let work = Work {
                credential: credential.as_ref(),
                ..Work::URGENT
            };
            connector.search(&search(&wanted)?, work, &once).await
        };
        let result = match to_its_end(paid, asked).await {
            Ok(hits) => search_response::Result::Hits(search_response::Hits {
                found: hits
                    .found
                    .iter()
                    .map(|hit| convert::observation(hit, 0, None))
                    .collect(),
                total: hits.total,
                more: hits.more,
            }),
            Err(outcome) => search_response::Result::Failure(convert::failure(&outcome)),
        };
        Ok(Response::new(SearchResponse {
            result: Some(result),
        }))
    }

    async fn check_credential(
        &self,
        request: Request<CheckCredentialRequest>,
    ) -> Result<Response<CheckCredentialResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let connector = self.connector(&request.source)?;
        let asked = async {
            connector
                .check(&needed(credential(request.credential))?)
                .await
        };
        let result = match asked.await {
            Ok(works) => check_credential_response::Result::Works(works),
            Err(outcome) => check_credential_response::Result::Failure(convert::failure(&outcome)),
        };
        Ok(Response::new(CheckCredentialResponse {
            result: Some(result),
        }))
    }

    async fn live(&self, request: Request<LiveRequest>) -> Result<Response<LiveResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let connector = self.connector(&request.source)?;
        let call = LiveCall {
            name: request.name,
            parameters: request.parameters.into_iter().collect(),
        };
        let asked = async {
            let credential = needed(credential(request.credential))?;
            connector.live(&call, &credential).await
        };
        let owner = Some(request.owner_tenant_id).filter(|id| !id.is_empty());
        let result = match asked.await {
            Ok(answer) => live_response::Result::Answer(live_response::Answer {
                body: answer.body.to_string(),
                observations: answer
                    .observations
                    .iter()
                    .map(|row| convert::observation(row, 0, owner.as_deref()))
                    .collect(),
            }),
            Err(outcome) => live_response::Result::Failure(convert::failure(&outcome)),
        };
        Ok(Response::new(LiveResponse {
            result: Some(result),
        }))
    }
}
