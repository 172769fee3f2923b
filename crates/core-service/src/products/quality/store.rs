//! Reading the ledger through the tenant's own views.

use chrono::{DateTime, Utc};
use db::TenantTx;
use domain::observation::Offer;
use http_kit::ApiResult;
use sea_orm::FromQueryResult;
use sea_orm::sqlx::{self, AssertSqlSafe};

use super::view::{ApartRow, FieldQuality, Recent, Refused, SeenBy};
use crate::error::database;
use crate::sql::{fetch, statement};
use crate::values::offer_code;

/// Each figure and the rows of history that hold it.
fn fields() -> [(&'static str, String); 9] {
    let offered = offer_code(Offer::Offered);
    [
        ("price", format!("offer = {offered}")),
        ("list_price", "list_price is not null".to_owned()),
        ("buy_box", "buy_box_price is not null".to_owned()),
        ("availability", "availability <> 'unknown'".to_owned()),
        ("in_stock", "in_stock is not null".to_owned()),
        ("stock_quantity", "stock_quantity is not null".to_owned()),
        ("rank", "rank is not null".to_owned()),
        ("rating", "rating_hundredths is not null".to_owned()),
        ("review_count", "review_count is not null".to_owned()),
    ]
}

#[derive(FromQueryResult)]
struct FieldRow {
    field: String,
    last_seen_at: Option<DateTime<Utc>>,
    origin: Option<i16>,
    current: bool,
}

/// When each figure was last really seen. A row that repeats the one before is a look as well: a figure was last seen at
/// the last row before the first full one without it.
pub async fn fields_of(tx: &TenantTx, product_id: i64) -> ApiResult<Vec<FieldQuality>> {
    let parts = fields().map(|(field, held)| {
        format!(
            r#"select '{field}' as field, s.observed_at as last_seen_at, s.origin,
                      coalesce(n.observed_at is null and f.observed_at is not null, false) as current
               from (values (1)) as one (one)
               left join lateral (
                   select h.observed_at from catalog.product_history h
                   where h.listing_id = $1 and h."full" and h.{held}
                   order by h.observed_at desc limit 1) f on true
               left join lateral (
                   select h.observed_at from catalog.product_history h
                   where h.listing_id = $1 and h."full" and h.observed_at > f.observed_at
                   order by h.observed_at limit 1) n on true
               left join lateral (
                   select h.observed_at, h.origin from catalog.product_history h
                   where h.listing_id = $1 and h.observed_at >= f.observed_at
                     and (n.observed_at is null or h.observed_at < n.observed_at)
                   order by h.observed_at desc limit 1) s on true"#
        )
    });
    let query = sqlx::query(AssertSqlSafe(parts.join(" union all "))).bind(product_id);
    let rows: Vec<FieldRow> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    Ok(rows
        .into_iter()
        .map(|row| FieldQuality {
            field: row.field,
            last_seen_at: row.last_seen_at,
            seen_by: row.origin.map(SeenBy::of),
            current: row.current,
        })
        .collect())
}

/// When what the listing says of itself last changed.
pub async fn content_changed_at(
    tx: &TenantTx,
    product_id: i64,
) -> ApiResult<Option<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Row {
        content_at: Option<DateTime<Utc>>,
    }
    let row = Row::find_by_statement(statement(
        "select content_at from catalog.product where id = $1",
        [product_id.into()],
    ))
    .one(tx)
    .await
    .map_err(database)?;
    Ok(row.and_then(|row| row.content_at))
}

/// What stands apart or stood apart since then, the open one first, then the newest; at most 21.
pub async fn set_apart(
    tx: &TenantTx,
    product_id: i64,
    since: DateTime<Utc>,
) -> ApiResult<Vec<ApartRow>> {
    ApartRow::find_by_statement(statement(
        "select id, observed_at, set_apart_at, reason, code, looks, currency, price, list_price, buy_box_price, resolution,
                resolved_at
         from catalog.product_quarantine
         where listing_id = $1 and (resolved_at is null or set_apart_at >= $2)
         order by resolved_at is not null, set_apart_at desc limit 21",
        [product_id.into(), since.into()],
    ))
    .all(tx)
    .await
    .map_err(database)
}

/// What was refused since then, the newest first.
pub async fn refused(
    tx: &TenantTx,
    product_id: i64,
    since: DateTime<Utc>,
) -> ApiResult<Vec<Refused>> {
    Refused::find_by_statement(statement(
        "select code, reason, day, observed_at, times from catalog.product_refusal
         where listing_id = $1 and day >= $2 order by day desc, observed_at desc limit 100",
        [product_id.into(), since.date_naive().into()],
    ))
    .all(tx)
    .await
    .map_err(database)
}

/// Counts since then.
pub async fn recent(tx: &TenantTx, product_id: i64, since: DateTime<Utc>) -> ApiResult<Recent> {
    let row = Recent::find_by_statement(statement(
        "select count(*) as set_apart, count(*) filter (where q.resolution = 'confirmed') as confirmed,
                count(*) filter (where q.resolution = 'dismissed') as dismissed,
                (select coalesce(sum(r.times), 0)::bigint from catalog.product_refusal r
                 where r.listing_id = $1 and r.day >= $3) as refused
         from catalog.product_quarantine q
         where q.listing_id = $1 and (q.resolved_at is null or q.set_apart_at >= $2)",
        [
            product_id.into(),
            since.into(),
            since.date_naive().into(),
        ],
    ))
    .one(tx)
    .await
    .map_err(database)?;
    Ok(row.unwrap_or_default())
}
