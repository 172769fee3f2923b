//! Making, changing and deleting categories.

use axum::extract::State;
use chrono::Utc;
use garde::Validate;
use http::{HeaderName, StatusCode, header};
use http_kit::openapi::WriteProblems;
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult, Json, Path, auth};
use sea_orm::DbErr;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::read::view;
use super::shapes::Category;
use super::sync;
use crate::http::monitors::{DEFAULT_INTERVAL, LEAST_INTERVAL, MOST_INTERVAL, MOST_TRACKED};
use crate::http::{Api, database, own_credential};
use crate::rules::rounds::keywords;
use crate::rules::searching;
use crate::storage::{categories, monitors};

/// Categories of one tenant.
const MOST: i64 = 100;

/// Keywords to watch in several sources.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSearchCategory)]
pub(in crate::http) struct NewCategory {
    /// For people; a tenant has no two of one name.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// What to search for, 1 to 50.
    #[garde(length(min = 1, max = 50), inner(length(chars, min = 1, max = 100)))]
    keywords: Vec<String>,
    /// Whether to search by the clock, beginning at once; false when left out.
    #[garde(skip)]
    #[serde(default)]
    auto_crawl: bool,
    /// Where; when left out the public sources that can be searched and cost nothing, and those that the tenant has a
    /// credential for.
    #[garde(inner(length(min = 1, max = 20)))]
    sources: Option<Vec<String>>,
    /// Upper-case ISO 3166 code; when left out each source's first.
    #[garde(inner(length(max = 2)))]
    marketplace: Option<String>,
    /// Seconds between two searches, 900 to 2592000; a day when left out.
    #[garde(inner(range(min = LEAST_INTERVAL, max = MOST_INTERVAL)))]
    #[schema(minimum = 900, maximum = 2592000)]
    interval_seconds: Option<i32>,
    /// Whether products that are new raise an alert; true when left out.
    #[garde(skip)]
    alert: Option<bool>,
    /// Each of its monitors tracks what it finds by itself, up to so many; 0 when left out.
    #[garde(inner(range(min = 0, max = MOST_TRACKED)))]
    #[schema(minimum = 0, maximum = 10000)]
    track_up_to: Option<i32>,
}

/// What of a category changes; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SearchCategoryPatch)]
pub(in crate::http) struct CategoryPatch {
    /// For people.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    name: Option<String>,
    /// All keywords, 1 to 50.
    #[garde(inner(length(min = 1, max = 50), inner(length(chars, min = 1, max = 100))))]
    keywords: Option<Vec<String>>,
    /// Whether to search by the clock.
    #[garde(skip)]
    auto_crawl: Option<bool>,
    /// All sources.
    #[garde(inner(length(min = 1, max = 20)))]
    sources: Option<Vec<String>>,
    /// Upper-case ISO 3166 code.
    #[garde(inner(length(max = 2)))]
    marketplace: Option<String>,
    /// Seconds between two searches, 900 to 2592000.
    #[garde(inner(range(min = LEAST_INTERVAL, max = MOST_INTERVAL)))]
    #[schema(minimum = 900, maximum = 2592000)]
    interval_seconds: Option<i32>,
    /// Whether products that are new raise an alert.
    #[garde(skip)]
    alert: Option<bool>,
    /// Each of its monitors tracks what it finds by itself, up to so many.
    #[garde(inner(range(min = 0, max = MOST_TRACKED)))]
    #[schema(minimum = 0, maximum = 10000)]
    track_up_to: Option<i32>,
}

/// Makes a category. With `auto_crawl` each keyword is searched in each source, at once and then by the clock.
#[utoipa::path(post, path = "/api/v1/categories", tag = "categories", request_body = NewCategory,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request twice")),
    responses((status = 201, body = Category), WriteProblems))]
pub(in crate::http) async fn create_category(
    State(api): State<Api>,
    auth::Write(caller): auth::Write,
    Json(body): Json<NewCategory>,
) -> ApiResult<(StatusCode, [(HeaderName, String); 1], Json<Category>)> {
    let now = Utc::now();
    let id = Uuid::now_v7();
    let category = categories::Category {
        id,
        name: body.name.trim().to_owned(),
        keywords: keywords(body.keywords),
        auto_crawl: body.auto_crawl,
        sources: body.sources,
        marketplace: body.marketplace.map(|code| code.to_ascii_uppercase()),
        interval_seconds: body.interval_seconds.unwrap_or(DEFAULT_INTERVAL),
        alert: body.alert.unwrap_or(true),
        track_up_to: body.track_up_to.unwrap_or(0),
        created_at: now,
        updated_at: now,
    };
    check(&category)?;
    let tx = api.begin(caller.tenant_id).await?;
    if categories::count(&tx).await.map_err(database)? >= MOST {
        return Err(ApiError::conflict(format!(
            "A tenant has at most {MOST} categories. Delete some that are not needed."
        )));
    }
    categories::put(&tx, &category).await.map_err(taken)?;
    sync::of(&tx, &category, now).await?;
    let shown = view(&tx, id).await?;
    audit::about("category", id);
    tx.commit().await.map_err(database)?;
    api.wake.now();
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, format!("/api/v1/categories/{id}"))],
        Json(shown),
    ))
}

