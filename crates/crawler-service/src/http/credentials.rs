//! A tenant's credential for a source: written, tested, deleted, never shown.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use connectors::About;
use contracts::crawl::v1::CheckCredentialRequest;
use garde::Validate;
use http::{HeaderMap, StatusCode};
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult, Json, Path, auth, etag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::categories::sync;
use super::{Api, database, own_credential, syncs};
use crate::fetching::Refusal;
use crate::sealing;
use crate::storage::credentials::{self, Checked, Shown};

/// The longest value, in bytes.
const LONGEST_VALUE: usize = 4096;

/// What a tenant supplies to read a source with.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialFields {
    /// All fields, by the names that `credential_fields` of the source gives; they take the place of what was stored.
    #[garde(length(min = 1, max = 50))]
    fields: BTreeMap<String, String>,
}

/// What may be told of a credential: never its values.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Credential {
    /// Of which source.
    #[schema(example = "haier")]
    pub(super) source: String,
    /// Which fields are set.
    pub(super) fields: Vec<String>,
    /// `works`, `failed` (the source refuses it) or `untested` (the test could not be made).
    pub(super) status: String,
    /// For people: the account's name, or why it does not work.
    pub(super) message: String,
    /// When it was tested or last used with success.
    pub(super) checked_at: Option<DateTime<Utc>>,
    /// When its values were written.
    pub(super) updated_at: DateTime<Utc>,
}

impl From<Shown> for Credential {
    fn from(row: Shown) -> Self {
        Self {
            source: row.source,
            fields: row.fields,
            status: row.status,
            message: row.message,
            checked_at: row.checked_at,
            updated_at: row.updated_at,
        }
    }
}

/// Tells which fields of the tenant's credential are set and whether it works. 404 without one.
#[utoipa::path(get, path = "/api/v1/sources/{source}/credential", tag = "sources",
    params(("source" = String, Path, description = "One of `GET /api/v1/sources`")),
    responses((status = 200, body = Credential), ReadProblems))]
pub(super) async fn get_credential(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Path(source): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let about = own_credential::about(&source)?;
    let shown = shown(&api, caller.tenant_id, about).await?;
    etag::respond(&headers, &shown)
}

/// Stores the tenant's credential, encrypted, and tests it at once.
///
/// It is stored whether or not it works, so that it can be corrected field by field elsewhere first: `status` and
/// `message` say how the test went, and crawls go out with it in any case. Values are never shown again. One that works
/// starts a full sync, where the source lists its catalogue: see `GET /api/v1/sync-logs`.
#[utoipa::path(put, path = "/api/v1/sources/{source}/credential", tag = "sources",
    params(("source" = String, Path, description = "One of `GET /api/v1/sources`")),
    request_body = CredentialFields, responses((status = 200, body = Credential), WriteProblems))]
pub(super) async fn put_credential(
    State(api): State<Api>,
    auth::Admin(caller): auth::Admin,
    Path(source): Path<String>,
    Json(body): Json<CredentialFields>,
) -> ApiResult<Json<Credential>> {
    let about = own_credential::about(&source)?;
    let fields = accepted(about, body.fields).map_err(ApiError::invalid_fields)?;
    let new =
        sealing::seal(&api.ring, caller.tenant_id, about, &fields).map_err(ApiError::internal)?;
    let tx = api.begin(caller.tenant_id).await?;
    let now = Utc::now();
    let before = credentials::sealed(&tx, &source).await.map_err(database)?;
    let before = before.and_then(|sealed| sealing::open(&api.ring, &sealed).ok());
    let changed =
        before.is_none_or(|before| before.into_iter().collect::<BTreeMap<_, _>>() != fields);
    let version = credentials::put(&tx, new, now).await.map_err(database)?;
    sync::everywhere(&tx, now).await?;
    tx.commit().await.map_err(database)?;
    tracing::info!(source, version, "a credential was stored");
    test(&api, caller.tenant_id, about, version, fields, changed).await?;
    Ok(Json(shown(&api, caller.tenant_id, about).await?))
}

/// Tests the stored credential again.
#[utoipa::path(post, path = "/api/v1/sources/{source}/credential/test", tag = "sources",
    params(("source" = String, Path, description = "One of `GET /api/v1/sources`")),
    responses((status = 200, body = Credential), WriteProblems))]
pub(super) async fn test_credential(
    State(api): State<Api>,
    auth::Admin(caller): auth::Admin,
    Path(source): Path<String>,
) -> ApiResult<Json<Credential>> {
    let about = own_credential::about(&source)?;
    let tx = api.begin(caller.tenant_id).await?;
    let known = credentials::get(&tx, &source).await.map_err(database)?;
    let sealed = credentials::sealed(&tx, &source).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    let (Some(known), Some(sealed)) = (known, sealed) else {
        return Err(ApiError::not_found());
    };
    let fields = sealing::open(&api.ring, &sealed).map_err(ApiError::internal)?;
    let fields = fields.into_iter().collect();
    test(&api, caller.tenant_id, about, known.version, fields, false).await?;
    Ok(Json(shown(&api, caller.tenant_id, about).await?))
}

