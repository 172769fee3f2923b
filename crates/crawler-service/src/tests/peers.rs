//! Core, worker and user-service, as far as the crawler asks them: they keep what they were asked and answer as told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use contracts::catalog::v1::catalog_server::{Catalog, CatalogServer};
use contracts::catalog::v1::record_hits_response::Hit;
use contracts::catalog::v1::{
    ForgetMonitorRequest, ForgetMonitorResponse, ListWatchedRequest, ListWatchedResponse,
    Observation, RecordHitsRequest, RecordHitsResponse, Values,
};
use contracts::crawl::v1::fetch_server::{Fetch, FetchServer};
use contracts::crawl::v1::{
    CheckCredentialRequest, CheckCredentialResponse, Failure, LiveRequest, LiveResponse,
    PreviewRequest, PreviewResponse, SearchRequest, SearchResponse, check_credential_response,
};
use contracts::identity::v1::identity_server::{Identity, IdentityServer};
use contracts::identity::v1::plans_server::{Plans, PlansServer};
use contracts::identity::v1::{
    GetJwksRequest, GetJwksResponse, GetPlanLimitsRequest, GetPlanLimitsResponse, ListPlansRequest,
    ListPlansResponse, Plan, VerifyApiKeyRequest, VerifyApiKeyResponse,
};
use rpc::{Caller, Tokens};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use crate::state::Ways;

/// What the stand-ins were asked and what they answer.
#[derive(Default)]
pub(super) struct Script {
    pub(super) recorded: Vec<RecordHitsRequest>,
    pub(super) forgotten: Vec<String>,
    pub(super) core_away: bool,
    /// The listings' ids by the source's own; 1 for all others, and 0 is refused.
    pub(super) ids: HashMap<String, i64>,
    pub(super) watched: Vec<ListWatchedRequest>,
    pub(super) likely: ListWatchedResponse,
    pub(super) previews: Vec<PreviewRequest>,
    pub(super) searches: Vec<SearchRequest>,
    pub(super) checks: Vec<CheckCredentialRequest>,
    pub(super) lives: Vec<LiveRequest>,
    /// The worker never answers.
    pub(super) hangs: bool,
    pub(super) preview: PreviewResponse,
    pub(super) search: SearchResponse,
    /// `None`: it works.
    pub(super) check: Option<Failure>,
    pub(super) live: LiveResponse,
    /// The plan's floor of intervals.
    pub(super) least_interval: u32,
    pub(super) user_away: bool,
    /// The smaller plan's fetches a day and cents a month; plenty when not told.
    pub(super) crawls_per_day: Option<u32>,
    pub(super) spend_cents: Option<u32>,
}

#[derive(Clone, Default)]
pub(super) struct Peers(Arc<Mutex<Script>>);

impl Peers {
    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().expect("whole")
    }

    /// Serves all of them.
    pub(super) fn serve(&self) -> Ways {
        let tokens = tokens();
        let ((core, core_end), (worker, worker_end)) = (rpc::local::pair(), rpc::local::pair());
        let (user, user_end) = rpc::local::pair();
        let ways = Ways {
            core: core.channel(&tokens.crawler).expect("a token"),
            worker: worker.channel(&tokens.crawler).expect("a token"),
            user: user.channel(&tokens.crawler).expect("a token"),
        };
        let stop = CancellationToken::new();
        let routes = Routes::new(CatalogServer::new(self.clone()));
        tokio::spawn(rpc::local::serve(
            routes,
            core_end,
            tokens.clone(),
            stop.clone(),
        ));
        let routes = Routes::new(FetchServer::new(self.clone()));
        tokio::spawn(rpc::local::serve(
            routes,
            worker_end,
            tokens.clone(),
            stop.clone(),
        ));
        let routes = Routes::new(IdentityServer::new(self.clone()))
            .add_service(PlansServer::new(self.clone()));
        tokio::spawn(rpc::local::serve(routes, user_end, tokens, stop));
        ways
    }

    async fn hang_if_told(&self) {
        if self.script().hangs {
            std::future::pending::<()>().await;
        }
    }
}

pub(super) fn tokens() -> Tokens {
    Tokens {
        user: "u".repeat(16),
        core: "c".repeat(16),
        crawler: "r".repeat(16),
        worker: "w".repeat(16),
        operator: "o".repeat(16),
    }
}

/// A failure in the words of an outcome.
pub(super) fn failure(outcome: &str, retryable: bool, retry_after: Option<u32>) -> Failure {
    Failure {
        outcome: outcome.to_owned(),
        reason: format!("it was {outcome}"),
        retry_after_seconds: retry_after,
        retryable,
    }
}

/// What a list tells of a product.
pub(super) fn seen(source: &str, external_id: &str) -> Observation {
    Observation {
        source: source.to_owned(),
        marketplace: "US".to_owned(),
        external_id: external_id.to_owned(),
        observed_at_us: 1_800_000_000_000_000,
        values: Some(Values::default()),
        ..Observation::default()
    }
}

