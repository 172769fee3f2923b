//! Reading history through the tenant's own view.

use chrono::{DateTime, Utc};
use db::TenantTx;
use domain::observation::Values;
use http_kit::ApiResult;
use sea_orm::FromQueryResult;

use crate::error::database;
use crate::sql::statement;
use crate::values::{VALUES_COLUMNS, ValuesRow};

#[derive(FromQueryResult)]
struct PointRow {
    observed_at: DateTime<Utc>,
    #[sea_orm(nested)]
    values: ValuesRow,
}

/// The observations from `from` to `to` where something changed, oldest first; before them, as of `from`, what held
/// when the range begins.
///
/// # Errors
/// When the database fails.
pub async fn changes(
    tx: &TenantTx,
    listing_id: i64,
    from: Option<DateTime<Utc>>,
    to: DateTime<Utc>,
) -> ApiResult<Vec<(DateTime<Utc>, Values)>> {
    let mut points = Vec::new();
    if let Some(from) = from {
        let sql = format!(
            r#"select observed_at, {VALUES_COLUMNS} from catalog.product_history
               where listing_id = $1 and observed_at < $2 and "full" order by observed_at desc limit 1"#
        );
        points.extend(
            read(tx, sql, [listing_id.into(), from.into()])
                .await?
                .into_iter()
                .map(|(_, held)| (from, held)),
        );
    }
    // Two forms: a bound that may be absent would keep the planner from leaving out months.
    let sql = |bound: &str| {
        format!(
            r#"select observed_at, {VALUES_COLUMNS} from catalog.product_history
               where listing_id = $1 and observed_at <= $2 {bound} and "full" order by observed_at"#
        )
    };
    points.extend(match from {
        Some(from) => {
            read(
                tx,
                sql("and observed_at >= $3"),
                [listing_id.into(), to.into(), from.into()],
            )
            .await?
        }
        None => read(tx, sql(""), [listing_id.into(), to.into()]).await?,
    });
    Ok(points)
}

async fn read<const N: usize>(
    tx: &TenantTx,
    sql: String,
    values: [sea_orm::Value; N],
) -> ApiResult<Vec<(DateTime<Utc>, Values)>> {
    let rows = PointRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await
        .map_err(database)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.observed_at, row.values.into()))
        .collect())
}
