//! `/api/v1/api-keys`: credentials of programs.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use db::{ApiPool, TenantTx};
use garde::Validate;
use http_kit::auth::{Actor, Permission, Scope};
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Path, auth};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::storage;
use crate::rules::{self, api_key::ApiKey, scope};
use crate::storage::api_keys::{self, ApiKeyRow, NewApiKey};

/// A key to make.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateApiKey {
    /// What the key is for.
    #[garde(custom(|value: &str, _: &()| rules::valid(rules::tenant_name::parse(value))))]
    #[schema(example = "nightly export")]
    name: String,
    /// What it may do: at least one, and no more than its maker may.
    #[garde(custom(|value: &[Scope], _: &()| rules::valid(scope::parse(value))))]
    scopes: Vec<Scope>,
    /// When it stops working; absent: when revoked.
    #[garde(skip)]
    expires_at: Option<DateTime<Utc>>,
}

/// A key, once.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedApiKey {
    id: Uuid,
    name: String,
    /// How the key begins.
    prefix: String,
    scopes: Vec<Scope>,
    expires_at: Option<DateTime<Utc>>,
    /// The whole key, for `X-API-Key`. It is shown here only.
    key: String,
}

/// A key as it is listed.
#[derive(Serialize, ToSchema)]
pub(super) struct ApiKeyView {
    id: Uuid,
    name: String,
    /// How the key begins.
    prefix: String,
    scopes: Vec<String>,
    /// The person or key that made it; null when the operator did.
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    /// To the minute.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<ApiKeyRow> for ApiKeyView {
    fn from(row: ApiKeyRow) -> Self {
        let ApiKeyRow {
            id,
            name,
            prefix,
            scopes,
            created_by,
            created_at,
            expires_at,
            last_used_at,
        } = row;
        Self {
            id,
            name,
            prefix,
            scopes,
            created_by,
            created_at,
            expires_at,
            last_used_at,
        }
    }
}

/// The tenant's keys, newest first. Revoked ones are not shown.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "api-keys", params(PageRequest),
    responses((status = 200, body = Page<ApiKeyView>), ReadProblems))]
pub(super) async fn list_api_keys(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
    page: PageRequest,
) -> ApiResult<Json<Page<ApiKeyView>>> {
    let before: Option<Uuid> = page.after()?;
    let fetch = i64::try_from(page.fetch()).map_err(ApiError::internal)?;
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let rows = api_keys::list(&tx, caller.tenant_id, before, fetch)
        .await
        .map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let page = Page::of(rows, page.limit, |row| Cursor::after(&row.id));
    Ok(Json(page.map(ApiKeyView::from)))
}

/// Make a key. The answer is the only place where it is shown whole.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "api-keys", request_body = CreateApiKey,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeated request harmless")),
    responses((status = 201, body = CreatedApiKey), WriteProblems))]
pub(super) async fn create_api_key(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
    Json(body): Json<CreateApiKey>,
) -> ApiResult<(StatusCode, Json<CreatedApiKey>)> {
    let now = Utc::now();
    let CreateApiKey {
        name,
        scopes,
        expires_at,
    } = body;
    let name = rules::tenant_name::parse(&name).map_err(|why| ApiError::invalid("name", why))?;
    let scopes = scope::parse(&scopes).map_err(|why| ApiError::invalid("scopes", why))?;
    if !scope::may_grant(&held(&caller.actor), &scopes) {
        return Err(ApiError::denied(
            "A key cannot be given more than its maker may do. Leave scopes out.",
        ));
    }
    if expires_at.is_some_and(|end| end <= now) {
        return Err(ApiError::invalid("expires_at", "must be in the future"));
    }
    let key = ApiKey::generate(&mut rand::rng());
    let id = Uuid::now_v7();
    let names: Vec<String> = scopes
        .iter()
        .map(|scope| scope.as_str().to_owned())
        .collect();
    let new = NewApiKey {
        id,
        name: &name,
        prefix: key.prefix(),
        key_sha256: key.sha256(),
        scopes: &names,
        created_by: Some(caller.actor.id()),
        expires_at,
    };
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    api_keys::insert(&tx, caller.tenant_id, new, now)
        .await
        .map_err(storage)?;
    audit::about("api_key", id);
    audit::detail("name", name.as_str());
    audit::detail("scopes", names.clone());
    tx.commit().await.map_err(storage)?;
    let prefix = key.prefix().to_owned();
    let created = CreatedApiKey {
        id,
        name,
        prefix,
        scopes,
        expires_at,
        key: key.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revoke a key. Other processes notice within seconds.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", tag = "api-keys", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Revoked"), ReadProblems))]
pub(super) async fn revoke_api_key(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let revoked = api_keys::revoke(&tx, caller.tenant_id, id, Utc::now())
        .await
        .map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    if revoked {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}

/// What a caller may do, as scopes.
fn held(actor: &Actor) -> Vec<Scope> {
    match actor {
        Actor::ApiKey { scopes, .. } => scopes.clone(),
        Actor::User { role, .. } => {
            let granted = Permission::ALL
                .into_iter()
                .filter(|permission| permission.granted_to(*role));
            granted.map(Permission::scope).collect()
        }
    }
}