/// Changes a category. Monitors of keywords and sources that it does not name any more are deleted; without
/// `auto_crawl` its monitors are paused.
#[utoipa::path(patch, path = "/api/v1/categories/{id}", tag = "categories",
    params(("id" = Uuid, Path, description = "The category")), request_body = CategoryPatch,
    responses((status = 200, body = Category), WriteProblems))]
pub(in crate::http) async fn update_category(
    State(api): State<Api>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
    Json(patch): Json<CategoryPatch>,
) -> ApiResult<Json<Category>> {
    let now = Utc::now();
    let tx = api.begin(caller.tenant_id).await?;
    let row = categories::lock(&tx, id).await.map_err(database)?;
    let row = row.ok_or_else(ApiError::not_found)?;
    let category = categories::Category {
        id,
        name: patch.name.map_or(row.name, |name| name.trim().to_owned()),
        keywords: patch.keywords.map_or(row.keywords, keywords),
        auto_crawl: patch.auto_crawl.unwrap_or(row.auto_crawl),
        sources: patch.sources.or(row.sources),
        marketplace: patch
            .marketplace
            .map(|code| code.to_ascii_uppercase())
            .or(row.marketplace),
        interval_seconds: patch.interval_seconds.unwrap_or(row.interval_seconds),
        alert: patch.alert.unwrap_or(row.alert),
        track_up_to: patch.track_up_to.unwrap_or(row.track_up_to),
        created_at: row.created_at,
        updated_at: now,
    };
    check(&category)?;
    categories::put(&tx, &category).await.map_err(taken)?;
    let ended = sync::of(&tx, &category, now).await?;
    let shown = view(&tx, id).await?;
    tx.commit().await.map_err(database)?;
    api.wake.now();
    api.forget(caller.tenant_id, &ended).await;
    Ok(Json(shown))
}

/// Deletes a category and its monitors. What they tracked stays tracked.
#[utoipa::path(delete, path = "/api/v1/categories/{id}", tag = "categories",
    params(("id" = Uuid, Path, description = "The category")),
    responses((status = 204, description = "Deleted"), WriteProblems))]
pub(in crate::http) async fn delete_category(
    State(api): State<Api>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let tx = api.begin(caller.tenant_id).await?;
    let row = categories::lock(&tx, id).await.map_err(database)?;
    row.ok_or_else(ApiError::not_found)?;
    let own = monitors::of_category(&tx, id).await.map_err(database)?;
    let ended: Vec<Uuid> = own.iter().map(|row| row.id).collect();
    monitors::end(&tx, ended.clone(), Utc::now())
        .await
        .map_err(database)?;
    categories::delete(&tx, id).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    api.forget(caller.tenant_id, &ended).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses names that say nothing, and sources that cannot do what is asked.
fn check(category: &categories::Category) -> ApiResult<()> {
    let mut problems = Vec::new();
    if category.name.is_empty() {
        problems.push(FieldError::new("name", "must not be empty"));
    }
    if category.keywords.is_empty() {
        problems.push(FieldError::new("keywords", "must hold at least one word"));
    }
    let marketplace = category.marketplace.as_deref();
    if marketplace
        .is_some_and(|code| code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()))
    {
        problems.push(FieldError::new("marketplace", "must be an ISO 3166 code"));
    }
    for (place, name) in category.sources.iter().flatten().enumerate() {
        let field = format!("sources[{place}]");
        let Ok(about) = own_credential::about(name) else {
            problems.push(FieldError::new(field, "is not a source"));
            continue;
        };
        let code = marketplace
            .map(ToOwned::to_owned)
            .unwrap_or_else(|| searching::marketplace(about, None));
        for (wrong, message) in searching::problems(about, "keyword", "word", None, &code) {
            match wrong {
                "kind" => problems.push(FieldError::new(&field, "cannot be searched by keyword")),
                other => problems.push(FieldError::new(other, message)),
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid_fields(problems))
    }
}

/// A name that another category has is the caller's to change.
fn taken(error: DbErr) -> ApiError {
    if db::violated_constraint(&error).as_deref() == Some("category_name") {
        return ApiError::invalid("name", "is the name of another category");
    }
    database(error)
}
