//! Figures set apart: in the listings' states while they are open, and in the ledger.

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use sea_orm::sqlx::{self, PgConnection};

use crate::ingest::apart::{Apart, Screened};
use crate::sql::execute;

/// Writes what changed of listings whose states are locked.
pub async fn write(
    connection: &mut PgConnection,
    screened: &[(i64, Screened)],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if screened.is_empty() {
        return Ok(());
    }
    let open: Vec<Option<serde_json::Value>> = screened
        .iter()
        .map(|(_, screened)| screened.open.as_ref().map(|apart| serde_json::json!(apart)))
        .collect();
    let update = sqlx::query(
        "update catalog.listing_state s set apart = n.apart
         from unnest($1::bigint[], $2::jsonb[]) as n (listing_id, apart) where s.listing_id = n.listing_id",
    )
    .bind(screened.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind(open);
    execute(connection, update).await?;
    // Of one listing the resolved stand before the open one, of which there is at most one.
    let rows: Vec<(i64, &Apart, Option<&'static str>)> = screened
        .iter()
        .flat_map(|(id, screened)| {
            let resolved = screened
                .resolved
                .iter()
                .map(|(apart, how)| (*id, apart, Some(how.as_str())));
            resolved.chain(screened.open.iter().map(|apart| (*id, apart, None)))
        })
        .collect();
    let insert = sqlx::query(LEDGER)
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.id)
                .collect::<Vec<_>>(),
        )
        .bind(rows.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.observed_at)
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.round)
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.currency.clone())
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.price)
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.list_price)
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.buy_box_price)
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.reason.clone())
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.looks)
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.set_apart_at)
                .collect::<Vec<_>>(),
        )
        .bind(rows.iter().map(|(.., how)| *how).collect::<Vec<_>>())
        .bind(now)
        .bind(
            rows.iter()
                .map(|(_, apart, _)| apart.code.clone())
                .collect::<Vec<_>>(),
        );
    execute(connection, insert).await?;
    Ok(())
}

const LEDGER: &str = "
insert into catalog.quarantine as q (id, listing_id, observed_at, round, currency, price, list_price, buy_box_price, reason,
                                looks, set_apart_at, resolution, code, resolved_at)
select n.*, case when n.resolution is not null then $13::timestamptz end
from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::text[], $10::integer[], $11::timestamptz[], $12::text[], $14::text[])
     as n (id, listing_id, observed_at, round, currency, price, list_price, buy_box_price, reason, looks, set_apart_at,
           resolution, code)
on conflict (id) do update
set (observed_at, round, currency, price, list_price, buy_box_price, reason, code, looks, resolution, resolved_at)
  = (excluded.observed_at, excluded.round, excluded.currency, excluded.price, excluded.list_price,
     excluded.buy_box_price, excluded.reason, coalesce(excluded.code, q.code), excluded.looks, excluded.resolution, excluded.resolved_at)";
