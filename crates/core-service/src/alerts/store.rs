//! Alerts of the tenant.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use db::TenantTx;
use http_kit::{ApiError, ApiResult, PageRequest};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::view::{AlertProduct, AlertRow, COLUMNS};
use crate::error::database;
use crate::sql::statement;

/// Which alerts.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Of this product.
    pub product_id: Option<i64>,
    /// Of this kind.
    pub kind: Option<&'static str>,
    /// Acknowledged ones or the others.
    pub acknowledged: Option<bool>,
}

/// One page, newest first, with one row more when there is a next page.
///
/// # Errors
/// 422 for a foreign cursor; when the database fails.
pub async fn list(tx: &TenantTx, wanted: Wanted, page: &PageRequest) -> ApiResult<Vec<AlertRow>> {
    let mut values: Vec<Value> = vec![i64::try_from(page.fetch()).unwrap_or(i64::MAX).into()];
    let mut conditions = vec!["true".to_owned()];
    if let Some(product_id) = wanted.product_id {
        values.push(product_id.into());
        conditions.push(format!("listing_id = ${}", values.len()));
    }
    if let Some(kind) = wanted.kind {
        values.push(kind.into());
        conditions.push(format!("kind = ${}", values.len()));
    }
    if let Some(acknowledged) = wanted.acknowledged {
        let not = if acknowledged { "not" } else { "" };
        conditions.push(format!("acknowledged_at is {not} null"));
    }
    if let Some((at, id)) = page.after::<(DateTime<Utc>, Uuid)>()? {
        values.extend([at.into(), id.into()]);
        conditions.push(format!(
            "(occurred_at, id) < (${}, ${})",
            values.len() - 1,
            values.len()
        ));
    }
    let sql = format!(
        "select {COLUMNS} from catalog.alert where {} order by occurred_at desc, id desc limit $1",
        conditions.join(" and ")
    );
    AlertRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await
        .map_err(database)
}

/// The products of these alerts that the tenant still watches, by id.
///
/// # Errors
/// When the database fails.
pub async fn products(
    tx: &TenantTx,
    alerts: &[AlertRow],
) -> ApiResult<BTreeMap<i64, AlertProduct>> {
    let ids: BTreeSet<i64> = alerts.iter().filter_map(|alert| alert.listing_id).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let sql = "select id, title, images ->> 0 as image_url from catalog.product where id = any($1)";
    let found = AlertProduct::find_by_statement(statement(sql, [ids.into()]))
        .all(tx)
        .await
        .map_err(database)?;
    Ok(found
        .into_iter()
        .map(|product| (product.id, product))
        .collect())
}

/// Acknowledges an alert; one that was stays as it was.
///
/// # Errors
/// The same 404 for an unknown alert and another tenant's.
pub async fn acknowledge(
    tx: &TenantTx,
    id: Uuid,
    by: &str,
    now: DateTime<Utc>,
) -> ApiResult<AlertRow> {
    let sql = format!(
        "update catalog.alert
         set acknowledged_by = case when acknowledged_at is null then $2 else acknowledged_by end,
             acknowledged_at = coalesce(acknowledged_at, $3)
         where id = $1 returning {COLUMNS}"
    );
    AlertRow::find_by_statement(statement(sql, [id.into(), by.into(), now.into()]))
        .one(tx)
        .await
        .map_err(database)?
        .ok_or_else(ApiError::not_found)
}
