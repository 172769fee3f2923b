//! What a page says, before it is tracked.

use axum::extract::State;
use connectors::{About, listing_url};
use contracts::crawl::v1::{PreviewRequest, preview_response};
use garde::Validate;
use http_kit::openapi::{UpstreamProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Json, auth};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::found::FoundProduct;
use super::refusals::refused;
use super::{Api, database, own_credential};
use crate::rules::searching;
use crate::storage::crawls;

/// A page to look at: its address, or source, marketplace and the source's own id.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewOf {
    /// The product page's address.
    #[garde(inner(length(min = 1, max = 2000)))]
    #[schema(example = "https://shop.example/lamp")]
    url: Option<String>,
    /// One of `GET /api/v1/sources`.
    #[garde(inner(length(max = 24)))]
    source: Option<String>,
    /// Upper-case ISO 3166 code; the source's first when left out.
    #[garde(inner(length(max = 2)))]
    marketplace: Option<String>,
    /// The source's own id.
    #[garde(inner(length(min = 1, max = 2000)))]
    external_id: Option<String>,
}

impl PreviewOf {
    /// The page's address, which is one of the source's; and the field to name when it leads nowhere.
    fn page(self) -> ApiResult<(String, &'static About, &'static str)> {
        if let Some(url) = self.url {
            let listing = listing_url::parse(&url)
                .map_err(|unknown| ApiError::invalid("url", unknown.to_string()))?;
            let about = own_credential::about(listing.source.as_str())?;
            return Ok((url, about, "url"));
        }
        let (Some(source), Some(external_id)) = (self.source, self.external_id) else {
            return Err(ApiError::invalid(
                "url",
                "is required, unless source and external_id are named",
            ));
        };
        let about = own_credential::about(&source)
            .map_err(|_| ApiError::invalid("source", "is not a source; see GET /api/v1/sources"))?;
        let marketplace = self.marketplace.map(|code| code.to_ascii_uppercase());
        let marketplace = marketplace.unwrap_or_else(|| searching::marketplace(about, None));
        let listing = listing_url::from_id(about.source, &marketplace, &external_id)
            .map_err(|unknown| ApiError::invalid("external_id", unknown.to_string()))?;
        let page = listing_url::page(&listing);
        if page.is_empty() {
            return Err(ApiError::invalid(
                "external_id",
                format!(
                    "{} has no pages to look at; search for it instead",
                    about.name
                ),
            ));
        }
        Ok((page, about, "external_id"))
    }
}

/// What was found on a page, by each way of reading it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Preview {
    /// The source that the address belongs to.
    source: String,
    /// Upper-case ISO 3166 code.
    marketplace: String,
    /// The id it would be tracked by.
    external_id: String,
    /// The page's address after redirects.
    url: String,
    /// The tenant's tracking of it; null: not tracked.
    tracked: Option<TrackedAs>,
    /// The strategy that is trusted most: used unless the tracking names another.
    chosen: Option<String>,
    /// What each strategy found, the most trusted first.
    candidates: Vec<Candidate>,
    /// Figures about which they differ.
    disagreements: Vec<Disagreement>,
}

/// A tracking that exists.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct TrackedAs {
    product_id: i64,
    tracking_id: Uuid,
}

/// What one strategy found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Candidate {
    /// `json_ld`, `microdata`, `rdfa`, `open_graph`, `text`, or `api` for a source that is read in one way only.
    strategy: String,
    /// 0 to 100: how far it is trusted with this page.
    confidence: u32,
    product: FoundProduct,
    /// The product's variants, where the page tells.
    variants: Vec<FoundProduct>,
}

/// A figure that strategies tell differently.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Disagreement {
    /// `price`, `currency`, `availability` or `title`.
    field: String,
    told: Vec<Told>,
}

/// What one strategy says of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Told {
    strategy: String,
    value: String,
}

/// Looks at a product page before it is tracked: what is found there, by which strategy, and where they disagree.
///
/// Nothing is stored. The source is asked with its usual manners, so a page may have to wait for its turn; after the
/// deadline the answer is 504.
#[utoipa::path(post, path = "/api/v1/sources/preview", tag = "sources", request_body = PreviewOf,
    responses((status = 200, body = Preview), WriteProblems, UpstreamProblems))]
pub(super) async fn preview_page(
    State(api): State<Api>,
    auth::Write(caller): auth::Write,
    Json(body): Json<PreviewOf>,
) -> ApiResult<Json<Preview>> {
    let (url, about, field) = body.page()?;
    let credential = own_credential::fields(&api, caller.tenant_id, about).await?;
    let request = PreviewRequest {
        url,
        credential,
        task_id: api.account(caller.tenant_id, about).await?,
    };
    let found = api.fetching.preview(caller.tenant_id, about, request).await;
    let found = found.map_err(|refusal| refused(refusal, Some(field)))?;
    let tx = api.begin(caller.tenant_id).await?;
    let tracked = crawls::tracking_of(&tx, &found.source, &found.marketplace, &found.external_id)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    Ok(Json(shown(found, tracked)))
}

fn shown(found: preview_response::Found, tracked: Option<crawls::TrackedListing>) -> Preview {
    let candidate = |candidate: preview_response::Candidate| {
        Some(Candidate {
            strategy: candidate.strategy,
            confidence: candidate.confidence.min(100),
            product: candidate.observation?.into(),
            variants: candidate.variants.into_iter().map(Into::into).collect(),
        })
    };
    let candidates: Vec<Candidate> = found.candidates.into_iter().filter_map(candidate).collect();
    let told = |told: preview_response::Told| Told {
        strategy: told.strategy,
        value: told.value,
    };
    Preview {
        source: found.source,
        marketplace: found.marketplace,
        external_id: found.external_id,
        url: found.url,
        tracked: tracked.map(|row| TrackedAs {
            product_id: row.target_id,
            tracking_id: row.id,
        }),
        chosen: candidates.first().map(|first| first.strategy.clone()),
        candidates,
        disagreements: found
            .disagreements
            .into_iter()
            .map(|disagreement| Disagreement {
                field: disagreement.field,
                told: disagreement.told.into_iter().map(told).collect(),
            })
            .collect(),
    }
}
