//! History read backwards.

use chrono::{DateTime, Utc};
use domain::observation::Values;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use crate::ingest::recalled::LastMoves;
use crate::sql::{execute, fetch};
use crate::values::{VALUES_COLUMNS, ValuesRow};

/// Points read at a time.
const PAGE: i64 = 500;

/// The newest points of a listing that have values of their own, or the next ones before an instant.
pub async fn values(
    connection: &mut PgConnection,
    listing_id: i64,
    before: Option<DateTime<Utc>>,
) -> Result<Vec<(DateTime<Utc>, Values)>, DbErr> {
    #[derive(FromQueryResult)]
    struct PointRow {
        observed_at: DateTime<Utc>,
        #[sea_orm(nested)]
        values: ValuesRow,
    }
    let sql = format!(
        r#"select observed_at, {VALUES_COLUMNS} from catalog.history
           where listing_id = $1 and "full" and observed_at < coalesce($2, 'infinity')
           order by observed_at desc limit {PAGE}"#
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(listing_id)
        .bind(before);
    let rows: Vec<PointRow> = fetch(connection, query).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.observed_at, row.values.into()))
        .collect())
}

/// Writes what moved last into the listings' states.
pub async fn write_moves(
    connection: &mut PgConnection,
    found: Vec<(i64, LastMoves)>,
) -> Result<(), DbErr> {
    if found.is_empty() {
        return Ok(());
    }
    let instants = |pick: fn(&LastMoves) -> Option<DateTime<Utc>>| {
        found
            .iter()
            .map(|(_, found)| pick(found))
            .collect::<Vec<_>>()
    };
    let changes = |pick: fn(&LastMoves) -> Option<i64>| {
        found
            .iter()
            .map(|(_, found)| pick(found))
            .collect::<Vec<_>>()
    };
    let update = sqlx::query(
        "update catalog.listing_state s
         set (changed_at, price_change_bp, price_changed_at, rank_change_bp, rank_changed_at)
           = (n.changed_at, n.price_change, n.price_at, n.rank_change, n.rank_at)
         from unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::timestamptz[], $5::bigint[], $6::timestamptz[])
              as n (listing_id, changed_at, price_change, price_at, rank_change, rank_at)
         where s.listing_id = n.listing_id",
    )
    .bind(found.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind(instants(|found| found.changed_at))
    .bind(changes(|found| found.price.change))
    .bind(instants(|found| found.price.at))
    .bind(changes(|found| found.rank.change))
    .bind(instants(|found| found.rank.at));
    execute(connection, update).await?;
    Ok(())
}
