//! `/api/v1/tenant`: the caller's tenant.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use db::{ApiPool, TenantTx, violated_constraint};
use garde::Validate;
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Json, auth, etag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::owner;
use super::plans::PlanView;
use crate::accounts::AccountError;
use crate::error::storage;
use crate::rules::slug::Slug;
use crate::rules::{self, base_currency, locale, rise_color, tenant_name, time_zone};
use crate::storage::plans::{self, Plan};
use crate::storage::slugs;
use crate::storage::tenants::{self, Change, SLUG_KEY, Tenant};
use crate::tenants::Life;

/// A tenant and what it may use.
#[derive(Serialize, ToSchema)]
pub(super) struct TenantView {
    id: Uuid,
    slug: String,
    name: String,
    /// Code of its plan.
    plan: String,
    /// What the plan allows.
    limits: PlanView,
    /// `active`, `suspended` or `deleting`.
    status: String,
    /// From when on it is erased; null unless it waits to be deleted.
    delete_at: Option<DateTime<Utc>>,
    /// IANA name of its time zone, in which "daily at two" is meant.
    #[schema(example = "Asia/Shanghai")]
    time_zone: String,
    /// Its language: `en`, `zh-Hans` or `zh-Hant`.
    #[schema(example = "en")]
    locale: String,
    /// ISO 4217: in which currency figures of several shops are compared.
    #[schema(example = "USD")]
    base_currency: String,
    /// What a rising price looks like: `green` or `red`. A falling one is the other.
    #[schema(example = "green")]
    rise_color: String,
    created_at: DateTime<Utc>,
}

impl TenantView {
    pub(super) fn of(tenant: Tenant, plan: Plan) -> Self {
        Self {
            id: tenant.id,
            slug: tenant.slug,
            name: tenant.name,
            plan: tenant.plan_code,
            limits: plan.into(),
            status: tenant.status,
            delete_at: tenant.delete_at,
            time_zone: tenant.time_zone,
            locale: tenant.locale,
            base_currency: tenant.base_currency,
            rise_color: tenant.rise_color,
            created_at: tenant.created_at,
        }
    }
}

/// What to change; absent parts stay.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeTenant {
    /// What the tenant calls itself, up to 100 characters.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(tenant_name::parse(value)))))]
    name: Option<String>,
    /// IANA name. Schedules that are made from now on are in this time zone; those there are keep theirs.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(time_zone::parse(value)))))]
    #[schema(example = "Asia/Shanghai")]
    time_zone: Option<String>,
    /// `en`, `zh-Hans` or `zh-Hant`.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(locale::parse(value)))))]
    #[schema(example = "en")]
    locale: Option<String>,
    /// ISO 4217 code.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(base_currency::parse(value)))))]
    #[schema(example = "CNY")]
    base_currency: Option<String>,
    /// `green` or `red`.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(rise_color::parse(value)))))]
    #[schema(example = "red")]
    rise_color: Option<String>,
    /// Another name in addresses: an owner's to choose. The former one leads here for 30 days and is nobody else's
    /// meanwhile; three at most are held so. Access tokens name the slug: get a new one with `POST /auth/refresh`.
    #[garde(inner(custom(|value: &str, _: &()| rules::valid(Slug::parse(value)))))]
    #[schema(example = "acme-toys")]
    slug: Option<String>,
}

/// The caller's tenant.
#[utoipa::path(get, path = "/api/v1/tenant", tag = "tenant",
    responses((status = 200, body = TenantView), ReadProblems))]
pub(super) async fn get_tenant(
    State(pool): State<ApiPool>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let tenant = tenants::get(&tx, caller.tenant_id).await.map_err(storage)?;
    let plan = plans::of_tenant(&tx, caller.tenant_id)
        .await
        .map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let (tenant, plan) = tenant.zip(plan).ok_or_else(ApiError::not_found)?;
    etag::respond(&headers, &TenantView::of(tenant, plan))
}

/// Change the caller's tenant.
#[utoipa::path(patch, path = "/api/v1/tenant", tag = "tenant", request_body = ChangeTenant,
    responses((status = 200, body = TenantView), WriteProblems))]
pub(super) async fn change_tenant(
    State(pool): State<ApiPool>,
    State(life): State<Life>,
    auth::Admin(caller): auth::Admin,
    Json(body): Json<ChangeTenant>,
) -> ApiResult<Json<TenantView>> {
    let refused = |field: &'static str| move |why| ApiError::invalid(field, why);
    let change = Change {
        name: (body.name.as_deref().map(tenant_name::parse))
            .transpose()
            .map_err(refused("name"))?,
        time_zone: (body.time_zone.as_deref().map(time_zone::parse))
            .transpose()
            .map_err(refused("time_zone"))?,
        locale: (body.locale.as_deref().map(locale::parse))
            .transpose()
            .map_err(refused("locale"))?,
        base_currency: (body.base_currency.as_deref().map(base_currency::parse))
            .transpose()
            .map_err(refused("base_currency"))?,
        rise_color: (body.rise_color.as_deref().map(rise_color::parse))
            .transpose()
            .map_err(refused("rise_color"))?,
    };
    let slug = (body.slug.as_deref().map(Slug::parse))
        .transpose()
        .map_err(refused("slug"))?;
    if slug.is_some() {
        owner::require(&caller)?;
    }
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    if let Some(slug) = slug {
        take(&tx, &slug, Utc::now() + life.former_slug).await?;
    }
    let tenant = tenants::change(&tx, caller.tenant_id, change)
        .await
        .map_err(storage)?;
    let plan = plans::of_tenant(&tx, caller.tenant_id)
        .await
        .map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let (tenant, plan) = tenant.zip(plan).ok_or_else(ApiError::not_found)?;
    Ok(Json(TenantView::of(tenant, plan)))
}

/// Gives the tenant another slug, unless somebody has it or it is held, or the tenant gave up too many lately.
async fn take(tx: &TenantTx, slug: &Slug, held_until: DateTime<Utc>) -> ApiResult<()> {
    let free_at = slugs::rename_after(tx, slug.as_str()).await;
    if let Some(at) = free_at.map_err(storage)? {
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        return Err(ApiError::conflict(format!(
            "Three former slugs are held for this tenant. Take one of them again, or choose another one after {at}."
        ))
        .with_field("slug", "cannot be changed again yet"));
    }
    match slugs::take(tx, slug.as_str(), held_until).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(AccountError::SlugTaken.into()),
        Err(error) if violated_constraint(&error).as_deref() == Some(SLUG_KEY) => {
            Err(AccountError::SlugTaken.into())
        }
        Err(error) => Err(storage(error)),
    }
}
