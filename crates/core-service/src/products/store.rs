//! Reading products through the tenant's own view.

use db::TenantTx;
use http_kit::{ApiError, ApiResult};
use sea_orm::FromQueryResult;

use super::view::{COLUMNS, ProductRow};
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