#[tonic::async_trait]
impl Catalog for Peers {
    async fn record_hits(
        &self,
        request: Request<RecordHitsRequest>,
    ) -> Result<Response<RecordHitsResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        let request = request.into_inner();
        let mut script = self.script();
        if script.core_away {
            return Err(Status::unavailable("core is away"));
        }
        // New is what this stand-in has not seen.
        let known: Vec<String> = script
            .recorded
            .iter()
            .flat_map(|before| before.hits.iter().map(|hit| hit.external_id.clone()))
            .collect();
        let hit = |hit: &Observation| Hit {
            listing_id: script.ids.get(&hit.external_id).copied().unwrap_or(1),
            new: !known.contains(&hit.external_id),
            tracked: false,
            reason: match script.ids.get(&hit.external_id) {
                Some(0) => "it was refused".to_owned(),
                _ => String::new(),
            },
        };
        let hits = request.hits.iter().map(hit).collect();
        script.recorded.push(request);
        Ok(Response::new(RecordHitsResponse { hits }))
    }

    async fn forget_monitor(
        &self,
        request: Request<ForgetMonitorRequest>,
    ) -> Result<Response<ForgetMonitorResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        let mut script = self.script();
        if script.core_away {
            return Err(Status::unavailable("core is away"));
        }
        script.forgotten.push(request.into_inner().monitor_id);
        Ok(Response::new(ForgetMonitorResponse {}))
    }

    async fn list_watched(
        &self,
        request: Request<ListWatchedRequest>,
    ) -> Result<Response<ListWatchedResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        let mut script = self.script();
        if script.core_away {
            return Err(Status::unavailable("core is away"));
        }
        script.watched.push(request.into_inner());
        Ok(Response::new(script.likely.clone()))
    }
}

#[tonic::async_trait]
impl Identity for Peers {
    async fn get_jwks(
        &self,
        _: Request<GetJwksRequest>,
    ) -> Result<Response<GetJwksResponse>, Status> {
        Err(Status::unimplemented("there are no tokens here"))
    }

    async fn verify_api_key(
        &self,
        _: Request<VerifyApiKeyRequest>,
    ) -> Result<Response<VerifyApiKeyResponse>, Status> {
        Err(Status::unimplemented("keys are known otherwise"))
    }

    async fn get_plan_limits(
        &self,
        request: Request<GetPlanLimitsRequest>,
    ) -> Result<Response<GetPlanLimitsResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        let script = self.script();
        if script.user_away {
            return Err(Status::unavailable("user-service is away"));
        }
        Ok(Response::new(GetPlanLimitsResponse {
            plan: "pro".to_owned(),
            min_interval_seconds: script.least_interval,
            ..GetPlanLimitsResponse::default()
        }))
    }
}

#[tonic::async_trait]
impl Plans for Peers {
    async fn list_plans(
        &self,
        request: Request<ListPlansRequest>,
    ) -> Result<Response<ListPlansResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        let script = self.script();
        if script.user_away {
            return Err(Status::unavailable("user-service is away"));
        }
        let plan = Plan {
            code: "pro".to_owned(),
            crawls_per_day: script.crawls_per_day.unwrap_or(1_000_000),
            source_spend_cents_per_month: script.spend_cents.unwrap_or(1_000_000),
            ..Plan::default()
        };
        let larger = Plan {
            code: "enterprise".to_owned(),
            crawls_per_day: 1_000_000,
            source_spend_cents_per_month: 1_000_000,
            ..Plan::default()
        };
        Ok(Response::new(ListPlansResponse {
            plans: vec![plan, larger],
        }))
    }
}

#[tonic::async_trait]
impl Fetch for Peers {
    async fn preview(
        &self,
        request: Request<PreviewRequest>,
    ) -> Result<Response<PreviewResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        self.script().previews.push(request.into_inner());
        self.hang_if_told().await;
        Ok(Response::new(self.script().preview.clone()))
    }

    async fn search(
        &self,
        request: Request<SearchRequest>,
    ) -> Result<Response<SearchResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        self.script().searches.push(request.into_inner());
        self.hang_if_told().await;
        Ok(Response::new(self.script().search.clone()))
    }

    async fn check_credential(
        &self,
        request: Request<CheckCredentialRequest>,
    ) -> Result<Response<CheckCredentialResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        self.script().checks.push(request.into_inner());
        self.hang_if_told().await;
        let result = match self.script().check.clone() {
            None => check_credential_response::Result::Works("Acme's account".to_owned()),
            Some(failure) => check_credential_response::Result::Failure(failure),
        };
        Ok(Response::new(CheckCredentialResponse {
            result: Some(result),
        }))
    }

    async fn live(&self, request: Request<LiveRequest>) -> Result<Response<LiveResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        self.script().lives.push(request.into_inner());
        self.hang_if_told().await;
        Ok(Response::new(self.script().live.clone()))
    }
}
