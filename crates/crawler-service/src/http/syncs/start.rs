//! Starting a sync.

use std::collections::BTreeSet;

use axum::extract::State;
use chrono::{DateTime, Utc};
use connectors::{About, Ownership, listing_url};
use db::TenantTx;
use garde::Validate;
use http::{HeaderName, StatusCode, header};
use http_kit::openapi::WriteProblems;
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult, Json, Path, auth};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shapes::{Mode, SyncLog};
use crate::http::{Api, database, own_credential};
use crate::rules::searching;
use crate::rules::sync::{self, Asked, Trigger};
use crate::storage::syncs::{self, Log, NewSync};
use crate::storage::{credentials, sync_work};

/// What to sync.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SyncRequest {
    /// `incremental` when left out.
    #[garde(skip)]
    mode: Option<Mode>,
    /// These alone, by the source's own ids; for an incremental sync.
    #[garde(length(max = 1000), inner(length(chars, min = 1, max = 200)))]
    #[serde(default)]
    codes: Vec<String>,
    /// What is of this category, by the source's own name or number.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    category: Option<String>,
    /// What is of this brand.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    brand: Option<String>,
    /// Upper-case ISO 3166 code; the source's first when left out.
    #[garde(inner(length(max = 2)))]
    marketplace: Option<String>,
    /// It is about prices: an incremental sync without codes looks at what moved its price in the last week.
    #[garde(skip)]
    #[serde(default)]
    prices: bool,
    /// It is about stock: an incremental sync without codes looks at what is nearly gone or sold out.
    #[garde(skip)]
    #[serde(default)]
    stock: bool,
}

/// Sync a catalogue.
///
/// `full` walks all that the source lists for this tenant, or a category or brand of it. `incremental` reads the codes
/// named, or of what the tenant watches whatever is likely to have changed. What is read is watched from then on. One
/// sync of a source runs at a time: 409 names the one that does.
#[utoipa::path(post, path = "/api/v1/sync/{source}", tag = "syncs", request_body = SyncRequest,
    params(("source" = String, Path, description = "`haier`, `alibaba1688` or `popmart`"),
           ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request twice")),
    responses((status = 202, body = SyncLog), WriteProblems))]
pub(in crate::http) async fn start_sync(
    State(api): State<Api>,
    auth::CrawlScope(caller): auth::CrawlScope,
    Path(source): Path<String>,
    Json(body): Json<SyncRequest>,
) -> ApiResult<(StatusCode, [(HeaderName, String); 1], Json<SyncLog>)> {
    let about = own_credential::about(&source)?;
    let (mode, marketplace, asked) = wanted(about, body)?;
    let tx = api.begin(caller.tenant_id).await?;
    check_credential(&tx, about).await?;
    if mode == sync::Mode::Full {
        check_listable(&tx, about, &asked).await?;
    }
    let first = !syncs::was_full(&tx, &source).await.map_err(database)?;
    let now = Utc::now();
    let new = NewSync {
        id: Uuid::now_v7(),
        trigger: asked.trigger(mode, first),
        source: source.clone(),
        marketplace,
        mode,
        asked,
    };
    let id = new.id;
    let begun = syncs::begin(&tx, new, now).await.map_err(database)?;
    if !begun {
        let running = syncs::under_way(&tx, &source).await.map_err(database)?;
        return Err(runs(about, running));
    }
    let log = syncs::get(&tx, id).await.map_err(database)?;
    audit::about("sync_log", id);
    tx.commit().await.map_err(database)?;
    api.wake.now();
    let log = log.ok_or_else(ApiError::not_found)?;
    Ok((
        StatusCode::ACCEPTED,
        [(header::LOCATION, format!("/api/v1/sync-logs/{id}"))],
        Json(SyncLog::at(log, now)),
    ))
}

/// A credential that works shows a catalogue. It is synced in full when nobody has seen it, or not with these values,
/// unless a sync goes on already.
pub(in crate::http) async fn by_credential(
    tx: &TenantTx,
    about: &About,
    changed: bool,
    now: DateTime<Utc>,
) -> ApiResult<()> {
    if !sync::follows_credential(about) {
        return Ok(());
    }
    let source = about.source.as_str();
    let trigger = match syncs::was_full(tx, source).await.map_err(database)? {
        false => Trigger::FirstRun,
        true if changed => Trigger::CredentialsChanged,
        true => return Ok(()),
    };
    let new = NewSync {
        id: Uuid::now_v7(),
        source: source.to_owned(),
        marketplace: searching::marketplace(about, None),
        mode: sync::Mode::Full,
        trigger,
        asked: Asked::default(),
    };
    syncs::begin(tx, new, now).await.map_err(database)?;
    Ok(())
}

