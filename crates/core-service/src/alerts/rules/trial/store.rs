//! Reading what a trial goes through, by the tenant's own views.

use chrono::{DateTime, TimeDelta, Utc};
use db::TenantTx;
use domain::alert::{Anchors, ContentChange, Metric, Sight, Told};
use domain::history::LastKnown;
use domain::observation::Values;
use http_kit::{ApiError, ApiResult};
use sea_orm::FromQueryResult;
use sea_orm::sqlx::{self, AssertSqlSafe};
use uuid::Uuid;

use crate::error::database;
use crate::ingest::anchors::{Of, of_days};
use crate::products::statistics::store::FIRST;
use crate::sql::{fetch, statement};
use crate::values::{VALUES_COLUMNS, ValuesRow};

/// Most looks that are gone through at once.
pub const MOST: usize = 60_000;

/// How long before the looks a value may have been seen that is still known.
const KNOWN: TimeDelta = TimeDelta::days(366);

/// What a trial is about.
#[derive(Debug, FromQueryResult)]
pub struct Subject {
    /// The product.
    pub id: i64,
    /// The tenant's tracking of it.
    pub tracking_id: Option<Uuid>,
    /// Since when.
    pub tracked_at: Option<DateTime<Utc>>,
}

/// A product that the tenant watches, named by itself or by its tracking.
///
/// # Errors
/// 404 when there is none.
pub async fn subject(
    tx: &TenantTx,
    product_id: Option<i64>,
    tracking_id: Option<Uuid>,
) -> ApiResult<Subject> {
    Subject::find_by_statement(statement(
        "select p.id, p.tracking_id, t.created_at as tracked_at
         from catalog.product p
         left join catalog.tracking t on t.id = p.tracking_id and t.deleted_at is null
         where ($1::bigint is null or p.id = $1) and ($2::uuid is null or p.tracking_id = $2)
           and ($1 is not null or $2 is not null)
         limit 1",
        [product_id.into(), tracking_id.into()],
    ))
    .one(tx)
    .await
    .map_err(database)?
    .ok_or_else(ApiError::not_found)
}

/// Looks in order of time, and what was known before them.
#[derive(Debug, Default)]
pub struct Looks {
    /// The looks with their values.
    pub points: Vec<(DateTime<Utc>, Values)>,
    /// Whether the first of them is the first ever.
    pub begins: bool,
    /// Price and rank before them.
    pub known: LastKnown,
}

#[derive(FromQueryResult)]
struct LookRow {
    observed_at: DateTime<Utc>,
    full: bool,
    #[sea_orm(nested)]
    values: ValuesRow,
}

impl Looks {
    /// As if nothing had been before an instant: what held then counts as seen just then.
    pub fn begin_at(&mut self, from: DateTime<Utc>) {
        if let Some((at, _)) = self.points.first_mut().filter(|(at, _)| *at < from) {
            *at = from - TimeDelta::microseconds(1);
        }
        self.begins = true;
    }
}

/// How far what is kept of a product goes back.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Reach {
    /// The first look ever.
    pub first: Option<DateTime<Utc>>,
    /// Looks before this are gone, and days stand for them.
    pub raw_from: Option<DateTime<Utc>>,
}

/// Reads it.
///
/// # Errors
/// When the database fails.
pub async fn reach(tx: &TenantTx, product_id: i64) -> ApiResult<Reach> {
    let query = sqlx::query(FIRST).bind(product_id);
    let rows: Vec<Reach> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    let reach = rows.into_iter().next();
    reach.ok_or_else(|| ApiError::internal("a product's reach is one row"))
}

