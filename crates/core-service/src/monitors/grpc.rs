//! `bellwether.catalog.v1.Catalog`.

use chrono::{DateTime, Utc};
use contracts::catalog::v1 as wire;
use contracts::catalog::v1::catalog_server::Catalog;
use rpc::Caller;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::record::{self, Monitor};
use super::watched::{self, Wanted};
use crate::State;

/// Most hits of one request.
const MOST: usize = 1_000;
/// Most listings of one answer.
const MOST_WATCHED: u32 = 10_000;
/// Longest name of a monitor kept, in characters.
const LONGEST_NAME: usize = 200;
/// As for any tracking.
const MOST_TAGS: usize = 20;
const LONGEST_TAG: usize = 50;

/// The service's handler.
#[derive(Clone)]
pub struct CatalogGrpc(pub State);

#[tonic::async_trait]
impl Catalog for CatalogGrpc {
    async fn record_hits(
        &self,
        request: Request<wire::RecordHitsRequest>,
    ) -> Result<Response<wire::RecordHitsResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        let wire::RecordHitsRequest {
            tenant_id,
            monitor,
            hits,
        } = request.into_inner();
        let tenant_id = id("tenant_id", &tenant_id)?;
        if hits.len() > MOST {
            return Err(Status::invalid_argument(format!(
                "at most {MOST} hits a request"
            )));
        }
        let monitor = monitor.map(read).transpose()?;
        let count = hits.len();
        let hits = record::record(&self.0, tenant_id, monitor, hits, Utc::now()).await?;
        tracing::info!(
            hits = count,
            new = hits.iter().filter(|hit| hit.new).count(),
            tracked = hits.iter().filter(|hit| hit.tracked).count(),
            refused = hits.iter().filter(|hit| hit.listing_id == 0).count(),
            "hits recorded"
        );
        Ok(Response::new(wire::RecordHitsResponse { hits }))
    }

    async fn forget_monitor(
        &self,
        request: Request<wire::ForgetMonitorRequest>,
    ) -> Result<Response<wire::ForgetMonitorResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        let request = request.into_inner();
        let tenant_id = id("tenant_id", &request.tenant_id)?;
        let monitor_id = id("monitor_id", &request.monitor_id)?;
        record::forget(&self.0, tenant_id, monitor_id).await?;
        Ok(Response::new(wire::ForgetMonitorResponse {}))
    }

    async fn list_watched(
        &self,
        request: Request<wire::ListWatchedRequest>,
    ) -> Result<Response<wire::ListWatchedResponse>, Status> {
        Caller::check(&request, &[Caller::Crawler])?;
        let request = request.into_inner();
        let tenant_id = id("tenant_id", &request.tenant_id)?;
        let since = request.price_changed_since_unix.map(|unix| {
            DateTime::from_timestamp(unix, 0)
                .ok_or_else(|| Status::invalid_argument("price_changed_since_unix is no time"))
        });
        let wanted = Wanted {
            source: request.source,
            price_changed_since: since.transpose()?,
            stock_at_most: request.stock_at_most,
            category: request.category,
            brand: request.brand,
            limit: request.limit.min(MOST_WATCHED),
        };
        let (watched, listings) = watched::list(&self.0, tenant_id, &wanted).await?;
        Ok(Response::new(wire::ListWatchedResponse {
            listings: listings.into_iter().map(Into::into).collect(),
            watched,
        }))
    }
}

fn read(sent: wire::Monitor) -> Result<Monitor, Status> {
    let cut = |text: String, longest: usize| -> String {
        let clean = text.trim().chars().filter(|c| *c != '\0');
        clean.take(longest).collect()
    };
    let tags = sent.tags.into_iter().map(|tag| cut(tag, LONGEST_TAG));
    Ok(Monitor {
        id: id("monitor.id", &sent.id)?,
        name: cut(sent.name, LONGEST_NAME),
        tell: sent.alert && !sent.first,
        track_up_to: i64::from(sent.track_up_to),
        tags: tags.filter(|tag| !tag.is_empty()).take(MOST_TAGS).collect(),
    })
}

fn id(field: &str, text: &str) -> Result<Uuid, Status> {
    text.parse()
        .map_err(|_| Status::invalid_argument(format!("{field} is not a UUID")))
}
