//! Making, changing and ending rules.

use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use db::TenantTx;
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Paged, Path, auth, etag};
use uuid::Uuid;

use super::store::{self, Change, MOST_OWN, MOST_WIDE, NewRow};
use super::view::{AlertRule, AlertRuleFilter, AlertRulePatch, NewAlertRule};
use super::wish;
use crate::State;
use crate::error::database;

/// The tenant's rules, newest first.
#[utoipa::path(get, path = "/api/v1/alert-rules", tag = "alerts", params(AlertRuleFilter, PageRequest),
    responses((status = 200, body = Page<AlertRule>), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn list_alert_rules(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Paged { filter, page }: Paged<AlertRuleFilter>,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let rows = store::list(&tx, &filter, &page).await?;
    tx.commit().await.map_err(database)?;
    let Page { items, next_cursor } = Page::of(rows, page.limit, |row| {
        Cursor::after(&(row.created_at, row.id))
    });
    let rules = Page {
        items: items.into_iter().filter_map(AlertRule::of).collect(),
        next_cursor,
    };
    etag::respond(&headers, &rules)
}

/// One rule.
#[utoipa::path(get, path = "/api/v1/alert-rules/{id}", tag = "alerts", params(("id" = Uuid, Path)),
    responses((status = 200, body = AlertRule), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn get_alert_rule(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let row = store::find(&tx, id, false).await?;
    tx.commit().await.map_err(database)?;
    let rule = AlertRule::of(row).ok_or_else(ApiError::not_found)?;
    etag::respond(&headers, &rule)
}

/// Makes a rule. What it sees hold already is told at the next look at each product it is for.
#[utoipa::path(post, path = "/api/v1/alert-rules", tag = "alerts", request_body = NewAlertRule,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless")),
    responses((status = 201, body = AlertRule), WriteProblems))]
pub async fn create_alert_rule(
    Shared(state): Shared<State>,
    auth::Write(caller): auth::Write,
    Json(body): Json<NewAlertRule>,
) -> ApiResult<(StatusCode, [(HeaderName, HeaderValue); 1], Json<AlertRule>)> {
    let new = wanted(body)?;
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    if let Some(tracking_id) = new.tracking_id
        && !crate::trackings::rules::is_live(&tx, tracking_id).await?
    {
        return Err(ApiError::invalid(
            "tracking_id",
            "is none of your trackings; GET /api/v1/trackings lists them",
        ));
    }
    store::ensure_defaults(&tx).await?;
    let most = new.tracking_id.map_or(MOST_WIDE, |_| MOST_OWN);
    if store::count(&tx, new.tracking_id).await? >= most {
        let (field, what) = match new.tracking_id {
            Some(_) => ("tracking_id", "this tracking"),
            None => ("condition", "all trackings and tags together"),
        };
        let message = format!(
            "there are {most} rules for {what} already; delete one, or put several tests into one rule"
        );
        return Err(ApiError::invalid(field, message));
    }
    let rows = store::insert(&tx, &[new], false).await?;
    if let Some(made) = rows.first() {
        audit::about("alert_rule", made.id);
    }
    tx.commit().await.map_err(database)?;
    let rule = rows
        .into_iter()
        .next()
        .and_then(AlertRule::of)
        .ok_or_else(|| ApiError::internal("a rule was not stored"))?;
    let location = HeaderValue::try_from(format!("/api/v1/alert-rules/{}", rule.id))
        .map_err(ApiError::internal)?;
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(rule),
    ))
}

fn wanted(body: NewAlertRule) -> ApiResult<NewRow> {
    let mut wrong: Vec<FieldError> = Vec::new();
    if body.tracking_id.is_some() && body.tag.is_some() {
        let message = "give `tracking_id` or `tag`, or neither for all your trackings";
        wrong.push(FieldError::new("tag", message));
    }
    let tag = body.tag.filter(|tag| {
        let plain = !tag.contains('\0');
        if !plain {
            wrong.push(FieldError::new("tag", "must be plain text"));
        }
        plain
    });
    let name = body.name.map(|name| wish::name(&name, "")).transpose();
    let name = name.unwrap_or_else(|error| {
        wrong.push(error);
        None
    });
    match wish::rule(&body.condition, body.severity.as_deref(), "") {
        Ok(rule) if wrong.is_empty() => Ok(NewRow {
            tracking_id: body.tracking_id,
            tag,
            name,
            rule,
            enabled: body.enabled.unwrap_or(true),
        }),
        rule => {
            wrong.extend(rule.err().unwrap_or_default());
            Err(ApiError::invalid_fields(wrong))
        }
    }
}

/// Changes a rule. Where that changes what it says, or switches it on, its memory is empty: what it sees hold is told
/// again at the next look.
#[utoipa::path(patch, path = "/api/v1/alert-rules/{id}", tag = "alerts", params(("id" = Uuid, Path)),
    request_body = AlertRulePatch, responses((status = 200, body = AlertRule), WriteProblems))]
pub async fn update_alert_rule(
    Shared(state): Shared<State>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
    Json(patch): Json<AlertRulePatch>,
) -> ApiResult<Json<AlertRule>> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let known = store::find(&tx, id, true).await?;
    let old = known.rule().ok_or_else(ApiError::not_found)?;
    let mut rule = old.clone();
    let mut wrong: Vec<FieldError> = Vec::new();
    if let Some(condition) = &patch.condition {
        match super::read(condition, "condition") {
            Ok(condition) => rule.condition = condition,
            Err(errors) => wrong.extend(errors),
        }
    }
    if patch.severity.is_some() {
        match wish::chosen(patch.severity.as_deref(), "") {
            Ok(severity) => rule.severity = severity,
            Err(error) => wrong.push(error),
        }
    }
    let name = match patch.name {
        None => known.name.clone(),
        Some(None) => None,
        Some(Some(name)) => wish::name(&name, "")
            .map_err(|error| wrong.push(error))
            .ok(),
    };
    if !wrong.is_empty() {
        return Err(ApiError::invalid_fields(wrong));
    }
    let enabled = patch.enabled.unwrap_or(known.enabled);
    let change = Change {
        name: name.as_deref(),
        rule: &rule,
        enabled,
        anew: rule != old || (enabled && !known.enabled),
    };
    let row = store::update(&tx, id, change).await?;
    tx.commit().await.map_err(database)?;
    let rule = AlertRule::of(row).ok_or_else(ApiError::not_found)?;
    Ok(Json(rule))
}

/// Ends a rule. Alerts that it raised stay.
#[utoipa::path(delete, path = "/api/v1/alert-rules/{id}", tag = "alerts", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Ended"), WriteProblems))]
pub async fn delete_alert_rule(
    Shared(state): Shared<State>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    if store::delete(&tx, &[id]).await? == 0 {
        return Err(ApiError::not_found());
    }
    tx.commit().await.map_err(database)?;
    Ok(StatusCode::NO_CONTENT)
}
