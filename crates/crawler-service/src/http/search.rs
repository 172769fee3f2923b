//! Searching a source before anything is tracked.

use axum::extract::State;
use connectors::Ability;
use contracts::crawl::v1::{Discovery, SearchRequest};
use garde::Validate;
use http_kit::openapi::{ReadProblems, UpstreamProblems};
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult, Json, Path, Query, auth};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::found::FoundProduct;
use super::refusals::refused;
use super::{Api, own_credential};
use crate::rules::searching;

/// Hits when the request does not say.
const DEFAULT_HITS: u32 = 20;

/// What to search for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LiveSearch {
    /// Words; may be left out where a category is named.
    #[garde(inner(length(chars, max = 200)))]
    q: Option<String>,
    /// A category, by the source's own name, number or address: narrows the words, or stands alone.
    #[garde(inner(length(chars, min = 1, max = 500)))]
    category: Option<String>,
    /// Upper-case ISO 3166 code; the source's first when left out.
    #[garde(inner(length(max = 2)))]
    marketplace: Option<String>,
    /// Hits, 1 to 100; 20 when left out.
    #[garde(inner(range(min = 1, max = 100)))]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// What a live search found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SearchAnswer {
    source: String,
    marketplace: String,
    /// In the source's order, each as far as its list tells.
    items: Vec<FoundProduct>,
    /// How many there are in all, where the source tells.
    total: Option<u64>,
    /// More was there than the limit.
    more: bool,
}

/// Searches a source live. Nothing is stored; a source that is read with a credential is asked with the tenant's own,
/// and one that costs money only for those who may change things.
#[utoipa::path(get, path = "/api/v1/sources/{source}/search", tag = "sources",
    params(("source" = String, Path, description = "One of `GET /api/v1/sources`"), LiveSearch),
    responses((status = 200, body = SearchAnswer), ReadProblems, UpstreamProblems))]
pub(super) async fn search_source(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Path(source): Path<String>,
    Query(wanted): Query<LiveSearch>,
) -> ApiResult<Json<SearchAnswer>> {
    let about = own_credential::about(&source)?;
    let words = wanted.q.as_deref().unwrap_or_default().trim();
    let (kind, term, category) = match (words, wanted.category.as_deref()) {
        ("", Some(category)) => ("category", category.trim(), None),
        (words, category) => ("keyword", words, category),
    };
    let marketplace = wanted.marketplace.map(|code| code.to_ascii_uppercase());
    let marketplace = marketplace.unwrap_or_else(|| searching::marketplace(about, None));
    let problems = searching::problems(about, kind, term, category, &marketplace);
    if !problems.is_empty() {
        return Err(ApiError::invalid_fields(
            problems
                .into_iter()
                .map(|(field, message)| named(field, kind, message))
                .collect(),
        ));
    }
    if about.abilities.contains(&Ability::Paid) {
        auth::Permission::Write.check(&caller)?;
    }
    let credential = own_credential::fields(&api, caller.tenant_id, about).await?;
    let request = SearchRequest {
        source: source.clone(),
        search: Some(Discovery {
            kind: kind.to_owned(),
            term: term.to_owned(),
            category: category.map(ToOwned::to_owned),
            marketplace: marketplace.clone(),
            limit: wanted.limit.unwrap_or(DEFAULT_HITS),
            fence: 0,
        }),
        credential,
        task_id: api.account(caller.tenant_id, about).await?,
    };
    let hits = api.fetching.search(caller.tenant_id, about, request).await;
    let hits = hits.map_err(|refusal| refused(refusal, None))?;
    Ok(Json(SearchAnswer {
        source,
        marketplace,
        items: hits.found.into_iter().map(Into::into).collect(),
        total: hits.total,
        more: hits.more,
    }))
}

/// A problem under the name of the parameter that can mend it.
fn named(field: &'static str, kind: &str, message: String) -> FieldError {
    let parameter = if kind == "category" { "category" } else { "q" };
    match field {
        "term" => FieldError::new(parameter, message),
        "kind" => FieldError::new(
            parameter,
            format!("this source cannot be searched by {kind}"),
        ),
        _ => FieldError::new(field, message),
    }
}
