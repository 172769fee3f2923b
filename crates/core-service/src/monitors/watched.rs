//! Which watched listings a sync looks at again.

use chrono::{DateTime, Utc};
use contracts::catalog::v1 as wire;
use db::TenantTx;
use http_kit::ApiResult;
use sea_orm::FromQueryResult;
use sea_orm::sqlx;
use uuid::Uuid;

use crate::State;
use crate::error::database;
use crate::sql::{contains_pattern, fetch};

/// What is wanted of a source.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name.
    pub source: String,
    /// Those whose price changed since then.
    pub price_changed_since: Option<DateTime<Utc>>,
    /// Those of which so many are left or fewer, or that are not to be had. With the one before: either.
    pub stock_at_most: Option<i32>,
    /// A part of the category's name, whatever the case.
    pub category: Option<String>,
    /// A part of the brand's name, whatever the case.
    pub brand: Option<String>,
    /// Enough.
    pub limit: u32,
}

/// A listing that is wanted.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Row {
    listing_id: i64,
    marketplace: String,
    external_id: String,
    url: String,
}

impl From<Row> for wire::list_watched_response::Listing {
    fn from(row: Row) -> Self {
        Self {
            id: row.listing_id,
            marketplace: row.marketplace,
            external_id: row.external_id,
            url: row.url,
        }
    }
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

/// How many listings of the source the tenant watches, and those of them that are wanted.
///
/// # Errors
/// When the database fails.
pub async fn list(state: &State, tenant_id: Uuid, wanted: &Wanted) -> ApiResult<(u64, Vec<Row>)> {
    let tx = TenantTx::begin(&state.pools().api, tenant_id)
        .await
        .map_err(database)?;
    let count =
        sqlx::query("select count(*) as count from catalog.watched_figure where source = $1")
            .bind(&wanted.source);
    let listed = sqlx::query(
        "select listing_id, marketplace, external_id, url from catalog.watched_figure
         where source = $1
           and (($2::timestamptz is null and $3::integer is null)
                or price_changed_at >= $2 or stock_quantity <= $3 or ($3 is not null and in_stock = false))
           and ($4::text is null or category ilike $4) and ($5::text is null or brand ilike $5)
         order by listing_id limit $6",
    )
    .bind(&wanted.source)
    .bind(wanted.price_changed_since)
    .bind(wanted.stock_at_most)
    .bind(wanted.category.as_deref().map(contains_pattern))
    .bind(wanted.brand.as_deref().map(contains_pattern))
    .bind(i64::from(wanted.limit));
    let mut connection = tx.sqlx().await;
    let count: Vec<Count> = fetch(&mut connection, count).await.map_err(database)?;
    let rows = fetch(&mut connection, listed).await.map_err(database)?;
    drop(connection);
    tx.commit().await.map_err(database)?;
    let watched = count.first().map_or(0, |row| row.count.unsigned_abs());
    Ok((watched, rows))
}
