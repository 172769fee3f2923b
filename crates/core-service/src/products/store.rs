//! Reading products through the tenant's own view.

use std::sync::LazyLock;

use db::{ApiPool, TenantTx};
use http_kit::{ApiError, ApiResult};
use sea_orm::FromQueryResult;
use sea_orm::sqlx;
use uuid::Uuid;

use super::view::{COLUMNS, DetailsRow, ProductRow};
use crate::error::database;
use crate::sql::statement;

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