/// Deletes the tenant's credential. What was read with it stays; what needs it is not read any more.
#[utoipa::path(delete, path = "/api/v1/sources/{source}/credential", tag = "sources",
    params(("source" = String, Path, description = "One of `GET /api/v1/sources`")),
    responses((status = 204, description = "Deleted"), WriteProblems))]
pub(super) async fn delete_credential(
    State(api): State<Api>,
    auth::Admin(caller): auth::Admin,
    Path(source): Path<String>,
) -> ApiResult<StatusCode> {
    own_credential::about(&source)?;
    let tx = api.begin(caller.tenant_id).await?;
    if !credentials::delete(&tx, &source).await.map_err(database)? {
        return Err(ApiError::not_found());
    }
    sync::everywhere(&tx, Utc::now()).await?;
    tx.commit().await.map_err(database)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn shown(api: &Api, tenant_id: Uuid, about: &About) -> ApiResult<Credential> {
    let tx = api.begin(tenant_id).await?;
    let row = credentials::get(&tx, about.source.as_str())
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    row.map(Into::into).ok_or_else(ApiError::not_found)
}

/// The fields that are set, or everything that is wrong with them.
fn accepted(
    about: &About,
    given: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Vec<FieldError>> {
    let mut problems = Vec::new();
    let path = |name: &str| format!("fields.{name}");
    for (name, value) in &given {
        let complaint = if !about.credential.iter().any(|field| field.name == name) {
            format!("is not a field of {}", about.name)
        } else if value.len() > LONGEST_VALUE {
            format!("must be at most {LONGEST_VALUE} bytes")
        } else if value.chars().any(char::is_control) {
            "must not hold control characters".to_owned()
        } else {
            continue;
        };
        problems.push(FieldError::new(path(name), complaint));
    }
    // An empty text is a form's way to say nothing.
    let mut fields = given;
    fields.retain(|_, value| !value.trim().is_empty());
    let missing = about
        .credential
        .iter()
        .filter(|field| !field.optional && !fields.contains_key(field.name));
    problems.extend(missing.map(|field| FieldError::new(path(field.name), "is required")));
    if about.credential.is_empty() {
        problems = vec![FieldError::new(
            "fields",
            format!("{} needs no credential", about.name),
        )];
    }
    if problems.is_empty() {
        Ok(fields)
    } else {
        Err(problems)
    }
}

/// Tests one version of a credential and writes how it went; what waited for a good one goes on now, and the
/// catalogue that it shows is synced.
async fn test(
    api: &Api,
    tenant_id: Uuid,
    about: &About,
    version: i64,
    fields: BTreeMap<String, String>,
    changed: bool,
) -> ApiResult<()> {
    let source = about.source.as_str();
    let request = CheckCredentialRequest {
        source: source.to_owned(),
        credential: fields.into_iter().collect(),
    };
    let checked = judged(api.fetching.check(tenant_id, about, request).await);
    let works = checked.status == "works";
    let now = Utc::now();
    let tx = api.begin(tenant_id).await?;
    credentials::checked(&tx, source, version, checked, now)
        .await
        .map_err(database)?;
    if works {
        credentials::revive(&tx, source, now)
            .await
            .map_err(database)?;
        syncs::by_credential(&tx, about, changed, now).await?;
    }
    tx.commit().await.map_err(database)?;
    api.wake.now();
    Ok(())
}

/// What a test says of a credential. One that could not be made says nothing against it.
fn judged(result: Result<String, Refusal>) -> Checked {
    let (status, message) = match result {
        Ok(works) => ("works", works),
        // A source that is left alone for a while refused us before it saw this credential.
        Err(Refusal::Source(failure)) if failure.retry_after_seconds.is_some() => {
            ("untested", format!("not tested: {}", failure.reason))
        }
        Err(Refusal::Source(failure)) => match (failure.outcome.as_str(), failure.retryable) {
            ("blocked" | "not_found", _) | ("failed", false) => ("failed", failure.reason),
            _ => ("untested", format!("not tested: {}", failure.reason)),
        },
        Err(Refusal::Deadline) => (
            "untested",
            "not tested: the source did not answer in time".to_owned(),
        ),
        Err(Refusal::Busy) => (
            "untested",
            "not tested: too many live requests at once; test it again".to_owned(),
        ),
        Err(Refusal::Worker(status)) => {
            tracing::warn!(%status, "a credential was not tested");
            ("untested", "not tested: no worker answers".to_owned())
        }
    };
    Checked {
        status,
        message: message
            .chars()
            .filter(|c| !c.is_control())
            .take(500)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str, given: &[(&str, &str)]) -> Vec<String> {
        let about = own_credential::about(source).expect("registered");
        let given = given
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let problems = accepted(about, given.collect()).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        assert_eq!(
            names(
                "haier",
                &[("client_id", "a"), ("secret", "b"), ("password", " ")]
            ),
            [
                "fields.secret",
                "fields.client_secret",
                "fields.customer_code",
                "fields.password"
            ]
        );
        let whole = [
            ("client_id", "a"),
            ("client_secret", "b"),
            ("customer_code", "c"),
            ("password", "d"),
            ("county_code", ""),
        ];
        assert!(names("haier", &whole).is_empty());
        assert_eq!(names("amazon", &[("token", "x")]), ["fields"]);
    }
}
