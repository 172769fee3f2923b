//! `/api/v1/api-keys`: credentials of programs.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use db::{ApiPool, TenantTx};
use garde::Validate;
use http_kit::auth::{Actor, Permission, Principal, Scope};
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Path, auth};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::auth::Maybe;
use crate::error::storage;
use crate::rules::reach::{Beyond, Reach};
use crate::rules::{self, api_key::ApiKey, network, scope};
use crate::storage::api_keys::{self, ApiKeyRow, NewApiKey};

/// How long a key goes on beside its successor, unless somebody says otherwise.
const A_DAY: u32 = 86_400;

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
    /// When it stops working; absent: when revoked. A key that makes one gives no more time than it has itself.
    #[garde(skip)]
    expires_at: Option<DateTime<Utc>>,
    /// Addresses or networks from which it may be used, 50 at most; absent: from anywhere. A key that makes one names
    /// none beyond its own.
    #[serde(default)]
    #[garde(custom(|value: &[String], _: &()| rules::valid(network::parse(value))))]
    #[schema(example = json!(["203.0.113.0/24", "2001:db8::1"]))]
    allowed_addresses: Vec<String>,
}

/// How a key is replaced.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateApiKey {
    /// For how long the key until now goes on beside the new one; absent: a day. With 0 it ends at once.
    #[garde(inner(range(max = 2_592_000)))]
    #[schema(maximum = 2_592_000)]
    overlap_seconds: Option<u32>,
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
    /// Networks from which it may be used; none: from anywhere.
    allowed_addresses: Vec<String>,
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
    /// To some seconds.
    last_used_at: Option<DateTime<Utc>>,
    /// Networks from which it may be used; none: from anywhere.
    allowed_addresses: Vec<String>,
    /// The key that takes its place; it goes on until `expires_at`.
    rotated_to: Option<Uuid>,
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
            allowed_addresses,
            rotated_to,
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
            allowed_addresses,
            rotated_to,
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
        allowed_addresses,
    } = body;
    // As it is stored, so that what the answer says can be said again.
    let expires_at = expires_at.map(|end| end.trunc_subsecs(6));
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
    let allowed = network::parse(&allowed_addresses)
        .map_err(|why| ApiError::invalid("allowed_addresses", why))?;
    let wanted = Wanted {
        name,
        scopes,
        expires_at,
        allowed_addresses: allowed.iter().map(IpNet::to_string).collect(),
    };
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    if let Some(own) = own_reach(&tx, &caller).await? {
        wanted
            .reach()?
            .within(&own)
            .map_err(|beyond| match beyond {
                Beyond::Time(last) => {
                    let last = last.to_rfc3339_opts(SecondsFormat::Secs, true);
                    let why = format!("must not be after {last}, when the key that asks ends");
                    ApiError::invalid("expires_at", why)
                }
                Beyond::Place => ApiError::invalid(
                    "allowed_addresses",
                    "must lie within the networks of the key that asks",
                ),
            })?;
    }
    let created = wanted.make(&tx, &caller, now).await?;
    tx.commit().await.map_err(storage)?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Replace a key by a new one with the same name, scopes and addresses. Both work until the overlap is over, so that
/// programs can be changed one by one. A key that was made for a time is followed by one for as long if a person asks;
/// one that a key asks for ends when the one before would have.
#[utoipa::path(post, path = "/api/v1/api-keys/{id}/rotate", tag = "api-keys", request_body = Option<RotateApiKey>,
    params(("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeated request harmless")),
    responses((status = 201, body = CreatedApiKey), WriteProblems))]
