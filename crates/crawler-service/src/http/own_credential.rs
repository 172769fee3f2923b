//! The tenant's own credential, for what a person asks the outside world right now.

use std::collections::HashMap;

use connectors::{About, Ownership};
use domain::source::Source;
use http_kit::{ApiError, ApiResult};
use uuid::Uuid;

use super::{Api, database};
use crate::sealing;
use crate::storage::credentials;

/// What is known of a source named in a path; 404 when it is none of ours.
pub(super) fn about(source: &str) -> ApiResult<&'static About> {
    let named: Option<Source> = source.parse().ok();
    named
        .and_then(connectors::about)
        .ok_or_else(ApiError::not_found)
}

/// The fields of the tenant's credential; none for sources that need none.
///
/// # Errors
/// 422 where the source cannot be read without one and the tenant has none.
pub(super) async fn fields(
    api: &Api,
    tenant_id: Uuid,
    about: &About,
) -> ApiResult<HashMap<String, String>> {
    if about.credential.is_empty() {
        return Ok(HashMap::new());
    }
    let source = about.source.as_str();
    let tx = api.begin(tenant_id).await?;
    let stored = credentials::sealed(&tx, source).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    match stored {
        Some(stored) => sealing::open(&api.ring, &stored).map_err(ApiError::internal),
        None if about.ownership == Ownership::Public => Ok(HashMap::new()),
        None => Err(missing(source)),
    }
}

/// The tenant has none for a source that cannot be read without.
pub(super) fn missing(source: &str) -> ApiError {
    ApiError::invalid(
        "credential",
        format!(
            "no credential for this source; add one under PUT /api/v1/sources/{source}/credential"
        ),
    )
}
