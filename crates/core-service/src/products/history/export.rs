//! `GET /products/{id}/history.csv`.

use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use db::TenantTx;
use domain::observation::Values;
use futures::{StreamExt, stream};
use garde::Validate;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Path, Query, auth};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::asked::check_range;
use super::csv::{HEADER, Listing};
use super::looks;
use super::reach::{older, shown_from};
use crate::State;
use crate::error::database;
use crate::products::store::find;

/// Tells where the asker's plan ends a table.
const LIMITED_TO: HeaderName = HeaderName::from_static("bellwether-limited-to");

/// Which part of a history.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// Beginning of the range; without it everything known.
    #[garde(skip)]
    from: Option<DateTime<Utc>>,
    /// End of the range; without it the newest look.
    #[garde(skip)]
    to: Option<DateTime<Utc>>,
}

/// Every look at a watched product, oldest first, as CSV: also those that found nothing new, so that the table can be
/// imported and ends in the same history. An empty cell was not learnt; without an offer the price is empty and
/// `in_stock` is false. Times are UTC, the title is the present one. It begins where looks are still kept, and no earlier
/// than your plan shows: the header `Bellwether-Limited-To` tells when that leaves something out.
#[utoipa::path(get, path = "/api/v1/products/{id}/history.csv", tag = "products",
    operation_id = "product_history_csv", params(("id" = i64, Path), ExportQuery),
    responses((status = 200, content_type = "text/csv", body = String), ReadProblems))]
pub async fn get_history_csv(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    Path(id): Path<i64>,
    Query(query): Query<ExportQuery>,
) -> ApiResult<Response> {
    let ExportQuery { from, to } = query;
    check_range(from, to)?;
    let shown_from = shown_from(&state, caller.tenant_id, Utc::now()).await?;
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let product = find(&tx, id).await?;
    let limited = match from {
        Some(from) => from < shown_from,
        None => !older(&tx, &[id], shown_from).await?.is_empty(),
    };
    let from = if limited { Some(shown_from) } else { from };
    let held = match from {
        Some(from) => looks::held_before(&tx, id, from).await.map_err(database)?,
        None => Values::default(),
    };
    tx.commit().await.map_err(database)?;
    let table = Table {
        state,
        tenant: caller.tenant_id,
        id,
        // History begins in this century; the first page begins with the range's first instant.
        after: from.unwrap_or_default() - TimeDelta::microseconds(1),
        to: to.unwrap_or_else(Utc::now),
        held,
        listing: Listing::new(&product.external_id, product.title.as_deref()),
    };
    let name = file_name(&product.source, &product.external_id);
    // The first page is read before the answer begins: what fails until then is told in words.
    let (first, rest) = table.page().await?;
    let pages = stream::try_unfold(rest, async |rest: Option<Table>| match rest {
        Some(table) => Ok(Some(table.page().await?)),
        None => Ok::<_, ApiError>(None),
    });
    let body = stream::iter([Ok(Bytes::from(HEADER)), Ok(first)])
        .chain(pages)
        .inspect(|page| {
            // The reader sees a broken connection, never a table that ends too soon.
            if let Err(error) = page {
                tracing::warn!(%error, "an export broke off");
            }
        });
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).map_err(ApiError::internal)?,
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
    ];
    let mut response = (headers, Body::from_stream(body)).into_response();
    if limited {
        let at = HeaderValue::try_from(shown_from.to_rfc3339()).map_err(ApiError::internal)?;
        response.headers_mut().insert(LIMITED_TO, at);
    }
    Ok(response)
}

/// A name that every file system takes.
fn file_name(source: &str, external_id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let id: String = external_id.chars().take(80).map(safe).collect();
    format!("{source}-{id}-history.csv")
}

/// The rest of a table: where it goes on, and what holds there.
struct Table {
    state: State,
    tenant: Uuid,
    id: i64,
    after: DateTime<Utc>,
    to: DateTime<Utc>,
    held: Values,
    listing: Listing,
}

impl Table {
    /// The next page as text, and the rest if there may be more. No connection is held between two pages, however slowly
    /// the reader reads.
    async fn page(mut self) -> ApiResult<(Bytes, Option<Self>)> {
        let tx = TenantTx::begin(&self.state.pools().api, self.tenant)
            .await
            .map_err(database)?;
        let rows = looks::page(&tx, self.id, self.after, self.to)
            .await
            .map_err(database)?;
        tx.commit().await.map_err(database)?;
        let more = rows.len() >= looks::PAGE;
        let mut text = String::with_capacity(rows.len() * 96);
        for row in rows {
            self.after = row.observed_at;
            if row.full {
                self.held = row.values.into();
            }
            self.listing.write(row.observed_at, &self.held, &mut text);
        }
        Ok((Bytes::from(text), more.then_some(self)))
    }
}