pub(super) async fn rotate_api_key(
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
    Path(id): Path<Uuid>,
    Maybe(body): Maybe<RotateApiKey>,
) -> ApiResult<(StatusCode, Json<CreatedApiKey>)> {
    let now = Utc::now();
    let overlap = body.overlap_seconds.unwrap_or(A_DAY);
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let old = api_keys::get_locked(&tx, caller.tenant_id, id)
        .await
        .map_err(storage)?
        .ok_or_else(ApiError::not_found)?;
    if let Some(next) = old.rotated_to {
        return Err(ApiError::conflict(
            "This API key was rotated before. Rotate the one that took its place, `rotated_to`.",
        )
        .with_member("rotated_to", next.to_string()));
    }
    if old.expires_at.is_some_and(|end| end <= now) {
        return Err(ApiError::conflict(
            "This API key has expired. Make a new one with POST /api/v1/api-keys.",
        ));
    }
    let scopes: Vec<Scope> = old
        .scopes
        .iter()
        .filter_map(|scope| scope.parse().ok())
        .collect();
    if !scope::may_grant(&held(&caller.actor), &scopes) {
        return Err(ApiError::denied(
            "A key cannot be given more than its maker may do. Ask somebody who may do what this key does.",
        ));
    }
    let own = own_reach(&tx, &caller).await?;
    let wanted = Wanted {
        name: old.name,
        scopes,
        // No key gives itself more time.
        expires_at: match own {
            Some(_) => old.expires_at,
            None => old.expires_at.map(|end| now + (end - old.created_at)),
        },
        allowed_addresses: old.allowed_addresses,
    };
    if let Some(own) = own
        && wanted.reach()?.within(&own).is_err()
    {
        return Err(ApiError::denied(
            "A key cannot rotate one that lasts longer or may be used from more places than itself. Ask a person who \
             is an admin.",
        ));
    }
    let created = wanted.make(&tx, &caller, now).await?;
    audit::detail("rotated_from", id.to_string());
    let until = now + TimeDelta::seconds(overlap.into());
    api_keys::replace(&tx, caller.tenant_id, id, created.id, until)
        .await
        .map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// What a new key is like, checked.
struct Wanted {
    name: String,
    scopes: Vec<Scope>,
    expires_at: Option<DateTime<Utc>>,
    allowed_addresses: Vec<String>,
}

impl Wanted {
    fn reach(&self) -> ApiResult<Reach> {
        reach(self.expires_at, &self.allowed_addresses)
    }

    /// Draws and stores it.
    async fn make(
        self,
        tx: &TenantTx,
        caller: &Principal,
        now: DateTime<Utc>,
    ) -> ApiResult<CreatedApiKey> {
        let Self {
            name,
            scopes,
            expires_at,
            allowed_addresses,
        } = self;
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
            allowed_addresses: &allowed_addresses,
        };
        api_keys::insert(tx, caller.tenant_id, new, now)
            .await
            .map_err(storage)?;
        audit::about("api_key", id);
        audit::detail("name", name.as_str());
        audit::detail("scopes", names);
        Ok(CreatedApiKey {
            id,
            prefix: key.prefix().to_owned(),
            key: key.expose().to_owned(),
            name,
            scopes,
            expires_at,
            allowed_addresses,
        })
    }
}

/// Revoke a key. It is refused everywhere within a second.
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

/// How far the key that asks reaches; nothing for a person.
async fn own_reach(tx: &TenantTx, caller: &Principal) -> ApiResult<Option<Reach>> {
    let Actor::ApiKey { id, .. } = caller.actor else {
        return Ok(None);
    };
    let own = api_keys::get(tx, caller.tenant_id, id).await;
    let own = own.map_err(storage)?.ok_or_else(|| {
        ApiError::unauthenticated("This API key was revoked. Ask for another one.")
    })?;
    reach(own.expires_at, &own.allowed_addresses).map(Some)
}

/// Networks are checked before they are stored.
fn reach(ends: Option<DateTime<Utc>>, networks: &[String]) -> ApiResult<Reach> {
    let networks = network::parse(networks).map_err(ApiError::internal)?;
    Ok(Reach { ends, networks })
}

/// What a caller may do, as scopes.
fn held(actor: &Actor) -> Vec<Scope> {
    match actor {
        Actor::ApiKey { scopes, .. } => scopes.iter().collect(),
        Actor::User { role, .. } => {
            let granted = Permission::ALL
                .into_iter()
                .filter(|permission| permission.granted_to(*role));
            granted.map(Permission::scope).collect()
        }
    }
}
