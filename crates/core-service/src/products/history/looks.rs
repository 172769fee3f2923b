//! Every look at a watched product, page by page, for whoever writes them all out.

use chrono::{DateTime, Utc};
use db::TenantTx;
use domain::observation::Values;
use sea_orm::{DbErr, FromQueryResult};

use crate::sql::statement;
use crate::values::{VALUES_COLUMNS, ValuesRow};

/// Looks of a page.
pub const PAGE: usize = 2_000;

/// One look. Where it is not `full` it repeats the one before.
#[derive(FromQueryResult)]
pub struct LookRow {
    /// When.
    pub observed_at: DateTime<Utc>,
    /// Whether it says anything new.
    pub full: bool,
    /// What it says then.
    #[sea_orm(nested)]
    pub values: ValuesRow,
}

/// The next looks, oldest first; fewer than [`PAGE`]: there are no more.
///
/// # Errors
/// When the database fails.
pub async fn page(
    tx: &TenantTx,
    id: i64,
    after: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<LookRow>, DbErr> {
    let sql = format!(
        r#"select observed_at, "full", {VALUES_COLUMNS} from catalog.product_history
           where listing_id = $1 and observed_at > $2 and observed_at <= $3 order by observed_at limit {PAGE}"#
    );
    let values = [id.into(), after.into(), to.into()];
    LookRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}

/// What held before an instant: the first looks from then on may only repeat it.
///
/// # Errors
/// When the database fails.
pub async fn held_before(tx: &TenantTx, id: i64, from: DateTime<Utc>) -> Result<Values, DbErr> {
    let sql = format!(
        r#"select observed_at, "full", {VALUES_COLUMNS} from catalog.product_history
           where listing_id = $1 and observed_at < $2 and "full" order by observed_at desc limit 1"#
    );
    let row = LookRow::find_by_statement(statement(sql, [id.into(), from.into()]))
        .one(tx)
        .await?;
    Ok(row.map(|row| row.values.into()).unwrap_or_default())
}
