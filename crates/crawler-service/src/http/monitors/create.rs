//! `POST /monitors`.

use axum::extract::State;
use chrono::Utc;
use connectors::{About, Preset};
use garde::Validate;
use http::{HeaderName, StatusCode, header};
use http_kit::openapi::WriteProblems;
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult, Json, auth};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shapes::Monitor;
use super::{
    DEFAULT_HITS, DEFAULT_INTERVAL, LEAST_INTERVAL, MOST_HITS, MOST_INTERVAL, MOST_TRACKED, room,
    too_many,
};
use crate::http::{Api, database, own_credential};
use crate::rules::searching;
use crate::storage::monitors::{self, Wanted};

/// A standing search to make: a preset of the source by its name, or kind and term.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewMonitor {
    /// One of `GET /api/v1/sources`.
    #[garde(length(min = 1, max = 24))]
    #[schema(example = "popmart")]
    source: String,
    /// A ready-made monitor of the source, by its name; what else is given takes its place.
    #[garde(inner(length(max = 100)))]
    preset: Option<String>,
    /// `keyword`, `category`, `brand`, `series`, `new_arrivals` or `limited_editions`, as far as the source can.
    #[garde(inner(length(max = 30)))]
    kind: Option<String>,
    /// What to search for; left out where the kind needs nothing.
    #[garde(inner(length(chars, max = 500)))]
    term: Option<String>,
    /// Narrows a keyword search, by the source's own name or id.
    #[garde(inner(length(chars, min = 1, max = 500)))]
    category: Option<String>,
    /// Upper-case ISO 3166 code; the source's first when left out.
    #[garde(inner(length(max = 2)))]
    marketplace: Option<String>,
    /// For people; made from kind and term when left out.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    name: Option<String>,
    /// Seconds between two runs, 900 to 2592000; a day when left out.
    #[garde(inner(range(min = LEAST_INTERVAL, max = MOST_INTERVAL)))]
    #[schema(minimum = 900, maximum = 2592000)]
    interval_seconds: Option<i32>,
    /// Hits of one run, 1 to 500; 100 when left out.
    #[garde(inner(range(min = 1, max = MOST_HITS)))]
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<i32>,
    /// Whether products that are new to it raise an alert; true when left out. Those of the first run do not.
    #[garde(skip)]
    alert: Option<bool>,
    /// Track what is found by itself, up to so many live trackings; 0 when left out.
    #[garde(inner(range(min = 0, max = MOST_TRACKED)))]
    #[schema(minimum = 0, maximum = 10000)]
    track_up_to: Option<i32>,
    /// Of what it tracks; at most 20.
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 50)))]
    #[serde(default)]
    tags: Vec<String>,
}

/// Makes a standing search, which runs for the first time at once.
#[utoipa::path(post, path = "/api/v1/monitors", tag = "monitors", request_body = NewMonitor,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request twice")),
    responses((status = 201, body = Monitor), WriteProblems))]
pub(in crate::http) async fn create_monitor(
    State(api): State<Api>,
    auth::Write(caller): auth::Write,
    Json(body): Json<NewMonitor>,
) -> ApiResult<(StatusCode, [(HeaderName, String); 1], Json<Monitor>)> {
    let wanted = wanted(body)?;
    let id = Uuid::now_v7();
    let tx = api.begin(caller.tenant_id).await?;
    if room(&tx).await? == 0 {
        return Err(too_many());
    }
    monitors::create(&tx, None, &[(id, wanted)], Utc::now())
        .await
        .map_err(database)?;
    monitors::notify_due(&tx).await.map_err(database)?;
    let row = monitors::get(&tx, id).await.map_err(database)?;
    audit::about("monitor", id);
    tx.commit().await.map_err(database)?;
    api.wake.now();
    let row = row.ok_or_else(ApiError::not_found)?;
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, format!("/api/v1/monitors/{id}"))],
        Json(row.into()),
    ))
}

fn wanted(body: NewMonitor) -> ApiResult<Wanted> {
    let about = own_credential::about(&body.source)
        .map_err(|_| ApiError::invalid("source", "is not a source; see GET /api/v1/sources"))?;
    let preset = preset(about, body.preset.as_deref())?;
    let given = |text: Option<String>, preset: Option<&str>| {
        text.or_else(|| preset.map(ToOwned::to_owned))
            .map(|text| text.trim().to_owned())
    };
    let kind = given(body.kind, preset.map(|preset| preset.kind.as_str()))
        .ok_or_else(|| ApiError::invalid("kind", "is required, unless a preset is named"))?;
    let term = given(body.term, preset.map(|preset| preset.term)).unwrap_or_default();
    let marketplace = given(body.marketplace, preset.map(|preset| preset.marketplace))
        .map(|code| code.to_ascii_uppercase())
        .unwrap_or_else(|| searching::marketplace(about, None));
    let category = body
        .category
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    let problems = searching::problems(about, &kind, &term, category.as_deref(), &marketplace);
    if !problems.is_empty() {
        let field = |(field, message)| FieldError::new(field, message);
        return Err(ApiError::invalid_fields(
            problems.into_iter().map(field).collect(),
        ));
    }
    let name = given(body.name, preset.map(|preset| preset.name));
    Ok(Wanted {
        name: name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| searching::name_of(about, &kind, &term)),
        source: body.source,
        kind,
        term,
        category,
        marketplace,
        interval_seconds: body.interval_seconds.unwrap_or(DEFAULT_INTERVAL),
        hits_limit: body.limit.unwrap_or(DEFAULT_HITS),
        alert: body.alert.unwrap_or(true),
        track_up_to: body.track_up_to.unwrap_or(0),
        tags: body.tags,
        active: true,
    })
}

fn preset(about: &'static About, name: Option<&str>) -> ApiResult<Option<&'static Preset>> {
    let Some(name) = name else { return Ok(None) };
    let mut presets = about.presets.iter();
    let found = presets.find(|preset| preset.name.eq_ignore_ascii_case(name.trim()));
    found.map(Some).ok_or_else(|| {
        let names: Vec<&str> = about.presets.iter().map(|preset| preset.name).collect();
        let accepted = if names.is_empty() {
            format!("{} has no presets", about.name)
        } else {
            format!("must be one of: {}", names.join(", "))
        };
        ApiError::invalid("preset", accepted)
    })
}