fn runs(about: &About, running: Option<Log>) -> ApiError {
    ApiError::conflict(match running {
        Some(log) => format!(
            "A {} sync of {} runs since {}: GET /api/v1/sync-logs/{}. Wait for its end.",
            log.mode.unwrap_or_default(),
            about.name,
            log.started_at
                .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            log.id
        ),
        None => format!("A sync of {} has just ended. Try again.", about.name),
    })
}

/// The request in our terms, or everything that is wrong with it.
fn wanted(about: &About, body: SyncRequest) -> ApiResult<(sync::Mode, String, Asked)> {
    if !sync::syncs(about) {
        return Err(ApiError::invalid(
            "source",
            format!(
                "{} has no catalogue that can be synced; those that have: {}",
                about.name,
                syncable()
            ),
        ));
    }
    let mode: sync::Mode = body.mode.unwrap_or(Mode::Incremental).into();
    let mut problems = Vec::new();
    let marketplace = body.marketplace.map(|code| code.to_ascii_uppercase());
    let marketplace = marketplace.unwrap_or_else(|| searching::marketplace(about, None));
    if !searching::serves(about, &marketplace) {
        problems.push(FieldError::new(
            "marketplace",
            searching::marketplaces(about),
        ));
    }
    let mut codes = BTreeSet::new();
    for (place, code) in body.codes.iter().enumerate() {
        match listing_url::from_id(about.source, &marketplace, code.trim()) {
            Ok(listing) => drop(codes.insert(listing.external_id)),
            Err(error) if problems.is_empty() => {
                problems.push(FieldError::new(
                    format!("codes[{place}]"),
                    error.to_string(),
                ));
            }
            Err(_) => {}
        }
    }
    let text = |text: Option<String>| {
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let asked = Asked {
        codes: codes.into_iter().collect(),
        category: text(body.category),
        brand: text(body.brand),
        prices: body.prices,
        stock: body.stock,
    };
    if !body.codes.is_empty() && mode == sync::Mode::Full {
        problems.push(FieldError::new(
            "codes",
            "belong to an incremental sync; leave them out, or ask for mode incremental",
        ));
    }
    if !body.codes.is_empty() && (asked.category.is_some() || asked.brand.is_some()) {
        problems.push(FieldError::new(
            "codes",
            "say exactly what is meant; leave out category and brand",
        ));
    }
    if mode == sync::Mode::Full
        && let Err((field, message)) = sync::listing(about, &asked)
    {
        problems.push(FieldError::new(field, message));
    }
    match problems.is_empty() {
        true => Ok((mode, marketplace, asked)),
        false => Err(ApiError::invalid_fields(problems)),
    }
}

fn syncable() -> String {
    let all = connectors::registry::ALL.iter();
    let names: Vec<&str> = all
        .filter(|about| sync::syncs(about))
        .map(|about| about.source.as_str())
        .collect();
    names.join(", ")
}

async fn check_credential(tx: &TenantTx, about: &About) -> ApiResult<()> {
    if about.ownership != Ownership::Tenant {
        return Ok(());
    }
    let source = about.source.as_str();
    match credentials::get(tx, source).await.map_err(database)? {
        Some(_) => Ok(()),
        None => Err(own_credential::missing(source)),
    }
}

/// A source that cannot list everything is synced by the searches that the tenant's monitors make.
async fn check_listable(tx: &TenantTx, about: &About, asked: &Asked) -> ApiResult<()> {
    if !matches!(sync::listing(about, asked), Ok(None)) {
        return Ok(());
    }
    let known = sync_work::known_searches(tx, tx.tenant_id(), about.source.as_str())
        .await
        .map_err(database)?;
    if known.is_empty() {
        return Err(ApiError::invalid(
            "category",
            format!(
                "{} cannot list everything that it holds: name a category or a brand, or make monitors of it first",
                about.name
            ),
        ));
    }
    Ok(())
}
