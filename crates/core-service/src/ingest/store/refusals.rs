//! Looks that came to nothing, counted.

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use sea_orm::sqlx::{self, PgConnection};

use crate::sql::execute;

/// A look at a known listing that could not be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The listing.
    pub listing_id: i64,
    /// A stable word for what was wrong.
    pub code: &'static str,
    /// For people.
    pub reason: String,
    /// When the look was.
    pub observed_at: DateTime<Utc>,
}

/// Counts refusals by listing, day and code; one that comes again counts once.
pub async fn count(
    connection: &mut PgConnection,
    mut refusals: Vec<Refusal>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if refusals.is_empty() {
        return Ok(());
    }
    // One row a key, in one order everywhere: two batches wait for each other and never across.
    refusals.sort_by(|a, b| {
        (a.listing_id, a.code, a.observed_at).cmp(&(b.listing_id, b.code, b.observed_at))
    });
    refusals.dedup_by(|a, b| {
        (a.listing_id, a.code, a.observed_at) == (b.listing_id, b.code, b.observed_at)
    });
    let mut rows: Vec<(Refusal, i32)> = Vec::with_capacity(refusals.len());
    for refusal in refusals {
        match rows.last_mut() {
            Some((last, times))
                if (last.listing_id, last.code) == (refusal.listing_id, refusal.code) =>
            {
                *times = times.saturating_add(1);
                *last = refusal;
            }
            _ => rows.push((refusal, 1)),
        }
    }
    let insert = sqlx::query(COUNT)
        .bind(
            rows.iter()
                .map(|(row, _)| row.listing_id)
                .collect::<Vec<_>>(),
        )
        .bind(rows.iter().map(|(row, _)| row.code).collect::<Vec<_>>())
        .bind(
            rows.iter()
                .map(|(row, _)| row.reason.clone())
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(row, _)| row.observed_at)
                .collect::<Vec<_>>(),
        )
        .bind(rows.iter().map(|(_, times)| *times).collect::<Vec<_>>())
        .bind(now.date_naive());
    execute(connection, insert).await?;
    Ok(())
}

const COUNT: &str = "
insert into catalog.refusal as r (listing_id, day, code, reason, observed_at, times)
select n.listing_id, $6::date, n.code, n.reason, n.observed_at, n.times
from unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::integer[])
     as n (listing_id, code, reason, observed_at, times)
-- One that went with its tenant has nothing to count.
where exists (select from catalog.listing l where l.id = n.listing_id)
on conflict (listing_id, day, code) do update
set (reason, observed_at, times) = (excluded.reason, excluded.observed_at, r.times + excluded.times)
where excluded.observed_at > r.observed_at";