/// The looks from `from` to `to`, with the one before.
///
/// # Errors
/// When they are more than [`MOST`]: then nothing; when the database fails.
pub async fn looks(
    tx: &TenantTx,
    product_id: i64,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> ApiResult<Option<Looks>> {
    let mut looks = Looks {
        begins: true,
        ..Looks::default()
    };
    let last = one(tx, product_id, from, "true").await?;
    let base = match &last {
        Some(_) => one(tx, product_id, from, r#""full""#).await?,
        None => None,
    };
    if let (Some(last), Some(base)) = (last, base) {
        looks.begins = false;
        let priced = one(tx, product_id, from, r#""full" and price is not null"#).await?;
        let ranked = one(tx, product_id, from, r#""full" and rank is not null"#).await?;
        let known = |row: Option<LookRow>| {
            let mut known = LastKnown::default();
            known.learn(&row.map(|row| row.values.into()).unwrap_or_default());
            known
        };
        looks.known.price = known(priced).price;
        looks.known.rank = known(ranked).rank;
        looks.points.push((last.observed_at, base.values.into()));
    }
    let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let sql = format!(
        r#"select observed_at, "full", {VALUES_COLUMNS} from catalog.product_history
           where listing_id = $1 and observed_at >= $2 and observed_at <= $3 order by observed_at limit $4"#
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(product_id)
        .bind(from)
        .bind(to)
        .bind(limit);
    let rows: Vec<LookRow> = fetch(&mut *tx.sqlx().await, query.persistent(false))
        .await
        .map_err(database)?;
    if rows.len() > MOST {
        return Ok(None);
    }
    for row in rows {
        let values = match row.full {
            true => Some(row.values.into()),
            false => looks.points.last().map(|(_, values)| values.clone()),
        };
        looks
            .points
            .extend(values.map(|values| (row.observed_at, values)));
    }
    Ok(Some(looks))
}

/// The last look before an instant of which something is so.
async fn one(
    tx: &TenantTx,
    product_id: i64,
    before: DateTime<Utc>,
    is: &str,
) -> ApiResult<Option<LookRow>> {
    let sql = format!(
        r#"select observed_at, "full", {VALUES_COLUMNS} from catalog.product_history
           where listing_id = $1 and observed_at < $2 and observed_at >= $3 and {is}
           order by observed_at desc limit 1"#
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(product_id)
        .bind(before)
        .bind(before - KNOWN);
    let rows: Vec<LookRow> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    Ok(rows.into_iter().next())
}

/// The values of metrics when the product was first tracked: what held then, or else what was seen first.
///
/// # Errors
/// When the database fails.
pub async fn anchors(
    tx: &TenantTx,
    product_id: i64,
    tracked_at: DateTime<Utc>,
    metrics: &[Metric],
) -> ApiResult<Anchors> {
    let mut anchors = Anchors::default();
    let held = one(
        tx,
        product_id,
        tracked_at + TimeDelta::microseconds(1),
        r#""full""#,
    )
    .await?;
    let held = held.map(|row| Sight::of(tracked_at, &row.values.into()));
    for metric in metrics {
        if let Some(Told::Value(amount)) = held.as_ref().map(|sight| sight.told(*metric)) {
            anchors.set(*metric, tracked_at, amount);
            continue;
        }
        let column = match metric {
            Metric::Rating => "rating_hundredths",
            other => other.as_str(),
        };
        let sql = format!(
            r#"select observed_at, "full", {VALUES_COLUMNS} from catalog.product_history
               where listing_id = $1 and observed_at > $2 and "full" and {column} is not null
               order by observed_at limit 1"#
        );
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(product_id)
            .bind(tracked_at);
        let rows: Vec<LookRow> = fetch(&mut *tx.sqlx().await, query)
            .await
            .map_err(database)?;
        if let Some(row) = rows.into_iter().next() {
            let at = row.observed_at;
            if let Told::Value(amount) = Sight::of(at, &row.values.into()).told(*metric) {
                anchors.set(*metric, at, amount);
            }
        }
    }
    let keys: Vec<_> = metrics
        .iter()
        .map(|metric| (product_id, tracked_at, *metric))
        .collect();
    let of_days = of_days(&mut *tx.sqlx().await, &keys, Of::Tenant)
        .await
        .map_err(database)?;
    for ((.., metric), (at, amount)) in of_days {
        anchors.set(metric, at, amount);
    }
    Ok(anchors)
}

/// What the listing said otherwise than before, from `from` to `to`.
///
/// # Errors
/// When the database fails.
pub async fn content(
    tx: &TenantTx,
    product_id: i64,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> ApiResult<Vec<(DateTime<Utc>, Vec<ContentChange>)>> {
    #[derive(FromQueryResult)]
    struct Row {
        observed_at: DateTime<Utc>,
        changes: serde_json::Value,
    }
    let rows = Row::find_by_statement(statement(
        "select observed_at, changes from catalog.product_content_change
         where listing_id = $1 and observed_at between $2 and $3 order by observed_at",
        [product_id.into(), from.into(), to.into()],
    ))
    .all(tx)
    .await
    .map_err(database)?;
    // Written from the same type.
    let read = |row: Row| Some((row.observed_at, serde_json::from_value(row.changes).ok()?));
    Ok(rows.into_iter().filter_map(read).collect())
}
