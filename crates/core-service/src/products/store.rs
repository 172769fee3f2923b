//! Reading products through the tenant's own view.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use db::{ApiPool, TenantTx};
use http_kit::{ApiError, ApiResult};
use sea_orm::FromQueryResult;
use sea_orm::sqlx;
use uuid::Uuid;

use super::view::{COLUMNS, DetailsRow, ProductRow};
use crate::error::database;
use crate::sql::{fetch, statement};

/// One product.
///
/// # Errors
/// The same 404 for an unknown product and one that the tenant does not watch.
pub async fn find(tx: &TenantTx, id: i64) -> ApiResult<ProductRow> {
    let sql = format!("select {COLUMNS} from catalog.product where id = $1");
    ProductRow::find_by_statement(statement(sql, [id.into()]))
        .one(tx)
        .await
        .map_err(database)?
        .ok_or_else(ApiError::not_found)
}

/// One product with what is too long for lists, in one round trip.
///
/// # Errors
/// As [`find`].
pub async fn details(pool: &ApiPool, tenant: Uuid, id: i64) -> ApiResult<DetailsRow> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!("select {COLUMNS}, description, videos from catalog.product_of($1, $2) as product")
    });
    let query = sqlx::query(sqlx::AssertSqlSafe(SQL.as_str()))
        .bind(tenant)
        .bind(id);
    pool.read_one(query)
        .await
        .map_err(database)?
        .ok_or_else(ApiError::not_found)
}

/// Those of the products that the tenant watches, each with its newest look, if there was one.
///
/// # Errors
/// When the database fails.
pub async fn last_looks(
    tx: &TenantTx,
    ids: &[i64],
) -> ApiResult<BTreeMap<i64, Option<DateTime<Utc>>>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        observed_at: Option<DateTime<Utc>>,
    }
    let query = sqlx::query("select id, observed_at from catalog.product where id = any($1)");
    let rows: Vec<Row> = fetch(&mut *tx.sqlx().await, query.bind(ids))
        .await
        .map_err(database)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.observed_at))
        .collect())
}
